/** The seven operations: where each is found, what it accepts, and what it does. */
import type * as v from 'valibot';
import { type JobAnswer, type JobSummary, defined } from './answers.ts';
import { createJob } from './create-job.ts';
import { ApiError, invalid } from './errors.ts';
import type { CallContext, RawCall } from './call.ts';
import { findJob } from './find-job.ts';
import type { OperationName } from './faults.ts';
import {
  CreateRequest,
  JobRequest,
  ListRequest,
  ListTagsRequest,
  TagRequest,
  UntagRequest,
} from '../service-model/model.ts';
import { readPage } from './page.ts';
import { check, summarize } from '../service-model/validation.ts';
import { listTags, tag, untag } from './tags.ts';
import { asGetTells, asListTells } from './told-times.ts';

export interface Operation {
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
  asGetTells(context.store.answer(findJob(jobIdentifier, context), context.now), context.faults);

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
      asListTells(summaryOf(store.answer(job, now), job.listedBaseModelArn), faults),
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
