import {
  GetModelCustomizationJobCommand,
  type BedrockClient,
  type ListModelCustomizationJobsCommandInput,
  type ModelCustomizationJobStatus,
  type ModelCustomizationJobSummary,
} from '@aws-sdk/client-bedrock';
import type { ListedJob } from '../domain/drift.ts';
import { catalogFields, wrongFields } from '../domain/normalize.ts';
import type { Scope } from '../domain/identity.ts';
import type { BedrockJobs, BedrockOf, ListJobsQuery } from '../tracking/ports.ts';
import {
  callsOf,
  clientsOfScopes,
  createBedrockClient,
  PAGE_SIZE,
  type ErrorNames,
  type Summary,
} from './bedrock-calls.ts';

export { createBedrockClient };

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
  const { job_arn, status, status_details, creation_time, last_modified_time, end_time } = Object.fromEntries(
    Object.entries(catalogued).filter(([name]) => !wrong.some((path) => path.split('.')[0] === name)),
  ) as Partial<ListedJob>;
  if (job_arn === undefined) return undefined;
  return {
    job_arn,
    ...(status === undefined ? {} : { status }),
    ...(status_details === undefined ? {} : { status_details }),
    ...(creation_time === undefined ? {} : { creation_time }),
    ...(last_modified_time === undefined ? {} : { last_modified_time }),
    ...(end_time === undefined ? {} : { end_time }),
    ...(wrongTimes === undefined
      ? {}
      : { problem: `Bedrock lists the job with an invalid time: ${wrongTimes}. The rest of it was read.` }),
  };
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

/** Throws SCOPE_NOT_TRACKED for a scope that is not among these. */
export const bedrockOfScopes = (scopes: readonly Scope[], createClient: (scope: Scope) => BedrockClient): BedrockOf => {
  const clientOf = clientsOfScopes(scopes, createClient);
  return (scope) => bedrockJobs(clientOf(scope), scope);
};
