import { pluralize } from '../../domain/text.ts';
import { nearNames } from '../near-names.ts';
import { PATTERNS } from '../../service-model/model.ts';
import type { Pattern, Problem } from '../../service-model/validation.ts';
import { visible } from '../visible.ts';

/** One problem of a request that a person wrote. */
export interface SpecProblem {
  /** `trainingDataConfig.s3Uri`, `jobTags[1].key`, or the flag that gave the value. */
  readonly where: string;
  /** What is wrong, and what would be right. */
  readonly text: string;
  /** Its line in the spec. */
  readonly line?: number;
}

const MAX_QUOTED = 80;
/** Everything in a spec may be wrong, and the message should stay readable. */
const MAX_LISTED = 50;

/** A person's text inside a sentence: safe to print, on one line, and short: hidden characters are longer when visible. */
export const quote = (text: string): string => {
  const shown = visible(text.slice(0, MAX_QUOTED + 1));
  return shown.length > MAX_QUOTED ? `${shown.slice(0, MAX_QUOTED)}…`.toWellFormed() : shown;
};

/** What a person may have meant. */
export const nearest = (name: string, known: readonly string[]): string | undefined => nearNames(name, known)[0];

const formatProblem = ({ line, where, text }: SpecProblem): string =>
  `  ${line === undefined ? '' : `line ${line}: `}${where === '' ? '' : `${quote(where)}: `}${text}`;

/** All problems, a line each, in the order of the spec; those without a line last. A first line counts them. */
export const formatProblems = (
  problems: readonly SpecProblem[],
  subject: string,
  consequence = 'and nothing was sent',
): string => {
  const sorted = problems.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);
  const rest = problems.length - MAX_LISTED;
  return [
    `${subject} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}, ${consequence}:`,
    ...sorted.slice(0, MAX_LISTED).map(formatProblem),
    ...(rest > 0 ? [`  … and ${rest} more`] : []),
  ].join('\n');
};

/** Patterns in words: few people read `arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+` easily. */
const PATTERN_TEXTS = new Map<Pattern, string>([
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
const PATTERN_TEXTS_BY_SOURCE = new Map([...PATTERN_TEXTS].map(([{ text }, words]) => [text, words]));

const countParts = (count: number, value: unknown): string => {
  if (Array.isArray(value)) return pluralize(count, 'item');
  if (typeof value !== 'object') return pluralize(count, 'character');
  return count === 1 ? '1 entry' : `${count} entries`;
};

const sizeOf = (value: unknown): number =>
  typeof value === 'string' ? Array.from(value).length : Object.keys(Object(value) as object).length;

type Rule = readonly [RegExp, (match: RegExpExecArray, value: unknown) => string];

/** How to explain AWS's constraints, as `lib/service-model/validation.ts` writes them. */
const RULES: readonly Rule[] = [
  [/^Member must not be null$/, () => 'is missing'],
  [
    /length greater than or equal to (\d+)$/,
    ([, least], value) =>
      value === '' ? 'must not be empty' : `must have at least ${countParts(Number(least), value)}`,
  ],
  [
    /length less than or equal to (\d+)$/,
    ([, most], value) => `must have at most ${countParts(Number(most), value)}, and has ${sizeOf(value)}`,
  ],
  [/regular expression pattern: (.*)$/s, ([, text = '']) => PATTERN_TEXTS_BY_SOURCE.get(text) ?? `must match ${text}`],
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
  [/^Member must be an integer$/, () => 'must be a whole number'],
  [/^Member must be a boolean$/, () => 'must be true or false'],
  [/^Member must be a structure$/, () => 'must be a map'],
  [/^Map (key|value)s? must satisfy constraint: /, ([, part = '']) => `has a ${part} that the API does not accept`],
  [/^Member (must .*)$/s, ([, words = '']) => words],
];

const explain = (constraint: string, value: unknown): string => {
  for (const [expression, explainMatch] of RULES) {
    const match = expression.exec(constraint);
    if (match !== null) return explainMatch(match, value);
  }
  return constraint;
};

/** The wrong value, where it helps: neither an absent one nor all of a structure. */
const got = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'string') return `, got '${quote(value)}'`;
  if (typeof value === 'number' || typeof value === 'boolean') return `, got ${String(value)}`;
  return Array.isArray(value) ? ', got a list' : ', got a map';
};

/** `jobTags.2.member.key` as people write it: `jobTags[1].key`. */
const pathOf = (path: string): string =>
  path.replaceAll(/\.(\d+)\.member/g, (_, position: string) => `[${Number(position) - 1}]`);

/** The value at a path; undefined where there is none. */
export const valueAt = (value: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter((step) => step !== '')
    .reduce<unknown>(
      (inside, step) =>
        typeof inside === 'object' && inside !== null && Object.hasOwn(inside, step)
          ? (inside as Readonly<Record<string, unknown>>)[step]
          : undefined,
      value,
    );

/** The size of a list or map is wrong, not its kind: its value would not help. */
const isAboutSize = (constraint: string): boolean =>
  constraint.includes('have length') || constraint.includes('exactly one');

export interface ExplainedProblem {
  readonly path: string;
  readonly text: string;
  readonly isMissing: boolean;
}

/** AWS's problems of a request in plain words, one for each value, however many constraints it violates. */
export const explainProblems = (problems: readonly Problem[], request: unknown): ExplainedProblem[] => {
  const byPath = new Map<string, string[]>();
  for (const { path, constraint } of problems)
    byPath.set(pathOf(path), [...(byPath.get(pathOf(path)) ?? []), constraint]);
  return [...byPath].map(([path, constraints]) => {
    const value = valueAt(request, path);
    const texts = constraints.map((constraint) => explain(constraint, value));
    const hidesValue = typeof value === 'object' && constraints.every(isAboutSize);
    return {
      path,
      text: `${texts.join(', and ')}${hidesValue ? '' : got(value)}`,
      isMissing: constraints.includes('Member must not be null'),
    };
  });
};
