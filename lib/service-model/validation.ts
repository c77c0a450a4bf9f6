/**
 * The kinds of constraints of the service model as valibot schemas, and their violations in AWS's words. The message of
 * a schema is the part of AWS's sentence after "failed to satisfy constraint: ".
 */
import * as v from 'valibot';

/** A regular expression of the model. */
export interface Pattern {
  /** As the model writes it. */
  readonly text: string;
  readonly matches: (value: string) => boolean;
}

const NOT_NULL = 'Member must not be null';

const isAbsent = (value: unknown): boolean => value === null || value === undefined;

const mustBe =
  (kind: string) =>
  ({ input }: { readonly input: unknown }): string =>
    isAbsent(input) ? NOT_NULL : `Member must be ${kind}`;

/** Smithy counts the length of a text in code points. */
const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

interface Range {
  readonly min?: number;
  readonly max?: number;
}

interface TextLimits extends Range {
  readonly pattern?: Pattern;
}

const atLeast = (min: number): string => `Member must have length greater than or equal to ${min}`;
const atMost = (max: number): string => `Member must have length less than or equal to ${max}`;
const matching = (pattern: Pattern): string => `Member must satisfy regular expression pattern: ${pattern.text}`;

const lengthProblems = (length: number, { min = 0, max = Infinity }: Range): string[] => [
  ...(length > max ? [atMost(max)] : []),
  ...(length < min ? [atLeast(min)] : []),
];

/** A text over its length is not matched at all: the length bounds the work of the pattern. */
const textProblems = (text: string, limits: TextLimits): string[] => {
  const { max = Infinity, pattern } = limits;
  const length = codePoints(text);
  const isMismatch = length <= max && pattern !== undefined && !pattern.matches(text);
  return [...lengthProblems(length, limits), ...(isMismatch ? [matching(pattern)] : [])];
};

export const text = (limits: TextLimits) =>
  v.pipe(
    v.string(mustBe('a string')),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const message of textProblems(dataset.value, limits)) addIssue({ message });
    }),
  );

export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  v.picklist(values, ({ input }) =>
    isAbsent(input) ? NOT_NULL : `Member must satisfy enum value set: [${values.join(', ')}]`,
  );

const inRange = ({ min = -Infinity, max = Infinity }: Range) =>
  v.rawCheck<number>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    if (dataset.value < min) addIssue({ message: `Member must have value greater than or equal to ${min}` });
    if (dataset.value > max) addIssue({ message: `Member must have value less than or equal to ${max}` });
  });

// Smithy's Integer has 32 bits.
const isInteger = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31;

export const integer = (range: Range = {}) => v.pipe(v.custom<number>(isInteger, mustBe('an integer')), inRange(range));

export const number = (range: Range = {}) => v.pipe(v.number(mustBe('a number')), inRange(range));

export const boolean = () => v.boolean(mustBe('a boolean'));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A structure. Unknown members are dropped, as AWS does. */
export const structure = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  // valibot's `object` accepts a list too.
  v.pipe(v.custom<object>(isObject, mustBe('a structure')), v.object(entries, NOT_NULL));

/** A member that may be absent. */
export const optional = v.exactOptional;

export const list = <Item extends v.GenericSchema>(item: Item, range: Range = {}) =>
  v.pipe(
    v.array(item, mustBe('a list')),
    // Runs also where items are wrong: AWS reports the size of a list and its items together.
    v.rawCheck(({ dataset, addIssue }) => {
      if (!Array.isArray(dataset.value)) return;
      for (const message of lengthProblems(dataset.value.length, range)) addIssue({ message });
    }),
  );

const isTextMap = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((item) => typeof item === 'string');

const constraintsOf = ({ min = 0, max, pattern }: TextLimits): string =>
  [
    ...(max === undefined ? [] : [atMost(max)]),
    atLeast(min),
    ...(pattern === undefined ? [] : [matching(pattern)]),
  ].join(', ');

/** A map of texts. AWS reports the keys of a map, or its values, as a whole and not one by one. */
export const textMap = ({ key = {}, value = {}, ...range }: Range & { key?: TextLimits; value?: TextLimits } = {}) =>
  v.pipe(
    v.custom<Readonly<Record<string, string>>>(isTextMap, mustBe('a map of strings')),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const entries = Object.entries(dataset.value);
      for (const message of lengthProblems(entries.length, range)) addIssue({ message });
      if (entries.some(([name]) => textProblems(name, key).length > 0))
        addIssue({ message: `Map keys must satisfy constraint: [${constraintsOf(key)}]` });
      if (entries.some(([, item]) => textProblems(item, value).length > 0))
        addIssue({ message: `Map value must satisfy constraint: [${constraintsOf(value)}]` });
    }),
  );

/** A tagged union: one object with exactly one of its members. */
export const union = <const Entries extends v.ObjectEntries>(entries: Entries) => {
  const members = Object.keys(entries);
  return v.pipe(
    structure(entries),
    v.check(
      (value) => members.filter((member) => member in value).length === 1,
      `Member must have exactly one of these members set: [${members.join(', ')}]`,
    ),
  );
};

/** One violated constraint. */
export interface Problem {
  /** `trainingDataConfig.s3Uri`; `jobTags.2.member.key` for the second item of a list. */
  readonly path: string;
  /** The constraint, for example "Member must not be null". */
  readonly constraint: string;
  /** AWS's whole sentence: value, path and constraint. */
  readonly message: string;
}

type Checked<Request> =
  | { readonly request: Request; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly request?: never };

/** Requests may be large, and answers should stay readable. */
const MAX_QUOTED = 256;
const MAX_LISTED = 200;
/** Maps that the model marks as sensitive: their contents are not repeated. */
const SENSITIVE = /(?:^|\.)(?:equals|notEquals)$/;
/** Deeper than anything in the model: hostile nesting must not exhaust the stack. */
const MAX_DEPTH = 24;

/** Protocols treat a null member as an absent one. A null item of a list stays, as it is wrong. */
const withoutNulls = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '...';
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1));
  const members = Object.entries(value).filter(([, member]) => !isAbsent(member));
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member, depth + 1)]));
};

const pathOf = (issue: v.BaseIssue<unknown>): string =>
  (issue.path ?? []).map(({ type, key }) => (type === 'array' ? `${key + 1}.member` : String(key))).join('.');

const quote = (value: unknown, path: string): string => {
  if (isAbsent(value)) return 'Value null';
  if (SENSITIVE.test(path)) return 'Value';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `Value '${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text}'`;
};

const toProblem = (issue: v.BaseIssue<unknown>): Problem => {
  const path = pathOf(issue);
  const constraint = issue.message;
  const message = `${quote(issue.input, path)} at '${path}' failed to satisfy constraint: ${constraint}`;
  return { path, constraint, message };
};

/** The request as the model defines it, or every problem of it. */
export const check = <Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): Checked<v.InferOutput<Schema>> => {
  const result = v.safeParse(schema, withoutNulls(input));
  return result.success ? { request: result.output } : { problems: result.issues.map(toProblem) };
};

/** One sentence for all problems: "2 validation errors detected: …; …". */
export const summarize = (problems: readonly Problem[]): string => {
  const messages = problems.slice(0, MAX_LISTED).map(({ message }) => message);
  return `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${messages.join('; ')}`;
};
