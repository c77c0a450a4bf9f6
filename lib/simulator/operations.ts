/** All operations, and what those on jobs and tags do. */
import type * as v from 'valibot';
import { ApiError, type CallContext, invalid, type RawCall } from './call.ts';
import { getMetricData } from './cloudwatch.ts';
import { createJob } from './create-job.ts';
import { find, findTagged, type Tag, withGetFaults, withListFaults, withTags } from './kind-operations.ts';
import { defined, type JobAnswer, type JobSummary } from './life.ts';
import { readPage } from './list.ts';
import { MODEL_OPERATIONS } from './model-operations.ts';
import { OPERATIONS as MODELLED, type OperationName, type RequestOf } from '../service-model/model.ts';
import { check, summarize } from '../service-model/validation.ts';

const listTags = (
  { resourceARN }: RequestOf<'ListTagsForResource'>,
  context: CallContext,
): { readonly tags: readonly Tag[] } => ({
  tags: [...findTagged(resourceARN, context).tags].map(([key, value]) => ({ key, value })),
});

const tag = ({ resourceARN, tags }: RequestOf<'TagResource'>, context: CallContext): object => {
  const tagged = findTagged(resourceARN, context);
  for (const [key, value] of withTags(tagged.tags, tags, resourceARN)) tagged.tags.set(key, value);
  return {};
};

const untag = ({ resourceARN, tagKeys }: RequestOf<'UntagResource'>, context: CallContext): object => {
  const tagged = findTagged(resourceARN, context);
  for (const key of tagKeys) tagged.tags.delete(key);
  return {};
};

/** Loaded jobs have no plan. */
const STATIC_STOPPING_MS = 120_000;

const getJob = ({ jobIdentifier }: RequestOf<'GetModelCustomizationJob'>, context: CallContext): JobAnswer =>
  withGetFaults(context.store.answer(find(context.store, jobIdentifier, context), context.now), context.faults);

const stopJob = ({ jobIdentifier }: RequestOf<'StopModelCustomizationJob'>, context: CallContext): object => {
  const job = find(context.store, jobIdentifier, context);
  if (job.status !== 'InProgress')
    throw new ApiError(
      'ConflictException',
      `The model customization job cannot be stopped: its status is ${job.status ?? 'unknown'}, not InProgress.`,
    );
  const stoppingMs = job.plan?.stoppingMs ?? Math.max(1, Math.round(STATIC_STOPPING_MS / context.plans.speed));
  context.store.requestStop(job, context.now, context.now + stoppingMs);
  return {};
};

const summaryOf = (job: JobAnswer, listedBaseModelArn = job.baseModelArn): JobSummary => {
  const { jobArn, jobName, status, statusDetails, lastModifiedTime, creationTime, endTime, customizationType } = job;
  return defined({
    ...{ jobArn, jobName, status, statusDetails, lastModifiedTime, creationTime, endTime, customizationType },
    ...{ baseModelArn: listedBaseModelArn, customModelArn: job.outputModelArn, customModelName: job.outputModelName },
  });
};

const listJobs = (
  request: RequestOf<'ListModelCustomizationJobs'>,
  { store, caller, now, faults }: CallContext,
): object => {
  const { items, nextToken } = readPage(store.kind.noun, store.in(caller), request);
  return defined({
    nextToken,
    modelCustomizationJobSummaries: items.map((job) =>
      withListFaults(summaryOf(store.answer(job, now), job.listedBaseModelArn), faults),
    ),
  });
};

const RUN: {
  readonly [Name in OperationName]: (request: RequestOf<Name>, context: CallContext, identifier: string) => object;
} = {
  CreateModelCustomizationJob: createJob,
  GetModelCustomizationJob: getJob,
  ListModelCustomizationJobs: listJobs,
  StopModelCustomizationJob: stopJob,
  ListTagsForResource: listTags,
  TagResource: tag,
  UntagResource: untag,
  ...MODEL_OPERATIONS,
  GetMetricData: getMetricData,
};

interface Operation {
  readonly method: string;
  readonly path: RegExp;
  readonly successStatus: number;
  /** True where CloudTrail's events are of interest: the calls that change something. */
  readonly audited: boolean;
  readonly input: (call: RawCall) => unknown;
  readonly run: (input: unknown, context: CallContext) => object;
}

const operationOf = (name: OperationName): Operation => {
  const { route, request: schema, successStatus } = MODELLED[name];
  const run = RUN[name] as (request: unknown, context: CallContext, identifier: string) => object;
  const [method = '', template = ''] = route.split(' ');
  const member = /\{(\w+)\}/.exec(template)?.[1];
  return {
    method,
    // An empty identifier is a call for one resource with a bad name, not a call for the list.
    path: new RegExp(`^${template.replace(/\{\w+\}/, '(?<identifier>[^/]*)')}$`),
    successStatus,
    audited: !/^(?:Get|List)/.test(name),
    input: ({ identifier, query, body }) => {
      if (member !== undefined) return { ...(body as object), [member]: identifier };
      return method === 'GET' ? query : body;
    },
    run: (raw, context) => {
      const { request, problems } = check<v.GenericSchema>(schema, raw);
      if (problems) throw invalid(summarize(problems));
      return run(request, context, String((raw as Readonly<Record<string, unknown>>)[member ?? '']));
    },
  };
};

export const OPERATIONS = Object.fromEntries(
  Object.keys(MODELLED).map((name) => [name, operationOf(name as OperationName)]),
) as Readonly<Record<OperationName, Operation>>;
