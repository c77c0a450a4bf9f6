/** The seven operations: where each is found, what it accepts, and what it does. */
import type * as v from 'valibot';
import { defined, type JobAnswer, type JobSummary, type StatusDetails, type SubTask } from './life.ts';
import { createJob, type Tag, withTags } from './create-job.ts';
import { ApiError, type CallContext, invalid, parseArn, partitionOf, type RawCall } from './call.ts';
import type { Faults, OperationName } from './faults.ts';
import {
  CreateRequest,
  JobRequest,
  ListRequest,
  ListTagsRequest,
  TagRequest,
  UntagRequest,
} from '../service-model/model.ts';
import { readPage } from './list.ts';
import { check, summarize } from '../service-model/validation.ts';
import type { Job } from './jobs.ts';
import { assumedRoleArn } from './events.ts';

/** A job by its ARN, or undefined where the ARN names something else or nothing. Foreign accounts and Regions throw. */
const jobByArn = (arn: string, { caller, store }: CallContext): Job | undefined => {
  const parsed = parseArn(arn);
  if (!parsed) return undefined;
  if (parsed.region !== caller.region || parsed.partition !== partitionOf(caller.region))
    throw invalid(`The provided ARN is of the Region ${parsed.region}, and this endpoint serves ${caller.region}.`);
  if (parsed.accountId !== '' && parsed.accountId !== caller.accountId)
    throw new ApiError('AccessDeniedException', `User: ${assumedRoleArn(caller)} has no access to ${arn}`);
  return store.get(arn);
};

/** The job that Get and Stop name. Throws ResourceNotFoundException. */
const findJob = (identifier: string, context: CallContext): Job => {
  const job = identifier.startsWith('arn:')
    ? jobByArn(identifier, context)
    : context.store.in(context.caller).byName.get(identifier);
  if (!job)
    throw new ApiError('ResourceNotFoundException', `The model customization job ${identifier} could not be found.`);
  return job;
};

/** Other kinds of Bedrock resources may have tags, but none of them lives here. */
const taggedJob = (resourceARN: string, context: CallContext): Job => {
  const job = resourceARN.startsWith('arn:') ? jobByArn(resourceARN, context) : undefined;
  if (!job) throw new ApiError('ResourceNotFoundException', `The resource ${resourceARN} could not be found.`);
  return job;
};

const listTags = ({ resourceARN }: ListTagsRequest, context: CallContext): { readonly tags: readonly Tag[] } => ({
  tags: [...taggedJob(resourceARN, context).tags].map(([key, value]) => ({ key, value })),
});

const tag = ({ resourceARN, tags }: TagRequest, context: CallContext): object => {
  const job = taggedJob(resourceARN, context);
  for (const [key, value] of withTags(job.tags, tags, resourceARN)) job.tags.set(key, value);
  return {};
};

const untag = ({ resourceARN, tagKeys }: UntagRequest, context: CallContext): object => {
  const job = taggedJob(resourceARN, context);
  for (const key of tagKeys) job.tags.delete(key);
  return {};
};

type Times = Partial<Pick<JobAnswer, 'creationTime' | 'lastModifiedTime' | 'endTime'>>;

const TIMES = ['creationTime', 'lastModifiedTime', 'endTime'] as const;

const mapTimes = <Told extends Times>(told: Told, map: (time: string) => string): Told => {
  const mapped: Times = Object.fromEntries(
    TIMES.flatMap((name) => (told[name] === undefined ? [] : [[name, map(told[name])]])),
  );
  return { ...told, ...mapped };
};

const toTheSecond = (time: string): string => time.replace(/\.\d+(?=Z$)/, '');

const withPrecision = <Told extends Times & { readonly statusDetails?: StatusDetails }>(
  told: Told,
  precision: Faults['get']['timePrecision'],
): Told => {
  if (precision === 'milliseconds') return told;
  const { statusDetails } = told;
  const tasks = Object.entries(statusDetails ?? {}).map(([name, task]: [string, SubTask]) => [
    name,
    mapTimes(task, toTheSecond),
  ]);
  return {
    ...mapTimes(told, toTheSecond),
    ...(statusDetails && { statusDetails: Object.fromEntries(tasks) as StatusDetails }),
  };
};

const shifted = (summary: JobSummary, ms: number): JobSummary => {
  const { lastModifiedTime } = summary;
  if (ms === 0 || lastModifiedTime === undefined) return summary;
  return { ...summary, lastModifiedTime: new Date(Date.parse(lastModifiedTime) + ms).toISOString() };
};

/** Get as of a Bedrock that tells the times of one job differently in Get and List. */
const withGetFaults = (job: JobAnswer, { get }: Faults): JobAnswer => withPrecision(job, get.timePrecision);

/** List as of such a Bedrock. */
const withListFaults = (summary: JobSummary, { list }: Faults): JobSummary =>
  withPrecision(shifted(summary, list.modifiedOffsetMs), list.timePrecision);

interface Operation {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly successStatus: 200 | 201;
  /** True where CloudTrail's events are of interest: the calls that change something. */
  readonly audited: boolean;
  readonly input: (call: RawCall) => unknown;
  readonly run: (input: unknown, context: CallContext) => object;
}

/** Loaded jobs have no plan. */
const STATIC_STOPPING_MS = 120_000;

const getJob = ({ jobIdentifier }: JobRequest, context: CallContext): JobAnswer =>
  withGetFaults(context.store.answer(findJob(jobIdentifier, context), context.now), context.faults);

const stopJob = ({ jobIdentifier }: JobRequest, context: CallContext): object => {
  const job = findJob(jobIdentifier, context);
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
  const { jobs, nextToken } = readPage(store.in(caller), request);
  return defined({
    nextToken,
    modelCustomizationJobSummaries: jobs.map((job) =>
      withListFaults(summaryOf(store.answer(job, now), job.listedBaseModelArn), faults),
    ),
  });
};

const operation = <Schema extends v.GenericSchema>(
  method: 'GET' | 'POST',
  path: RegExp,
  schema: Schema,
  input: (call: RawCall) => unknown,
  run: (request: v.InferOutput<Schema>, context: CallContext) => object,
  { audited = false, successStatus = 200 }: Partial<Pick<Operation, 'audited' | 'successStatus'>> = {},
): Operation => ({
  method,
  path,
  successStatus,
  audited,
  input,
  run: (raw, context) => {
    const checked = check(schema, raw);
    if (checked.problems) throw invalid(summarize(checked.problems));
    return run(checked.request, context);
  },
});

const JOBS = /^\/model-customization-jobs$/;
// An empty identifier is a call for one job with a bad name, not a call for the list.
const JOB = /^\/model-customization-jobs\/(?<identifier>[^/]*)$/;
const STOP = /^\/model-customization-jobs\/(?<identifier>[^/]*)\/stop$/;

const body = (call: RawCall): unknown => call.body;
const query = (call: RawCall): unknown => call.query;
const identifier = (call: RawCall): unknown => ({ jobIdentifier: call.identifier });

export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  CreateModelCustomizationJob: operation('POST', JOBS, CreateRequest, body, createJob, {
    audited: true,
    successStatus: 201,
  }),
  GetModelCustomizationJob: operation('GET', JOB, JobRequest, identifier, getJob),
  ListModelCustomizationJobs: operation('GET', JOBS, ListRequest, query, listJobs),
  StopModelCustomizationJob: operation('POST', STOP, JobRequest, identifier, stopJob, { audited: true }),
  ListTagsForResource: operation('POST', /^\/listTagsForResource$/, ListTagsRequest, body, listTags),
  TagResource: operation('POST', /^\/tagResource$/, TagRequest, body, tag, { audited: true }),
  UntagResource: operation('POST', /^\/untagResource$/, UntagRequest, body, untag, { audited: true }),
};
