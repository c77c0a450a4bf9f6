import { distance } from 'fastest-levenshtein';
import { visible } from '../output/values.ts';
import { PATTERNS } from '../../service-model/model.ts';
import type { Pattern, Problem } from '../../service-model/validation.ts';
import { pluralize } from '../../domain/text.ts';

/** One thing that is wrong with a request that a person wrote. */
export interface SpecProblem {
  /** `trainingDataConfig.s3Uri`, `jobTags[1].key`, or the flag that brought the value. */
  readonly where: string;
  /** What is wrong and what would be right. */
  readonly text: string;
  /** Where it stands in the spec. */
  readonly line?: number;
}

const MAX_QUOTED = 80;
/** A spec may be all wrong, and what is said about it should stay readable. */
const MAX_LISTED = 50;

/** Somebody's text in a sentence: safe to print, on one line and not longer than can be read. */
export const shown = (text: string): string =>
  visible(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text).toWellFormed();

const lettersOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** What a person may have meant: the same letters in another case, else the nearest name that is near. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  const letters = lettersOf(name).slice(0, MAX_QUOTED);
  const [best] = known
    .map((candidate) => ({ candidate, far: distance(letters, lettersOf(candidate)) }))
    .sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= Math.max(1, Math.floor(letters.length / 3)) ? best.candidate : undefined;
};

const lineOf = ({ line, where, text }: SpecProblem): string =>
  `  ${line === undefined ? '' : `line ${line}: `}${where === '' ? '' : `${shown(where)}: `}${text}`;

/** In the order of the spec; what has no place in it comes last, in the order in which it was found. */
const inOrder = (problems: readonly SpecProblem[]): readonly SpecProblem[] =>
  problems.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);

/** All problems, a line each, under a line that counts them. */
export const listed = (problems: readonly SpecProblem[], of: string): string =>
  [
    `${of} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}, and nothing was sent:`,
    ...inOrder(problems).slice(0, MAX_LISTED).map(lineOf),
    ...(problems.length > MAX_LISTED ? [`  … and ${problems.length - MAX_LISTED} more`] : []),
  ].join('\n');

/** What a text must be that has to match a pattern: nobody reads `arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+` gladly. */
const IN_WORDS = new Map<Pattern, string>([
  [PATTERNS.jobName, 'must hold only letters, digits and + - . and begin with a letter or digit'],
  [
    PATTERNS.customModelName,
    'must hold only letters, digits and single _ or - after them, and begin with a letter or digit',
  ],
  [PATTERNS.roleArn, 'must be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/BedrockCustomization'],
  [PATTERNS.idempotencyToken, 'must hold only letters, digits and -, and begin and end with a letter or digit'],
  [
    PATTERNS.baseModelIdentifier,
    'must be the id of a model such as amazon.nova-lite-v1:0:300k, its ARN, or the name or ARN of a custom model',
  ],
  [
    PATTERNS.teacherModelIdentifier,
    'must be the id of a model such as amazon.nova-pro-v1:0, its ARN, or the ARN of an inference profile',
  ],
  [PATTERNS.kmsKeyId, 'must be the id or ARN of a KMS key, or alias/name'],
  [
    PATTERNS.s3Uri,
    "must be s3://bucket/key, the bucket of a-z 0-9 . - and the key of letters, digits and / - _ . ! * ' ( )",
  ],
  [PATTERNS.tag, 'must hold only letters a-z, digits, spaces and . _ : / = + @ -'],
  [PATTERNS.vpcResourceId, 'must hold only letters, digits and -'],
  [PATTERNS.lambdaArn, 'must be the ARN of a Lambda function'],
  [PATTERNS.taggableResourceArn, 'must be the full ARN of a job'],
  [PATTERNS.jobIdentifier, 'must be the full ARN or the name of a job'],
]);
const BY_TEXT = new Map([...IN_WORDS].map(([{ text }, words]) => [text, words]));

const unitOf = (value: unknown): string =>
  Array.isArray(value) ? 'item' : typeof value === 'object' ? 'entry' : 'character';

const sizeOf = (value: unknown): number =>
  typeof value === 'string' ? Array.from(value).length : Object.keys(Object(value) as object).length;

const amount = (count: number, unit: string): string =>
  unit === 'entry' ? `${count} ${count === 1 ? 'entry' : 'entries'}` : pluralize(count, unit);

type Rule = readonly [RegExp, (match: RegExpExecArray, value: unknown) => string];

/** AWS's constraints, as `lib/service-model/validation.ts` words them, and ours. */
const RULES: readonly Rule[] = [
  [/^Member must not be null$/, () => 'is missing'],
  [
    /length greater than or equal to (\d+)$/,
    ([, least = ''], value) =>
      value === '' ? 'must not be empty' : `must have at least ${amount(Number(least), unitOf(value))}`,
  ],
  [
    /length less than or equal to (\d+)$/,
    ([, most = ''], value) => `must have at most ${amount(Number(most), unitOf(value))}, and has ${sizeOf(value)}`,
  ],
  [/regular expression pattern: (.*)$/s, ([, text = '']) => BY_TEXT.get(text) ?? `must match ${text}`],
  [
    /enum value set: \[(.*)\]$/,
    ([, set = ''], value) => {
      const meant = typeof value === 'string' ? nearest(value, set.split(', ')) : undefined;
      return `must be one of ${set}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
    },
  ],
  [/value greater than or equal to (.*)$/, ([, least = '']) => `must be at least ${least}`],
  [/value less than or equal to (.*)$/, ([, most = '']) => `must be at most ${most}`],
  [/exactly one of these members set: \[(.*)\]$/, ([, members = '']) => `must have exactly one of ${members}`],
  [/^Member must be a string$/, () => 'must be a text'],
  [/^Member must be an integer$/, () => 'must be a whole number'],
  [/^Member must be a boolean$/, () => 'must be true or false'],
  [/^Member must be a structure$/, () => 'must have members of its own'],
  [/^Member must be a map of strings$/, () => 'must be names with texts'],
  [
    /^Map (key|value)s? must satisfy constraint: \[(.*)\]$/s,
    ([, what = '']) => `has a ${what} that the API does not take`,
  ],
  [/^Member (must .*)$/s, ([, words = '']) => words],
];

const inWords = (constraint: string, value: unknown): string => {
  for (const [expression, words] of RULES) {
    const match = expression.exec(constraint);
    if (match !== null) return words(match, value);
  }
  return constraint;
};

/** What was given, where it helps: not of what is absent, nor of whole structures. */
const given = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'string') return `, got '${shown(value)}'`;
  if (typeof value === 'number' || typeof value === 'boolean') return `, got ${String(value)}`;
  return Array.isArray(value) ? ', got a list' : ', got a map';
};

/** `jobTags.2.member.key` as people count and write it: `jobTags[1].key`. */
export const pathOf = (path: string): string =>
  path.replaceAll(/\.(\d+)\.member/g, (_, position: string) => `[${Number(position) - 1}]`);

const steps = (path: string): string[] => path.split(/[.[\]]+/).filter((step) => step !== '');

const valueAt = (value: unknown, path: string): unknown =>
  steps(path).reduce<unknown>(
    (inside, step) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, step)
        ? (inside as Readonly<Record<string, unknown>>)[step]
        : undefined,
    value,
  );

/** A list's or map's own size is wrong, not what is in it. */
const isAboutSize = (constraint: string): boolean =>
  constraint.includes('have length') || constraint.includes('exactly one');

export interface Worded {
  readonly path: string;
  readonly text: string;
  readonly isMissing: boolean;
}

/** AWS's problems of a request in plain words, one for each value however much of it is wrong. */
export const worded = (problems: readonly Problem[], request: unknown): Worded[] => {
  const byPath = new Map<string, string[]>();
  for (const { path, constraint } of problems) {
    const there = byPath.get(pathOf(path));
    if (there === undefined) byPath.set(pathOf(path), [constraint]);
    else there.push(constraint);
  }
  return [...byPath].map(([path, constraints]) => {
    const value = valueAt(request, path);
    const words = constraints.map((constraint) => inWords(constraint, value));
    const isText = typeof value !== 'object';
    const suffix = isText || !constraints.every(isAboutSize) ? given(value) : '';
    return {
      path,
      text: `${words.join(', and ')}${suffix}`,
      isMissing: constraints.includes('Member must not be null'),
    };
  });
};
