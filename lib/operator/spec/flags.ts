import { isObject, joinPath, Literal } from './document.ts';
import { quote, type SpecProblem, valueAt } from './problems.ts';

/** How the texts of a flag become a part of the request. */
type Kind = 'text' | 'number' | 'texts' | 'validators' | 'map' | 'tags';

export interface RequestFlag {
  /** `--job-name <name>` */
  readonly flags: string;
  /** The member of the request that it sets. */
  readonly path: string;
  readonly help: string;
  readonly kind: Kind;
}

/** Whether it may be given several times. */
export const isRepeatable = ({ kind }: Pick<RequestFlag, 'kind'>): boolean => kind !== 'text' && kind !== 'number';

const flag = (flags: string, path: string, help: string, kind: Kind = 'text'): RequestFlag => {
  const given = { flags, path, help, kind };
  return isRepeatable(given) ? { ...given, help: `${help} (repeatable)` } : given;
};

const TEACHER = 'customizationConfig.distillationConfig.teacherModelConfig';

/** Every option that sets a part of the request. */
export const REQUEST_FLAGS: readonly RequestFlag[] = [
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

const longOf = ({ flags }: RequestFlag): string => flags.replace(/ .*/, '');

/** `--job-name` as commander and the dashboard name its value: `jobName`. */
const attributeOf = (requestFlag: RequestFlag): string =>
  longOf(requestFlag)
    .slice(2)
    .replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The name of each flag's value. */
export const FLAG_NAMES: ReadonlyMap<string, RequestFlag> = new Map(
  REQUEST_FLAGS.map((requestFlag) => [attributeOf(requestFlag), requestFlag]),
);

/** Values as words of a command line: `--tag`, `team=nlp`. */
export const flagWords = (given: RequestFlags): string[] => {
  const words = (long: string, value: unknown) => ([value ?? []].flat() as string[]).flatMap((text) => [long, text]);
  const flags = REQUEST_FLAGS.flatMap((each) => words(longOf(each), given[attributeOf(each)]));
  return [...words('--without', given['without']), ...flags];
};

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

/** A number as the API's own numbers need it; any other text as it is. */
const literal = (text: string): Literal | string =>
  /^-?(?:\d{1,20}|\d{0,20}\.\d{1,20})(?:e[+-]?\d{1,3})?$/i.test(text) ? new Literal(text, Number(text)) : text;

const changeBy = (kind: Kind, texts: readonly string[], pairs: readonly Tag[]) => (before: unknown) => {
  const [first = ''] = texts;
  switch (kind) {
    case 'text':
      return first;
    case 'number':
      return literal(first);
    case 'texts':
      return texts;
    case 'validators':
      return texts.map((s3Uri) => ({ s3Uri }));
    case 'tags':
      return mergeTags(before, pairs);
    case 'map':
      return before === undefined || before === null || isObject(before)
        ? { ...before, ...Object.fromEntries(pairs.map(({ key, value }) => [key, literal(value)])) }
        : before;
    default:
      return kind satisfies never;
  }
};

const RFT_CONFIG = 'customizationConfig.rftConfig';

/** Reinforcement fine-tuning has its hyperparameters in its own configuration, some of them as numbers. */
const pathIn = (spec: unknown, { path, kind }: RequestFlag): string =>
  kind === 'map' && isObject(valueAt(spec, RFT_CONFIG)) ? `${RFT_CONFIG}.${path}` : path;

/** What each of `--without` names is left out. A name may hold dots, as keys of tags do. */
const leaveOut = (spec: unknown, path: string): unknown => {
  if (!isObject(spec)) return undefined;
  const name = Object.hasOwn(spec, path) ? path : Object.keys(spec).find((each) => path.startsWith(`${each}.`));
  if (name === undefined) return undefined;
  const { [name]: before, ...rest } = spec;
  if (path === name) return rest;
  const inside = leaveOut(before, path.slice(name.length + 1));
  return inside === undefined ? undefined : { ...rest, [name]: inside };
};

/** The values of `create`'s options, by commander's names. */
export type RequestFlags = Readonly<Record<string, unknown>>;

interface Applied {
  readonly value: unknown;
  readonly problems: readonly SpecProblem[];
  /** The flag of each path that a flag set. */
  readonly flags: ReadonlyMap<string, string>;
}

/** The spec without some of its members, such as `hyperParameters.batchSize`. */
export const withoutMembers = (spec: unknown, paths: readonly string[]) => {
  const problems: SpecProblem[] = [];
  let value = spec;
  for (const path of paths) {
    const left = leaveOut(value, path);
    if (left === undefined) problems.push({ where: '--without', text: `'${quote(path)}' is not there to be left out` });
    else value = left;
  }
  return { value, problems };
};

/** The request of a spec with the values of flags in place of the spec's. */
export const applyFlags = (spec: unknown, given: RequestFlags): Applied => {
  const problems: SpecProblem[] = [];
  const flags = new Map<string, string>();
  let value = spec;
  for (const requestFlag of REQUEST_FLAGS) {
    const { kind } = requestFlag;
    const path = pathIn(value, requestFlag);
    const name = longOf(requestFlag);
    const texts = [given[attributeOf(requestFlag)] ?? []].flat() as string[];
    if (texts.length === 0) continue;
    const isPairs = kind === 'map' || kind === 'tags';
    const parsed = isPairs ? parsePairs(texts, name) : { pairs: [], problems: [] };
    problems.push(...parsed.problems);
    value = put(value, path.split('.'), changeBy(kind, texts, parsed.pairs));
    if (isPairs) for (const { key } of parsed.pairs) flags.set(joinPath(path, key), `${name} ${key}`);
    else flags.set(path, name);
  }
  return { value, problems, flags };
};
