import { shown, type SpecProblem } from './problems.ts';
import { mergedTags, type Tag } from './demands.ts';
import { isMembers, joined, Written } from './document.ts';
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

/** `key=value` as two; the value may hold more of `=`. Undefined where there is no key. */
export const parsePair = (text: string): Tag | undefined => {
  const at = text.indexOf('=');
  return at < 1 ? undefined : { key: text.slice(0, at), value: text.slice(at + 1) };
};

interface Pairs {
  readonly pairs: readonly Tag[];
  readonly problems: readonly SpecProblem[];
}

/** Pairs of `key=value`, and what is wrong with the others. */
export const parsePairs = (texts: readonly string[], where: string): Pairs => {
  const pairs: Tag[] = [];
  const problems: SpecProblem[] = [];
  for (const text of texts) {
    const pair = parsePair(text);
    if (pair === undefined) problems.push({ where, text: `must be key=value, got '${shown(text)}'` });
    else if (pair.key === '__proto__') problems.push({ where, text: `'${pair.key}' cannot be a name` });
    else if (pairs.some(({ key }) => key === pair.key))
      problems.push({ where, text: `gives '${shown(pair.key)}' twice` });
    else pairs.push(pair);
  }
  return { pairs, problems };
};

/** Puts a value at a path. What stands in its way and has no members stays, to be told. */
const put = (
  target: unknown,
  [name = '', ...rest]: readonly string[],
  change: (before: unknown) => unknown,
): unknown => {
  if (target !== undefined && target !== null && !isMembers(target)) return target;
  const members = target ?? {};
  const before = Object.hasOwn(members, name) ? members[name] : undefined;
  return { ...members, [name]: rest.length === 0 ? change(before) : put(before, rest, change) };
};

const wholeNumber = (text: string): unknown => (/^-?\d{1,12}$/.test(text) ? new Written(text, Number(text)) : text);

const changeBy = (kind: Kind, texts: readonly string[], pairs: readonly Tag[]) => (before: unknown) => {
  switch (kind) {
    case 'text':
      return texts[0];
    case 'number':
      return wholeNumber(texts[0] ?? '');
    case 'texts':
      return texts;
    case 'validators':
      return texts.map((s3Uri) => ({ s3Uri }));
    case 'tags':
      return mergedTags(before, pairs);
    case 'map':
      return before === undefined || before === null || isMembers(before)
        ? { ...before, ...Object.fromEntries(pairs.map(({ key, value }) => [key, value])) }
        : before;
    default:
      return kind satisfies never;
  }
};

export interface Overridden {
  readonly value: unknown;
  readonly problems: readonly SpecProblem[];
  /** By path of what flags gave: the flag. */
  readonly flags: ReadonlyMap<string, string>;
}

/** A request with what the flags say in place of what the spec says. */
export const overridden = (spec: unknown, given: RequestFlags): Overridden => {
  const problems: SpecProblem[] = [];
  const flags = new Map<string, string>();
  let value = spec;
  for (const { flag, name, path, kind } of REQUEST_FLAGS) {
    const texts = [given[name] ?? []].flat();
    if (texts.length === 0) continue;
    const isPairs = kind === 'map' || kind === 'tags';
    const { pairs, problems: ofPairs } = isPairs ? parsePairs(texts, flag) : { pairs: [], problems: [] };
    problems.push(...ofPairs);
    value = put(value, path.split('.'), changeBy(kind, texts, pairs));
    if (isPairs) for (const { key } of pairs) flags.set(joined(path, key), flag);
    else flags.set(path, flag);
  }
  return { value, problems, flags };
};
