import { Option, type Command } from 'commander';

/** The parts of a request as `create`'s options give them, by commander's names. */
export interface RequestFlags {
  readonly jobName?: string;
  readonly customModelName?: string;
  readonly roleArn?: string;
  readonly baseModel?: string;
  readonly type?: string;
  readonly trainingData?: string;
  readonly validationData?: readonly string[];
  readonly output?: string;
  readonly hyperParameter?: readonly string[];
  readonly tag?: readonly string[];
  readonly modelTag?: readonly string[];
  readonly kmsKey?: string;
  readonly subnet?: readonly string[];
  readonly securityGroup?: readonly string[];
  readonly teacherModel?: string;
  readonly maxResponseLength?: string;
  readonly clientRequestToken?: string;
}

/** How the texts of a flag become a part of the request. */
export type Kind = 'text' | 'number' | 'texts' | 'validators' | 'map' | 'tags';

interface RequestFlag {
  readonly flag: `--${string}`;
  readonly value: string;
  readonly help: string;
  readonly name: keyof RequestFlags;
  /** The member of the request that it gives. */
  readonly path: string;
  readonly kind: Kind;
}

const one = (
  flag: RequestFlag['flag'],
  value: string,
  name: keyof RequestFlags,
  path: string,
  help: string,
  kind: Kind = 'text',
): RequestFlag => ({ flag, value, name, path, help, kind });

/** Every option that gives a part of the request. */
export const REQUEST_FLAGS: readonly RequestFlag[] = [
  one('--job-name', '<name>', 'jobName', 'jobName', 'name of the job'),
  one('--custom-model-name', '<name>', 'customModelName', 'customModelName', 'name of the model that it makes'),
  one('--role-arn', '<arn>', 'roleArn', 'roleArn', 'role by which Bedrock reads and writes your data'),
  one('--base-model', '<id>', 'baseModel', 'baseModelIdentifier', 'model to start from: id, ARN or custom model'),
  one('--type', '<type>', 'type', 'customizationType', 'FINE_TUNING, DISTILLATION and so on'),
  one('--training-data', '<s3-uri>', 'trainingData', 'trainingDataConfig.s3Uri', 'training data, s3://…'),
  one(
    '--validation-data',
    '<s3-uri>',
    'validationData',
    'validationDataConfig.validators',
    'validation data, s3://… (repeatable)',
    'validators',
  ),
  one('--output', '<s3-uri>', 'output', 'outputDataConfig.s3Uri', 'where the metrics go, s3://…'),
  one('--hyper-parameter', '<key=value>', 'hyperParameter', 'hyperParameters', 'hyperparameter (repeatable)', 'map'),
  one('--tag', '<key=value>', 'tag', 'jobTags', 'tag of the job (repeatable)', 'tags'),
  one('--model-tag', '<key=value>', 'modelTag', 'customModelTags', 'tag of the model (repeatable)', 'tags'),
  one('--kms-key', '<id>', 'kmsKey', 'customModelKmsKeyId', 'KMS key of the model'),
  one('--subnet', '<id>', 'subnet', 'vpcConfig.subnetIds', 'subnet of the VPC (repeatable)', 'texts'),
  one(
    '--security-group',
    '<id>',
    'securityGroup',
    'vpcConfig.securityGroupIds',
    'security group of the VPC (repeatable)',
    'texts',
  ),
  one(
    '--teacher-model',
    '<id>',
    'teacherModel',
    'customizationConfig.distillationConfig.teacherModelConfig.teacherModelIdentifier',
    'teacher of a distillation: id or ARN',
  ),
  one(
    '--max-response-length',
    '<tokens>',
    'maxResponseLength',
    'customizationConfig.distillationConfig.teacherModelConfig.maxResponseLengthForInference',
    "longest answer of a distillation's teacher",
    'number',
  ),
  one(
    '--client-request-token',
    '<token>',
    'clientRequestToken',
    'clientRequestToken',
    'what makes a repeated request the same one (default: made of the request)',
  ),
];

const REPEATABLE: ReadonlySet<Kind> = new Set<Kind>(['texts', 'validators', 'map', 'tags']);

const collect = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];

/** Adds an option for each part of a request. They take any text: what is wrong is told with all the rest. */
export const withRequestFlags = (command: Command): Command => {
  for (const { flag, value, help, kind } of REQUEST_FLAGS) {
    const option = new Option(`${flag} ${value}`, help);
    command.addOption(REPEATABLE.has(kind) ? option.argParser(collect) : option);
  }
  return command;
};

/** The flag that could give a member of the request. */
export const flagFor = (path: string): string | undefined => REQUEST_FLAGS.find((flag) => flag.path === path)?.flag;
