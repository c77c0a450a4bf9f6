/**
 * Every constraint of the service model (bedrock/2023-04-20) on the requests of seven operations, once.
 * Each schema parses a request whose nulls are gone (see `problems.ts`) and drops members that the model lacks.
 */
import * as v from 'valibot';
import { boolean, integer, list, number, oneOf, optional, structure, text, textMap, union } from './constraints.ts';
import { PATTERNS } from './patterns.ts';

export const JOB_STATUSES = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'] as const;
export const CUSTOMIZATION_TYPES = [
  'FINE_TUNING',
  'CONTINUED_PRE_TRAINING',
  'DISTILLATION',
  'REINFORCEMENT_FINE_TUNING',
  'IMPORTED',
] as const;

const s3Uri = text({ min: 1, max: 1024, pattern: PATTERNS.s3Uri });
const jobName = text({ min: 1, max: 63, pattern: PATTERNS.jobName });

const tagKey = text({ min: 1, max: 128, pattern: PATTERNS.tag });
const tag = structure({ key: tagKey, value: text({ max: 256, pattern: PATTERNS.tag }) });
/**
 * How many tags a resource may have, those that it has already included. The model allows more in a request:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_TagResource.html
 */
export const MAX_TAGS = 50;
const tags = list(tag, { max: 200 });

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
  customModelName: text({ min: 1, max: 63, pattern: PATTERNS.customModelName }),
  roleArn: text({ max: 2048, pattern: PATTERNS.roleArn }),
  clientRequestToken: optional(text({ min: 1, max: 256, pattern: PATTERNS.idempotencyToken })),
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
export type JobRequest = v.InferOutput<typeof JobRequest>;

// Queries carry texts only.
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

export const ListRequest = structure({
  creationTimeAfter: optional(queryTimestamp),
  creationTimeBefore: optional(queryTimestamp),
  statusEquals: optional(oneOf(JOB_STATUSES)),
  nameContains: optional(jobName),
  maxResults: optional(queryInteger),
  nextToken: optional(text({ min: 1, max: 2048, pattern: PATTERNS.paginationToken })),
  sortBy: optional(oneOf(['CreationTime'])),
  sortOrder: optional(oneOf(['Ascending', 'Descending'])),
});
export type ListRequest = v.InferOutput<typeof ListRequest>;

const resourceARN = text({ min: 20, max: 1011, pattern: PATTERNS.taggableResourceArn });
export const ListTagsRequest = structure({ resourceARN });
export const TagRequest = structure({ resourceARN, tags });
export const UntagRequest = structure({ resourceARN, tagKeys: list(tagKey, { max: 200 }) });
export type ListTagsRequest = v.InferOutput<typeof ListTagsRequest>;
export type TagRequest = v.InferOutput<typeof TagRequest>;
export type UntagRequest = v.InferOutput<typeof UntagRequest>;
