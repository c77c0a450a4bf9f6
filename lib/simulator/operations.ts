/** All operations, and what those on jobs and tags do. */
import { ApiError, type CallContext } from './call.ts';
import { CLOUDWATCH_OPERATIONS } from './cloudwatch.ts';
import { createJob } from './create-job.ts';
import type { OperationName } from './faults.ts';
import {
  find,
  findTagged,
  type Operation,
  operation,
  type Tag,
  withGetFaults,
  withListFaults,
  withTags,
} from './kind-operations.ts';
import { defined, type JobAnswer, type JobSummary } from './life.ts';
import { readPage } from './list.ts';
import { MODEL_OPERATIONS } from './model-operations.ts';
import {
  CreateRequest,
  JobRequest,
  ListRequest,
  ListTagsRequest,
  TagRequest,
  UntagRequest,
} from '../service-model/model.ts';

const listTags = ({ resourceARN }: ListTagsRequest, context: CallContext): { readonly tags: readonly Tag[] } => ({
  tags: [...findTagged(resourceARN, context).tags].map(([key, value]) => ({ key, value })),
});

const tag = ({ resourceARN, tags }: TagRequest, context: CallContext): object => {
  const tagged = findTagged(resourceARN, context);
  for (const [key, value] of withTags(tagged.tags, tags, resourceARN)) tagged.tags.set(key, value);
  return {};
};

const untag = ({ resourceARN, tagKeys }: UntagRequest, context: CallContext): object => {
  const tagged = findTagged(resourceARN, context);
  for (const key of tagKeys) tagged.tags.delete(key);
  return {};
};

/** Loaded jobs have no plan. */
const STATIC_STOPPING_MS = 120_000;

const getJob = ({ jobIdentifier }: JobRequest, context: CallContext): JobAnswer =>
  withGetFaults(context.store.answer(find(context.store, jobIdentifier, context), context.now), context.faults);

const stopJob = ({ jobIdentifier }: JobRequest, context: CallContext): object => {
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

const summaryOf = (job: JobAnswer, listedBaseModelArn = job.baseModelArn): JobSummary =>
  defined({
    jobArn: job.jobArn,
    baseModelArn: listedBaseModelArn,
    jobName: job.jobName,
    status: job.status,
    statusDetails: job.statusDetails,
    lastModifiedTime: job.lastModifiedTime,
    creationTime: job.creationTime,
    endTime: job.endTime,
    customModelArn: job.outputModelArn,
    customModelName: job.outputModelName,
    customizationType: job.customizationType,
  });

const listJobs = (request: ListRequest, { store, caller, now, faults }: CallContext): object => {
  const { items, nextToken } = readPage(store.kind.noun, store.in(caller), request);
  return defined({
    nextToken,
    modelCustomizationJobSummaries: items.map((job) =>
      withListFaults(summaryOf(store.answer(job, now), job.listedBaseModelArn), faults),
    ),
  });
};

const JOBS = '/model-customization-jobs';

export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  CreateModelCustomizationJob: operation(`POST ${JOBS}`, CreateRequest, createJob, 201),
  GetModelCustomizationJob: operation(`GET ${JOBS}/{jobIdentifier}`, JobRequest, getJob),
  ListModelCustomizationJobs: operation(`GET ${JOBS}`, ListRequest, listJobs),
  StopModelCustomizationJob: operation(`POST ${JOBS}/{jobIdentifier}/stop`, JobRequest, stopJob),
  ListTagsForResource: operation('POST /listTagsForResource', ListTagsRequest, listTags, 200, false),
  TagResource: operation('POST /tagResource', TagRequest, tag),
  UntagResource: operation('POST /untagResource', UntagRequest, untag),
  ...MODEL_OPERATIONS,
  ...CLOUDWATCH_OPERATIONS,
};
