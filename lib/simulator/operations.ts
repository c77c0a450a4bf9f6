/** The operations: where each is found, what it accepts, and what it does. */
import type * as v from 'valibot';
import { defined, type JobAnswer, type JobSummary } from './life.ts';
import { createJob } from './create-job.ts';
import { ApiError, type CallContext, invalid, type RawCall } from './call.ts';
import type { OperationName } from './faults.ts';
import * as model from '../service-model/model.ts';
import {
  CreateRequest,
  JobRequest,
  ListRequest,
  ListTagsRequest,
  TagRequest,
  UntagRequest,
} from '../service-model/model.ts';
import { find, findTagged, type Tag, withGetFaults, withListFaults, withTags } from './kind-operations.ts';
import { readPage } from './list.ts';
import * as models from './model-operations.ts';
import { check, summarize } from '../service-model/validation.ts';

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

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface Operation {
  readonly method: Method;
  readonly path: RegExp;
  readonly successStatus: 200 | 201 | 202;
  /** True where CloudTrail's events are of interest: the calls that change something. */
  readonly audited: boolean;
  readonly input: (call: RawCall) => unknown;
  readonly run: (input: unknown, context: CallContext) => object;
}

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

const operation = <Schema extends v.GenericSchema>(
  method: Method,
  path: RegExp,
  schema: Schema,
  input: (call: RawCall) => unknown,
  run: (request: v.InferOutput<Schema>, context: CallContext) => object,
  successStatus: Operation['successStatus'] = 200,
  audited = method !== 'GET',
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
const identifier =
  (member: string) =>
  (call: RawCall): unknown => ({ ...(call.body as object), [member]: call.identifier });
const ofJob = identifier('jobIdentifier');
const ofModel = identifier('modelIdentifier');
const ofDeployment = identifier('customModelDeploymentIdentifier');
const ofThroughput = identifier('provisionedModelId');

const MODELS = /^\/custom-models$/;
const MODEL = /^\/custom-models\/(?<identifier>[^/]*)$/;
const DEPLOYMENTS = /^\/model-customization\/custom-model-deployments$/;
const DEPLOYMENT = /^\/model-customization\/custom-model-deployments\/(?<identifier>[^/]*)$/;
const THROUGHPUTS = /^\/provisioned-model-throughputs$/;
const NEW_THROUGHPUT = /^\/provisioned-model-throughput$/;
const THROUGHPUT = /^\/provisioned-model-throughput\/(?<identifier>[^/]*)$/;

export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  CreateModelCustomizationJob: operation('POST', JOBS, CreateRequest, body, createJob, 201),
  GetModelCustomizationJob: operation('GET', JOB, JobRequest, ofJob, getJob),
  ListModelCustomizationJobs: operation('GET', JOBS, ListRequest, query, listJobs),
  StopModelCustomizationJob: operation('POST', STOP, JobRequest, ofJob, stopJob),
  ListTagsForResource: operation('POST', /^\/listTagsForResource$/, ListTagsRequest, body, listTags, 200, false),
  TagResource: operation('POST', /^\/tagResource$/, TagRequest, body, tag),
  UntagResource: operation('POST', /^\/untagResource$/, UntagRequest, body, untag),
  CreateCustomModel: operation(
    'POST',
    /^\/custom-models\/create-custom-model$/,
    model.CreateModelRequest,
    body,
    models.createModel,
    202,
  ),
  GetCustomModel: operation('GET', MODEL, model.ModelRequest, ofModel, models.getModel),
  ListCustomModels: operation('GET', MODELS, model.ListModelsRequest, query, models.listModels),
  DeleteCustomModel: operation('DELETE', MODEL, model.ModelRequest, ofModel, models.deleteModel),
  CreateCustomModelDeployment: operation(
    'POST',
    DEPLOYMENTS,
    model.CreateDeploymentRequest,
    body,
    models.createDeployment,
    202,
  ),
  GetCustomModelDeployment: operation('GET', DEPLOYMENT, model.DeploymentRequest, ofDeployment, models.getDeployment),
  ListCustomModelDeployments: operation(
    'GET',
    DEPLOYMENTS,
    model.ListDeploymentsRequest,
    query,
    models.listDeployments,
  ),
  UpdateCustomModelDeployment: operation(
    'PATCH',
    DEPLOYMENT,
    model.UpdateDeploymentRequest,
    ofDeployment,
    models.updateDeployment,
    202,
  ),
  DeleteCustomModelDeployment: operation(
    'DELETE',
    DEPLOYMENT,
    model.DeploymentRequest,
    ofDeployment,
    models.deleteDeployment,
  ),
  CreateProvisionedModelThroughput: operation(
    'POST',
    NEW_THROUGHPUT,
    model.CreateThroughputRequest,
    body,
    models.createThroughput,
    201,
  ),
  GetProvisionedModelThroughput: operation(
    'GET',
    THROUGHPUT,
    model.ThroughputRequest,
    ofThroughput,
    models.getThroughput,
  ),
  ListProvisionedModelThroughputs: operation(
    'GET',
    THROUGHPUTS,
    model.ListThroughputsRequest,
    query,
    models.listThroughputs,
  ),
  UpdateProvisionedModelThroughput: operation(
    'PATCH',
    THROUGHPUT,
    model.UpdateThroughputRequest,
    ofThroughput,
    models.updateThroughput,
  ),
  DeleteProvisionedModelThroughput: operation(
    'DELETE',
    THROUGHPUT,
    model.ThroughputRequest,
    ofThroughput,
    models.deleteThroughput,
  ),
};
