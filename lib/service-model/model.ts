/**
 * The simulated operations of the service models (bedrock/2023-04-20, and one of CloudWatch), and every constraint on their requests, once. Each
 * schema parses a request without nulls and drops members that the model lacks: see `check` in `validation.ts`.
 */
import * as v from 'valibot';
import { CUSTOMIZATION_TYPES, JOB_STATUSES } from '../domain/record.ts';
import {
  boolean,
  integer,
  list,
  number,
  oneOf,
  optional,
  structure,
  text,
  textMap,
  union,
  type Pattern,
} from './validation.ts';

/**
 * Error messages quote the model's own text. Some of those texts backtrack without end on hostile input
 * (`(-*[a-zA-Z0-9\-])*` is exponential), so matching uses an equivalent expression that reads each character a bounded
 * number of times; tests compare the two. AWS matches the whole text, wherever the model's own anchors stand.
 */
const pattern = (text: string, equivalent = text): Pattern => {
  const expression = new RegExp(`^(?:${equivalent})$`);
  return { text, matches: (value) => expression.test(value) };
};

// Building blocks, as the model repeats them.
const WORD = '[a-z0-9-]{1,63}';
const SUFFIX = `([:]${WORD}){0,2}`;
const BEDROCK = 'arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:';
const JOB_MODEL_ID = `${WORD}[.]{1}${WORD}(${WORD}[.]){0,2}${WORD}${SUFFIX}`;
const BASE_MODEL_ID = `${WORD}[.]{1}${WORD}([.]?${WORD})${SUFFIX}`;
const FOUNDATION_MODEL_ID = `${WORD}[.]{1}(${WORD}[.]){0,2}${WORD}${SUFFIX}`;
const NAME = '[a-zA-Z0-9](-*[a-zA-Z0-9\\+\\-\\.])*';
const MODEL_NAME = '([0-9a-zA-Z][_-]?)+';

// Two neighbouring runs of the same characters are one run of the summed length.
const LINEAR_JOB_MODEL_ID = `${WORD}[.][a-z0-9-]{2,126}([.]${WORD}){0,2}${SUFFIX}`;
const LINEAR_BASE_MODEL_ID = `${WORD}[.]([a-z0-9-]{2,126}|${WORD}[.]${WORD})${SUFFIX}`;
// A dash is itself one of the repeated characters.
const LINEAR_NAME = '[a-zA-Z0-9][a-zA-Z0-9+.-]*';

const jobArn = (modelId: string): string => `${BEDROCK}[0-9]{12}:model-customization-job/${modelId}/[a-z0-9]{12}`;
const jobIdentifier = (modelId: string, name: string): string => `(${jobArn(modelId)})|(${name})`;
const customModelArn = (modelId: string): string =>
  `arn:aws(|-us-gov|-cn|-iso|-iso-b):bedrock:[a-z0-9-]{1,20}:[0-9]{12}:custom-model/(imported|${modelId})/[a-z0-9]{12}`;
const baseModelIdentifier = (modelId: string): string =>
  `(${BEDROCK}(([0-9]{12}:custom-model/(${modelId})/[a-z0-9]{12})|` +
  `(:foundation-model/${WORD}[.]{1}${WORD}${SUFFIX})))|(${modelId})|(${MODEL_NAME})`;
const teacherModelIdentifier = (modelId: string): string =>
  `(${BEDROCK}((:foundation-model/(${modelId})|(${MODEL_NAME})$)|` +
  `([0-9]{12}:inference-profile/[a-zA-Z0-9-:.]+$)))|(${modelId})`;
const taggableArn = (start: string, modelId: string, end: string): string =>
  `${start}(^[a-zA-Z0-9][a-zA-Z0-9\\-]*$)|(^${BEDROCK}[0-9]{12}:custom-model/(imported)/[a-z0-9]{12}$)|` +
  `(^${BEDROCK}([0-9]{12}|)((:(fine-tuning-job|model-customization-job|custom-model)/${modelId}(/[a-z0-9]{12})$)|` +
  '(:guardrail/[a-z0-9]+$)|(:automated-reasoning-policy/[a-zA-Z0-9]+(:[a-zA-Z0-9]+)?$)|' +
  '(:(inference-profile|application-inference-profile)/[a-zA-Z0-9-:.]+$)|' +
  '(:(provisioned-model|model-invocation-job|model-evaluation-job|evaluation-job|model-import-job|imported-model|' +
  'async-invoke|provisioned-model-v2|provisioned-model-reservation|prompt-router|custom-model-deployment)' +
  `/[a-z0-9]{12}$)))${end}`;

/** What GetCustomModel and others take for a model: an ARN, a foundation model's id, or a custom model's name. */
const anyModelIdentifier = (modelId: string): string =>
  `${BEDROCK}(([0-9]{12}:custom-model/((imported)|(${WORD}[.]{1}${WORD}))(${SUFFIX})?/[a-z0-9]{12})|` +
  `(:foundation-model/(${modelId})))|((${modelId}))|(${MODEL_NAME})`;

export const PATTERNS = {
  jobName: pattern(NAME, LINEAR_NAME),
  jobArn: pattern(jobArn(JOB_MODEL_ID), jobArn(LINEAR_JOB_MODEL_ID)),
  jobIdentifier: pattern(jobIdentifier(JOB_MODEL_ID, NAME), jobIdentifier(LINEAR_JOB_MODEL_ID, LINEAR_NAME)),
  customModelName: pattern('([0-9a-zA-Z][_-]?){1,63}'),
  customModelArn: pattern(customModelArn(JOB_MODEL_ID), customModelArn(LINEAR_JOB_MODEL_ID)),
  foundationModelArn: pattern(`${BEDROCK}:foundation-model/${FOUNDATION_MODEL_ID}`),
  modelArn: pattern(
    `${BEDROCK}(([0-9]{12}:custom-model/((imported)|(${WORD}[.]{1}${WORD}))(${SUFFIX})?/[a-z0-9]{12})|` +
      `(:foundation-model/${FOUNDATION_MODEL_ID}))`,
  ),
  modelIdentifier: pattern(anyModelIdentifier(BASE_MODEL_ID), anyModelIdentifier(LINEAR_BASE_MODEL_ID)),
  deploymentIdentifier: pattern(
    '(arn:aws(|-us-gov|-cn|-iso|-iso-b):bedrock:[a-z0-9-]{1,20}:[0-9]{12}:custom-model-deployment/[a-z0-9]{12})|' +
      '^([0-9a-zA-Z][_-]?){1,63}',
  ),
  throughputName: pattern(MODEL_NAME),
  throughputId: pattern(`((${MODEL_NAME})|(${BEDROCK}[0-9]{12}:provisioned-model/[a-z0-9]{12}))`),
  line: pattern('.*'),
  baseModelIdentifier: pattern(baseModelIdentifier(BASE_MODEL_ID), baseModelIdentifier(LINEAR_BASE_MODEL_ID)),
  teacherModelIdentifier: pattern(teacherModelIdentifier(BASE_MODEL_ID), teacherModelIdentifier(LINEAR_BASE_MODEL_ID)),
  taggableResourceArn: pattern(
    taggableArn('.*', JOB_MODEL_ID, '.*'),
    // The model's anchors leave nothing for its `.*` to match.
    taggableArn('', LINEAR_JOB_MODEL_ID, ''),
  ),
  idempotencyToken: pattern('[a-zA-Z0-9]([-a-zA-Z0-9]{0,254}[a-zA-Z0-9])?'),
  roleArn: pattern('arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+'),
  kmsKeyId: pattern(
    '(arn:aws(-[^:]+)?:kms:[a-zA-Z0-9-]*:[0-9]{12}:((key/[a-zA-Z0-9-]{36})|(alias/[a-zA-Z0-9-_/]+)))|' +
      '([a-zA-Z0-9-]{36})|(alias/[a-zA-Z0-9-_/]+)',
  ),
  kmsKeyArn: pattern('arn:aws(-[^:]+)?:kms:[a-zA-Z0-9-]*:[0-9]{12}:key/[a-zA-Z0-9-]{36}'),
  s3Uri: pattern("s3://[a-z0-9][-.a-z0-9]{1,61}[a-z0-9](?:/[-!_*'().a-z0-9A-Z]+(?:/[-!_*'().a-z0-9A-Z]+)*)?/?"),
  tag: pattern('[a-zA-Z0-9\\s._:/=+@-]*'),
  requestMetadataKey: pattern('[a-zA-Z0-9\\s._:/=+$@-]{1,256}'),
  requestMetadataValue: pattern('[a-zA-Z0-9\\s._:/=+$@-]{0,256}'),
  vpcResourceId: pattern('[-0-9a-zA-Z]+'),
  lambdaArn: pattern(
    'arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}(-gov)?-[a-z]+-\\d{1}:\\d{12}:function:[a-zA-Z0-9-_\\.]+' +
      '(:(\\$LATEST|[a-zA-Z0-9-_]+))?',
  ),
  paginationToken: pattern('\\S*'),
} as const satisfies Readonly<Record<string, Pattern>>;

const s3Uri = text({ min: 1, max: 1024, pattern: PATTERNS.s3Uri });
const jobName = text({ min: 1, max: 63, pattern: PATTERNS.jobName });
const clientRequestToken = text({ min: 1, max: 256, pattern: PATTERNS.idempotencyToken });

const tagKey = text({ min: 1, max: 128, pattern: PATTERNS.tag });
const tag = structure({ key: tagKey, value: text({ max: 256, pattern: PATTERNS.tag }) });
/**
 * How many tags a resource may have, including those that it has already. The model allows more in a request:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_TagResource.html
 */
export const MAX_TAGS = 50;
const tags = list(tag, { max: 200 });
const roleArn = text({ max: 2048, pattern: PATTERNS.roleArn });
const modelName = text({ min: 1, max: 63, pattern: PATTERNS.customModelName });

const requestMetadata = textMap({
  min: 1,
  max: 1,
  key: { min: 1, max: 256, pattern: PATTERNS.requestMetadataKey },
  value: { max: 256, pattern: PATTERNS.requestMetadataValue },
});
const requestMetadataBase = structure({ equals: optional(requestMetadata), notEquals: optional(requestMetadata) });
const requestMetadataList = list(requestMetadataBase, { min: 1, max: 16 });

const trainingDataConfig = structure({
  s3Uri: optional(s3Uri),
  invocationLogsConfig: optional(
    structure({
      usePromptResponse: optional(boolean()),
      invocationLogSource: union({ s3Uri: optional(s3Uri) }),
      requestMetadataFilters: optional(
        union({
          equals: optional(requestMetadata),
          notEquals: optional(requestMetadata),
          andAll: optional(requestMetadataList),
          orAll: optional(requestMetadataList),
        }),
      ),
    }),
  ),
});

const vpcResourceIds = (max: number) => list(text({ max: 32, pattern: PATTERNS.vpcResourceId }), { min: 1, max });

const distillationConfig = structure({
  teacherModelConfig: structure({
    teacherModelIdentifier: text({ pattern: PATTERNS.teacherModelIdentifier }),
    maxResponseLengthForInference: optional(integer()),
  }),
});

const rftConfig = structure({
  graderConfig: optional(
    union({
      lambdaGrader: optional(structure({ lambdaArn: text({ min: 1, max: 512, pattern: PATTERNS.lambdaArn }) })),
    }),
  ),
  hyperParameters: optional(
    structure({
      epochCount: optional(integer({ min: 1, max: 50 })),
      batchSize: optional(integer({ min: 16, max: 512 })),
      learningRate: optional(number({ min: 1e-7, max: 0.001 })),
      maxPromptLength: optional(integer()),
      trainingSamplePerPrompt: optional(integer({ min: 2, max: 16 })),
      inferenceMaxTokens: optional(integer()),
      reasoningEffort: optional(oneOf(['low', 'medium', 'high'])),
      evalInterval: optional(integer({ min: 1, max: 100 })),
    }),
  ),
});

export const CreateRequest = structure({
  jobName,
  customModelName: modelName,
  roleArn,
  clientRequestToken: optional(clientRequestToken),
  baseModelIdentifier: text({ min: 1, max: 2048, pattern: PATTERNS.baseModelIdentifier }),
  customizationType: optional(oneOf(CUSTOMIZATION_TYPES)),
  customModelKmsKeyId: optional(text({ min: 1, max: 2048, pattern: PATTERNS.kmsKeyId })),
  jobTags: optional(tags),
  customModelTags: optional(tags),
  trainingDataConfig,
  validationDataConfig: optional(structure({ validators: list(structure({ s3Uri }), { max: 10 }) })),
  outputDataConfig: structure({ s3Uri }),
  hyperParameters: optional(textMap()),
  vpcConfig: optional(structure({ subnetIds: vpcResourceIds(16), securityGroupIds: vpcResourceIds(5) })),
  customizationConfig: optional(
    union({ distillationConfig: optional(distillationConfig), rftConfig: optional(rftConfig) }),
  ),
});
export type CreateRequest = v.InferOutput<typeof CreateRequest>;

/** Get and Stop name one job, by its ARN or by its name. */
export const JobRequest = structure({ jobIdentifier: text({ max: 1011, pattern: PATTERNS.jobIdentifier }) });

// Query parameters are strings.
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;
const NOT_A_TIME = 'Member must be an ISO-8601 timestamp';
const queryTimestamp = v.pipe(
  v.string(NOT_A_TIME),
  v.regex(DATE_TIME, NOT_A_TIME),
  v.transform((value) => Date.parse(value)),
  v.check((time) => !Number.isNaN(time), NOT_A_TIME),
);
const queryInteger = v.pipe(
  v.string('Member must be an integer'),
  v.transform((value) => (/^-?\d{1,10}$/.test(value) ? Number(value) : value)),
  integer({ min: 1, max: 1000 }),
);

const page = {
  maxResults: optional(queryInteger),
  nextToken: optional(text({ min: 1, max: 2048, pattern: PATTERNS.paginationToken })),
  sortBy: optional(oneOf(['CreationTime'])),
  sortOrder: optional(oneOf(['Ascending', 'Descending'])),
};
const creationTime = {
  creationTimeAfter: optional(queryTimestamp),
  creationTimeBefore: optional(queryTimestamp),
};

export const ListRequest = structure({
  ...creationTime,
  statusEquals: optional(oneOf(JOB_STATUSES)),
  nameContains: optional(jobName),
  ...page,
});

const resourceARN = text({ min: 20, max: 1011, pattern: PATTERNS.taggableResourceArn });
export const ListTagsRequest = structure({ resourceARN });
export const TagRequest = structure({ resourceARN, tags });
export const UntagRequest = structure({ resourceARN, tagKeys: list(tagKey, { max: 200 }) });

const modelIdentifier = text({ min: 1, max: 2048, pattern: PATTERNS.modelIdentifier });
const anyModelArn = text({ min: 20, max: 1011, pattern: PATTERNS.modelArn });
const modelArn = text({ min: 20, max: 1011, pattern: PATTERNS.customModelArn });
const customModelDeploymentIdentifier = text({ min: 1, max: 93, pattern: PATTERNS.deploymentIdentifier });
const throughputName = text({ min: 1, max: 63, pattern: PATTERNS.throughputName });
const provisionedModelId = text({ pattern: PATTERNS.throughputId });

const metricText = text({ min: 1, max: 255 });
const seconds = v.pipe(
  number({ min: -8.64e12, max: 8.64e12 }),
  v.transform((time) => time * 1000),
);
/** As far as it is simulated: one metric a query, and no expressions. */
const GetMetricDataRequest = structure({
  MetricDataQueries: list(
    structure({
      Id: metricText,
      MetricStat: structure({
        Metric: structure({
          Namespace: metricText,
          MetricName: metricText,
          Dimensions: optional(list(structure({ Name: metricText, Value: text({ min: 1, max: 1024 }) }), { max: 30 })),
        }),
        Period: integer({ min: 1 }),
        Stat: oneOf(['Sum']),
      }),
    }),
    { max: 500 },
  ),
  StartTime: seconds,
  EndTime: seconds,
  NextToken: optional(text({ max: 20 })),
  ScanBy: optional(oneOf(['TimestampDescending', 'TimestampAscending'])),
  MaxDatapoints: optional(integer({ min: 1, max: 100_800 })),
});

/** An operation: its method and path, what a request may have, and the HTTP status of a success. */
const operation = <Request extends v.GenericSchema>(route: string, request: Request, successStatus = 200) => ({
  route,
  request,
  successStatus,
});

const JOBS = '/model-customization-jobs';
const MODEL = '/custom-models/{modelIdentifier}';
const DEPLOYMENTS = '/model-customization/custom-model-deployments';
const DEPLOYMENT = `${DEPLOYMENTS}/{customModelDeploymentIdentifier}`;
const THROUGHPUT = '/provisioned-model-throughput/{provisionedModelId}';

export const OPERATIONS = {
  CreateModelCustomizationJob: operation(`POST ${JOBS}`, CreateRequest, 201),
  GetModelCustomizationJob: operation(`GET ${JOBS}/{jobIdentifier}`, JobRequest),
  ListModelCustomizationJobs: operation(`GET ${JOBS}`, ListRequest),
  StopModelCustomizationJob: operation(`POST ${JOBS}/{jobIdentifier}/stop`, JobRequest),
  ListTagsForResource: operation('POST /listTagsForResource', ListTagsRequest),
  TagResource: operation('POST /tagResource', TagRequest),
  UntagResource: operation('POST /untagResource', UntagRequest),
  CreateCustomModel: operation(
    'POST /custom-models/create-custom-model',
    structure({
      modelName,
      modelSourceConfig: optional(union({ s3DataSource: optional(structure({ s3Uri })) })),
      customModelDataSource: optional(
        union({ modelPackageArnDataSource: optional(structure({ modelPackageArn: text({}) })) }),
      ),
      modelKmsKeyArn: optional(text({ min: 1, max: 2048, pattern: PATTERNS.kmsKeyArn })),
      roleArn: optional(roleArn),
      modelTags: optional(tags),
      clientRequestToken: optional(clientRequestToken),
    }),
    202,
  ),
  GetCustomModel: operation(`GET ${MODEL}`, structure({ modelIdentifier })),
  ListCustomModels: operation(
    'GET /custom-models',
    structure({
      ...creationTime,
      nameContains: optional(modelName),
      baseModelArnEquals: optional(anyModelArn),
      foundationModelArnEquals: optional(text({ pattern: PATTERNS.foundationModelArn })),
      isOwned: optional(oneOf(['true', 'false'])),
      modelStatus: optional(oneOf(['Active', 'Creating', 'Failed'])),
      ...page,
    }),
  ),
  DeleteCustomModel: operation(`DELETE ${MODEL}`, structure({ modelIdentifier })),
  CreateCustomModelDeployment: operation(
    `POST ${DEPLOYMENTS}`,
    structure({
      modelDeploymentName: modelName,
      modelArn,
      description: optional(text({ min: 1, max: 2048, pattern: PATTERNS.line })),
      tags: optional(tags),
      clientRequestToken: optional(clientRequestToken),
    }),
    202,
  ),
  GetCustomModelDeployment: operation(`GET ${DEPLOYMENT}`, structure({ customModelDeploymentIdentifier })),
  ListCustomModelDeployments: operation(
    `GET ${DEPLOYMENTS}`,
    structure({
      createdAfter: optional(queryTimestamp),
      createdBefore: optional(queryTimestamp),
      nameContains: optional(modelName),
      statusEquals: optional(oneOf(['Creating', 'Active', 'Failed'])),
      modelArnEquals: optional(modelArn),
      ...page,
    }),
  ),
  UpdateCustomModelDeployment: operation(
    `PATCH ${DEPLOYMENT}`,
    structure({ modelArn, customModelDeploymentIdentifier }),
    202,
  ),
  DeleteCustomModelDeployment: operation(`DELETE ${DEPLOYMENT}`, structure({ customModelDeploymentIdentifier })),
  CreateProvisionedModelThroughput: operation(
    'POST /provisioned-model-throughput',
    structure({
      modelUnits: integer({ min: 1 }),
      provisionedModelName: throughputName,
      modelId: modelIdentifier,
      commitmentDuration: optional(oneOf(['OneMonth', 'SixMonths'])),
      tags: optional(tags),
      clientRequestToken: optional(clientRequestToken),
    }),
    201,
  ),
  GetProvisionedModelThroughput: operation(`GET ${THROUGHPUT}`, structure({ provisionedModelId })),
  ListProvisionedModelThroughputs: operation(
    'GET /provisioned-model-throughputs',
    structure({
      ...creationTime,
      statusEquals: optional(oneOf(['Creating', 'InService', 'Updating', 'Failed'])),
      modelArnEquals: optional(anyModelArn),
      nameContains: optional(throughputName),
      ...page,
    }),
  ),
  UpdateProvisionedModelThroughput: operation(
    `PATCH ${THROUGHPUT}`,
    structure({
      provisionedModelId,
      desiredProvisionedModelName: optional(throughputName),
      desiredModelId: optional(modelIdentifier),
    }),
  ),
  DeleteProvisionedModelThroughput: operation(`DELETE ${THROUGHPUT}`, structure({ provisionedModelId })),
  // Its protocol names the operation in a header, which stands for the path.
  GetMetricData: operation('POST /GraniteServiceVersion20100801.GetMetricData', GetMetricDataRequest),
} as const;
export type OperationName = keyof typeof OPERATIONS;
export type RequestOf<Name extends OperationName> = v.InferOutput<(typeof OPERATIONS)[Name]['request']>;
