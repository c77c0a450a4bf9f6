import {
  AccessDeniedException,
  BedrockClient,
  GetModelCustomizationJobCommand,
  ListTagsForResourceCommand,
  paginateListModelCustomizationJobs,
  ResourceNotFoundException,
  ValidationException,
  type ListModelCustomizationJobsCommandInput,
  type ModelCustomizationJobStatus,
} from '@aws-sdk/client-bedrock';
import type { ListedJob } from '../domain/drift.ts';
import { TrackerError } from '../domain/errors.ts';
import { catalogFields } from '../domain/normalize.ts';
import { formatScope, type Scope } from '../domain/scope.ts';
import { asSentence } from '../domain/wording.ts';
import type { BedrockJobs, BedrockOf, ListJobsQuery } from '../tracking/ports.ts';
import { keepPace } from './keep-pace.ts';
import { requestHandlerOf, type Patience } from './patience.ts';
import { spokeCredentials, type SpokeAccess } from './spoke-credentials.ts';

/** The most that List gives a page. */
const PAGE_SIZE = 1000;

/**
 * A client of a scope that outlasts throttling and does not hang: it slows down to the rate that Bedrock grants the
 * scope (no limits are published for these calls). Keep it: it holds the session of the scope's role.
 */
export const createBedrockClient = (scope: Scope, patience: Patience, spokes?: SpokeAccess): BedrockClient => {
  const credentials = spokeCredentials(spokes, scope, patience);
  const client = new BedrockClient({
    region: scope.region,
    // Whatever the environment says: the SDK's adaptive retries would hold calls back too.
    retryMode: 'standard',
    maxAttempts: patience.maxAttempts,
    requestHandler: requestHandlerOf(patience),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return keepPace(client);
};

export const listJobsInput = ({ status, createdBefore }: ListJobsQuery): ListModelCustomizationJobsCommandInput => ({
  maxResults: PAGE_SIZE,
  sortBy: 'CreationTime',
  sortOrder: 'Descending',
  ...(status === undefined ? {} : { statusEquals: status as ModelCustomizationJobStatus }),
  ...(createdBefore === undefined ? {} : { creationTimeBefore: new Date(createdBefore) }),
});

/** The error in words that a person can act on; what this project has nothing to say about stays as it is. */
const translate = (error: unknown, call: string, subject: string, scope: Scope): unknown => {
  const place = `account ${scope.accountId}, Region ${scope.region}`;
  if (error instanceof ResourceNotFoundException && call === 'ListTagsForResource') {
    return new TrackerError('TAGS_NOT_FOUND', `Bedrock knows no tags of ${subject} in ${place}.`, { cause: error });
  }
  if (error instanceof ResourceNotFoundException) {
    return new TrackerError('JOB_NOT_FOUND', `Bedrock knows no customization job ${subject} in ${place}.`, {
      cause: error,
    });
  }
  if (error instanceof AccessDeniedException) {
    return new TrackerError(
      'ACCESS_DENIED',
      `Not allowed to call bedrock:${call} for ${subject} in ${place}: ${asSentence(error.message)} ` +
        'Grant the call to the role that reads this scope, and look for a service control policy that denies it.',
      { cause: error },
    );
  }
  if (error instanceof ValidationException) {
    return new TrackerError('INVALID_JOB', `Bedrock refused ${call} for ${subject} in ${place}: ${error.message}`, {
      cause: error,
    });
  }
  return error;
};

const tryCall = async <T>(call: string, subject: string, scope: Scope, send: () => Promise<T>): Promise<T> => {
  try {
    return await send();
  } catch (error) {
    throw translate(error, call, `"${subject}"`, scope);
  }
};

const listedJob = (summary: Readonly<Record<string, unknown>>): ListedJob => {
  const fields = catalogFields(summary) as Partial<ListedJob> & Pick<ListedJob, 'job_arn'>;
  const { job_arn, status, status_details, creation_time, last_modified_time, end_time } = fields;
  return {
    job_arn,
    ...(status === undefined ? {} : { status }),
    ...(status_details === undefined ? {} : { status_details }),
    ...(creation_time === undefined ? {} : { creation_time }),
    ...(last_modified_time === undefined ? {} : { last_modified_time }),
    ...(end_time === undefined ? {} : { end_time }),
  };
};

/** Bedrock's jobs of one scope by a client of that scope's Region and account. */
export const bedrockJobs = (client: BedrockClient, scope: Scope): BedrockJobs => ({
  getJob: (jobIdentifier) =>
    tryCall('GetModelCustomizationJob', jobIdentifier, scope, async () => {
      const { $metadata: _, ...answer } = await client.send(new GetModelCustomizationJobCommand({ jobIdentifier }));
      return answer;
    }),

  listTags: (jobArn) =>
    tryCall('ListTagsForResource', jobArn, scope, async () => {
      const { tags } = await client.send(new ListTagsForResourceCommand({ resourceARN: jobArn }));
      return Object.fromEntries((tags ?? []).map(({ key, value }) => [key ?? '', value ?? '']));
    }),

  async *listJobs(query) {
    try {
      const pages = paginateListModelCustomizationJobs({ client, pageSize: PAGE_SIZE }, listJobsInput(query));
      for await (const page of pages) {
        for (const summary of page.modelCustomizationJobSummaries ?? []) yield listedJob({ ...summary });
      }
    } catch (error) {
      throw translate(error, 'ListModelCustomizationJobs', 'all jobs', scope);
    }
  },
});

/** Bedrock of each tracked scope, with one client a scope, made when it is needed. A scope outside of these is refused. */
export const bedrockOfScopes = (scopes: readonly Scope[], createClient: (scope: Scope) => BedrockClient): BedrockOf => {
  const tracked = new Set(scopes.map(formatScope));
  const clients = new Map<string, BedrockClient>();
  return (scope) => {
    const key = formatScope(scope);
    if (!tracked.has(key)) {
      throw new TrackerError(
        'SCOPE_NOT_TRACKED',
        `Account ${scope.accountId}, Region ${scope.region} is not tracked here; tracked are ${[...tracked].join(', ')}.`,
      );
    }
    const client = clients.get(key) ?? createClient(scope);
    clients.set(key, client);
    return bedrockJobs(client, scope);
  };
};
