import {
  AccessDeniedException,
  BedrockClient,
  GetModelCustomizationJobCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  ValidationException,
  type ListModelCustomizationJobsCommandInput,
  type ModelCustomizationJobStatus,
  type ModelCustomizationJobSummary,
  type Tag,
} from '@aws-sdk/client-bedrock';
import type { ListedJob } from '../domain/drift.ts';
import { TrackerError } from '../domain/errors.ts';
import { catalogFields, wrongFields } from '../domain/normalize.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import { asSentence, oneLine } from '../domain/text.ts';
import type { BedrockJobs, BedrockOf, ListJobsQuery } from '../tracking/ports.ts';
import { limitRate } from './rate-limiter.ts';
import { isUnreadable, listPages, readAhead } from './list-pages.ts';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';
import { spokeCredentials, type SpokeAccess } from './spoke-credentials.ts';

/** List's maximum. */
const PAGE_SIZE = 1000;

/**
 * A client of one scope, which keeps to the rate that Bedrock allows (AWS publishes no limits for these calls) and does
 * not hang. Keep it: it holds the session of the scope's role.
 */
export const createBedrockClient = (scope: Scope, timeouts: Timeouts, spokes?: SpokeAccess): BedrockClient => {
  const credentials = spokeCredentials(spokes, scope, timeouts);
  const client = new BedrockClient({
    region: scope.region,
    ...clientSettingsOf(timeouts),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return limitRate(client);
};

export const listJobsInput = ({ status, createdBefore }: ListJobsQuery): ListModelCustomizationJobsCommandInput => ({
  maxResults: PAGE_SIZE,
  sortBy: 'CreationTime',
  sortOrder: 'Descending',
  ...(status === undefined ? {} : { statusEquals: status as ModelCustomizationJobStatus }),
  ...(createdBefore === undefined ? {} : { creationTimeBefore: new Date(createdBefore) }),
});

/** Turns known errors into ones that a person can act on; others stay as they are. */
const translate = (error: unknown, call: string, subject: string, scope: Scope): unknown => {
  const place = `account ${scope.accountId}, Region ${scope.region}`;
  if (error instanceof ResourceNotFoundException && call === 'ListTagsForResource') {
    return new TrackerError('TAGS_NOT_FOUND', `Bedrock has no tags of ${subject} in ${place}.`, { cause: error });
  }
  if (error instanceof ResourceNotFoundException) {
    return new TrackerError('JOB_NOT_FOUND', `Bedrock has no customization job ${subject} in ${place}.`, {
      cause: error,
    });
  }
  if (error instanceof AccessDeniedException) {
    return new TrackerError(
      'ACCESS_DENIED',
      `Not allowed to call bedrock:${call} for ${subject} in ${place}: ${asSentence(error.message)} ` +
        'Allow the call in the role that reads this scope, and check for a service control policy that denies it.',
      { cause: error },
    );
  }
  if (error instanceof ValidationException) {
    return new TrackerError('INVALID_JOB', `Bedrock refused ${call} for ${subject} in ${place}: ${error.message}`, {
      cause: error,
    });
  }
  if (isUnreadable(error)) {
    // The second line is about a field of the SDK's error.
    const [why = ''] = String(error).split('\n');
    return unreadable(call, subject, scope, oneLine(why, 200), error);
  }
  return error;
};

const unreadable = (call: string, subject: string, { accountId, region }: Scope, why: string, cause?: unknown) =>
  new TrackerError(
    'INVALID_JOB',
    `Could not read Bedrock's answer to ${call} for ${subject} in account ${accountId}, Region ${region}: ${asSentence(why)}`,
    { cause },
  );

const tryCall = async <T>(call: string, subject: string, scope: Scope, send: () => Promise<T>): Promise<T> => {
  try {
    return await send();
  } catch (error) {
    throw translate(error, call, `"${subject}"`, scope);
  }
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
const listedJob = (summary: Readonly<Record<string, unknown>>, scope: Scope, wrongTimes?: string): ListedJob => {
  const compared = COMPARED.map((field): [string, unknown] => [field, summary[field]]);
  const catalogued = catalogFields(Object.fromEntries(compared));
  const wrong = wrongFields(catalogued);
  const { job_arn, status, status_details, creation_time, last_modified_time, end_time } = Object.fromEntries(
    Object.entries(catalogued).filter(([name]) => !wrong.some((path) => path.split('.')[0] === name)),
  ) as Partial<ListedJob>;
  if (job_arn === undefined)
    throw unreadable('ListModelCustomizationJobs', 'all jobs', scope, 'it lists a job without an ARN');
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

const isTextOrAbsent = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';

/** Tags by key, or undefined if they are not a list of keys and values: the SDK does not check. */
const tagsOf = (tags: unknown = []): Readonly<Record<string, string>> | undefined => {
  if (!Array.isArray(tags)) return undefined;
  const pairs = tags.map((tag): Partial<Tag> => Object(tag) as Partial<Tag>);
  if (!pairs.every(({ key, value }) => isTextOrAbsent(key) && isTextOrAbsent(value))) return undefined;
  return Object.fromEntries(pairs.map(({ key, value }) => [key ?? '', value ?? '']));
};

export const bedrockJobs = (client: BedrockClient, scope: Scope): BedrockJobs => ({
  getJob: (jobIdentifier) =>
    tryCall('GetModelCustomizationJob', jobIdentifier, scope, async () => {
      const { $metadata: _, ...answer } = await client.send(new GetModelCustomizationJobCommand({ jobIdentifier }));
      // A lost body is not an answer: a look that saw nothing must not count as one.
      if (Object.values(answer).some((value) => value !== undefined)) return answer;
      throw unreadable('GetModelCustomizationJob', `"${jobIdentifier}"`, scope, 'it is empty');
    }),

  listTags: (jobArn) =>
    tryCall('ListTagsForResource', jobArn, scope, async () => {
      const { tags } = await client.send(new ListTagsForResourceCommand({ resourceARN: jobArn }));
      const byKey = tagsOf(tags);
      if (byKey !== undefined) return byKey;
      throw unreadable('ListTagsForResource', `"${jobArn}"`, scope, 'its tags are not a list of keys and values');
    }),

  async *listJobs(query) {
    try {
      for await (const { summaries, unreadable: wrongTimes } of readAhead(listPages(client, listJobsInput(query)))) {
        if (!Array.isArray(summaries))
          throw unreadable('ListModelCustomizationJobs', 'all jobs', scope, 'its jobs are not a list');
        for (const one of summaries) {
          const summary = Object(one) as Readonly<Record<string, unknown>>;
          yield listedJob(summary, scope, wrongTimes.get(summary['jobArn']));
        }
      }
    } catch (error) {
      throw translate(error, 'ListModelCustomizationJobs', 'all jobs', scope);
    }
  },
});

/** One client for each tracked scope, made on demand. Throws SCOPE_NOT_TRACKED for any other scope. */
export const bedrockOfScopes = (scopes: readonly Scope[], createClient: (scope: Scope) => BedrockClient): BedrockOf => {
  const tracked = new Set(scopes.map(formatScope));
  const clients = new Map<string, BedrockClient>();
  return (scope) => {
    const key = formatScope(scope);
    if (!tracked.has(key)) {
      throw new TrackerError(
        'SCOPE_NOT_TRACKED',
        `Account ${scope.accountId}, Region ${scope.region} is not tracked. Tracked: ${[...tracked].join(', ')}.`,
      );
    }
    const client = clients.get(key) ?? createClient(scope);
    clients.set(key, client);
    return bedrockJobs(client, scope);
  };
};
