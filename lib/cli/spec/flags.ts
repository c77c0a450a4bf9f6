import { Option, type Command } from 'commander';
import { isObject, joinPath, Literal } from './document.ts';
import { quote, type SpecProblem } from './problems.ts';

/** How the texts of a flag become a part of the request. */
type Kind = 'text' | 'number' | 'texts' | 'validators' | 'map' | 'tags';

interface RequestFlag {
  /** `--job-name <name>` */
  readonly flags: string;
  /** The member of the request that it sets. */
  readonly path: string;
  readonly help: string;
  readonly kind: Kind;
}

const flag = (flags: string, path: string, help: string, kind: Kind = 'text'): RequestFlag => {
  const isRepeatable = kind !== 'text' && kind !== 'number';
  return { flags, path, help: isRepeatable ? `${help} (repeatable)` : help, kind };
};

const TEACHER = 'customizationConfig.distillationConfig.teacherModelConfig';

/** Every option that sets a part of the request. */
const REQUEST_FLAGS: readonly RequestFlag[] = [
  flag('--job-name <name>', 'jobName', 'name of the job'),
  flag('--custom-model-name <name>', 'customModelName', 'name of the custom model'),
  flag('--role-arn <arn>', 'roleArn', 'role that Bedrock reads and writes your data with'),
  flag('--base-model <id>', 'baseModelIdentifier', 'model to start from: id, ARN or custom model'),
  flag('--type <type>', 'customizationType', 'FINE_TUNING, DISTILLATION and so on'),
  flag('--training-data <s3-uri>', 'trainingDataConfig.s3Uri', 'training data, s3://…'),
  flag('--validation-data <s3-uri>', 'validationDataConfig.validators', 'validation data, s3://…', 'validators'),
  flag('--output <s3-uri>', 'outputDataConfig.s3Uri', 'where Bedrock writes metrics, s3://…'),
  flag('--hyper-parameter <key=value>', 'hyperParameters', 'hyperparameter', 'map'),
  flag('--tag <key=value>', 'jobTags', 'tag of the job', 'tags'),
  flag('--model-tag <key=value>', 'customModelTags', 'tag of the model', 'tags'),
  flag('--kms-key <id>', 'customModelKmsKeyId', 'KMS key of the model'),
  flag('--subnet <id>', 'vpcConfig.subnetIds', 'subnet of the VPC', 'texts'),
  flag('--security-group <id>', 'vpcConfig.securityGroupIds', 'security group of the VPC', 'texts'),
  flag('--teacher-model <id>', `${TEACHER}.teacherModelIdentifier`, 'teacher of a distillation: id or ARN'),
  flag(
    '--max-response-length <tokens>',
    `${TEACHER}.maxResponseLengthForInference`,
    'longest answer of the teacher',
    'number',
  ),
  flag(
    '--client-request-token <token>',
    'clientRequestToken',
    'token that makes a repeated request the same one (default: made from the request)',
  ),
];

const collect = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text];

const optionOf = ({ flags, help, kind }: RequestFlag): Option => {
  const option = new Option(flags, help);
  return kind === 'text' || kind === 'number' ? option : option.argParser(collect);
};

const longOf = ({ flags }: RequestFlag): string => flags.replace(/ .*/, '');

/** Adds an option for each part of a request. They take any text: all problems are reported together. */
export const withRequestFlags = (command: Command): Command =>
  REQUEST_FLAGS.reduce((each, requestFlag) => each.addOption(optionOf(requestFlag)), command);

/** The flag that could set a member of the request. */
export const flagFor = (path: string): string | undefined => {
  const found = REQUEST_FLAGS.find((each) => each.path === path);
  return found && longOf(found);
};

/** A tag as the API takes it. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Pairs of `key=value`, whose value may hold more of `=`, and the problems of the other texts. */
export const parsePairs = (texts: readonly string[], where: string) => {
  const pairs: Tag[] = [];
  const problems: SpecProblem[] = [];
  for (const text of texts) {
    const at = text.indexOf('=');
    const pair = { key: text.slice(0, at), value: text.slice(at + 1) };
    if (at < 1) problems.push({ where, text: `must be key=value, got '${quote(text)}'` });
    else if (pair.key === '__proto__') problems.push({ where, text: `'${pair.key}' cannot be a name` });
    else if (pairs.some(({ key }) => key === pair.key))
      problems.push({ where, text: `gives '${quote(pair.key)}' twice` });
    else pairs.push(pair);
  }
  return { pairs, problems };
};

/** Sets a value at a path. A value in its way that has no members stays, for the schema to refuse. */
const put = (
  target: unknown,
  [name = '', ...rest]: readonly string[],
  change: (before: unknown) => unknown,
): unknown => {
  if (target !== undefined && target !== null && !isObject(target)) return target;
  const members = target ?? {};
  const before = Object.hasOwn(members, name) ? members[name] : undefined;
  return { ...members, [name]: rest.length === 0 ? change(before) : put(before, rest, change) };
};

const keyOf = (tag: unknown): unknown => {
  const key = isObject(tag) ? tag['key'] : undefined;
  return key instanceof Literal ? key.source : key;
};

/** Tags with those of flags, whose values win. A value that is not a list stays, for the schema to refuse. */
const mergeTags = (tags: unknown, more: readonly Tag[]): unknown => {
  if (more.length === 0 || (tags !== undefined && tags !== null && !Array.isArray(tags))) return tags;
  const keys = new Set<unknown>(more.map(({ key }) => key));
  return [...((tags ?? []) as readonly unknown[]).filter((tag) => !keys.has(keyOf(tag))), ...more];
};

const changeBy = (kind: Kind, texts: readonly string[], pairs: readonly Tag[]) => (before: unknown) => {
  const [first = ''] = texts;
  switch (kind) {
    case 'text':
      return first;
    case 'number':
      return /^-?\d{1,12}$/.test(first) ? new Literal(first, Number(first)) : first;
    case 'texts':
      return texts;
    case 'validators':
      return texts.map((s3Uri) => ({ s3Uri }));
    case 'tags':
      return mergeTags(before, pairs);
    case 'map':
      return before === undefined || before === null || isObject(before)
        ? { ...before, ...Object.fromEntries(pairs.map(({ key, value }) => [key, value])) }
        : before;
    default:
      return kind satisfies never;
  }
};

/** The values of `create`'s options, by commander's names. */
export type RequestFlags = Readonly<Record<string, unknown>>;

interface Applied {
  readonly value: unknown;
  readonly problems: readonly SpecProblem[];
  /** The flag of each path that a flag set. */
  readonly flags: ReadonlyMap<string, string>;
}

/** The request of a spec with the values of flags in place of the spec's. */
export const applyFlags = (spec: unknown, given: RequestFlags): Applied => {
  const problems: SpecProblem[] = [];
  const flags = new Map<string, string>();
  let value = spec;
  for (const requestFlag of REQUEST_FLAGS) {
    const { path, kind } = requestFlag;
    const name = longOf(requestFlag);
    const texts = [given[optionOf(requestFlag).attributeName()] ?? []].flat() as string[];
    if (texts.length === 0) continue;
    const isPairs = kind === 'map' || kind === 'tags';
    const parsed = isPairs ? parsePairs(texts, name) : { pairs: [], problems: [] };
    problems.push(...parsed.problems);
    value = put(value, path.split('.'), changeBy(kind, texts, parsed.pairs));
    if (isPairs) for (const { key } of parsed.pairs) flags.set(joinPath(path, key), name);
    else flags.set(path, name);
  }
  return { value, problems, flags };
};
