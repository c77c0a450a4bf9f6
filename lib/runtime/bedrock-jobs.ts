import {
  GetModelCustomizationJobCommand,
  type BedrockClient,
  type ListModelCustomizationJobsCommandInput,
  type ModelCustomizationJobStatus,
  type ModelCustomizationJobSummary,
} from '@aws-sdk/client-bedrock';
import type { ListedJob } from '../domain/drift.ts';
import { catalogFields, problemOf, wrongFields } from '../domain/normalize.ts';
import type { Scope } from '../domain/identity.ts';
import { present } from '../domain/text.ts';
import type { BedrockJobs, ListJobsQuery } from '../tracking/ports.ts';
import { callsOf, PAGE_SIZE, type ErrorNames, type Summary } from './bedrock-calls.ts';

export const listJobsInput = ({ status, createdBefore }: ListJobsQuery): ListModelCustomizationJobsCommandInput => ({
  maxResults: PAGE_SIZE,
  sortBy: 'CreationTime',
  sortOrder: 'Descending',
  ...(status === undefined ? {} : { statusEquals: status as ModelCustomizationJobStatus }),
  ...(createdBefore === undefined ? {} : { creationTimeBefore: new Date(createdBefore) }),
});

const JOB_ERRORS: ErrorNames = {
  notFound: 'JOB_NOT_FOUND',
  invalid: 'INVALID_JOB',
  nouns: { GetModelCustomizationJob: 'customization job' },
};

/** Only what sweeps compare: to translate all fields would be most of a full sweep's work. */
const COMPARED = [
  'jobArn',
  'status',
  'statusDetails',
  'creationTime',
  'lastModifiedTime',
  'endTime',
] as const satisfies readonly (keyof ModelCustomizationJobSummary)[];

/** Leaves out fields that do not match the model: the job then differs from its record, and a look shows the error. */
const listedJob = ({ summary, wrongTimes }: Summary): ListedJob | undefined => {
  const compared = COMPARED.map((field): [string, unknown] => [field, summary[field]]);
  const catalogued = catalogFields(Object.fromEntries(compared));
  const wrong = wrongFields(catalogued);
  const { job_arn, ...rest } = Object.fromEntries(
    Object.entries(catalogued).filter(([name]) => !wrong.some((path) => path.split('.')[0] === name)),
  ) as Partial<ListedJob>;
  return job_arn === undefined ? undefined : present({ job_arn, ...rest, problem: problemOf('the job', wrongTimes) });
};

export const bedrockJobs = (client: BedrockClient, scope: Scope): BedrockJobs => {
  const calls = callsOf(client, scope, JOB_ERRORS);
  return {
    getJob: (jobIdentifier) =>
      calls.get('GetModelCustomizationJob', jobIdentifier, () =>
        client.send(new GetModelCustomizationJobCommand({ jobIdentifier })),
      ),
    listTags: calls.listTags,
    async *listJobs(query) {
      for await (const one of calls.list('ListModelCustomizationJobs', listJobsInput(query), 'jobs')) {
        const job = listedJob(one);
        if (job !== undefined) yield job;
        else throw calls.unreadable('ListModelCustomizationJobs', 'all jobs', 'it lists a job without an ARN');
      }
    },
  };
};
