/**
 * The kinds of constraints the service model knows, as valibot schemas. Every message is the part of AWS's sentence
 * after "failed to satisfy constraint: ", so that `problems.ts` can put the sentence together.
 */
import * as v from 'valibot';
import type { Pattern } from './patterns.ts';

const NOT_NULL = 'Member must not be null';

/** JSON has no absent list elements; structures lose their nulls before validation. */
const typed =
  (kind: string) =>
  ({ input }: { readonly input: unknown }): string =>
    input === null || input === undefined ? NOT_NULL : `Member must be ${kind}`;

/** Smithy counts a text's length in code points. */
const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

export interface TextLimits {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: Pattern;
}

const atLeast = (min: number): string => `Member must have length greater than or equal to ${min}`;
const atMost = (max: number): string => `Member must have length less than or equal to ${max}`;
const matching = (pattern: Pattern): string => `Member must satisfy regular expression pattern: ${pattern.text}`;

/** What is wrong with one text. A text over its length is not matched at all: length bounds the pattern's work. */
const textProblems = (text: string, { min = 0, max = Infinity, pattern }: TextLimits): string[] => {
  const length = codePoints(text);
  if (length > max) return [atMost(max)];
  return [
    ...(length < min ? [atLeast(min)] : []),
    ...(pattern === undefined || pattern.matches(text) ? [] : [matching(pattern)]),
  ];
};

const rules = ({ min = 0, max, pattern }: TextLimits): string[] => [
  ...(max === undefined ? [] : [atMost(max)]),
  atLeast(min),
  ...(pattern === undefined ? [] : [matching(pattern)]),
];

export const text = (limits: TextLimits) =>
  v.pipe(
    v.string(typed('a string')),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const message of textProblems(dataset.value, limits)) addIssue({ message });
    }),
  );

export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  v.picklist(values, ({ input }) =>
    input === null || input === undefined ? NOT_NULL : `Member must satisfy enum value set: [${values.join(', ')}]`,
  );

interface Range {
  readonly min?: number;
  readonly max?: number;
}

const inRange = ({ min = -Infinity, max = Infinity }: Range) =>
  v.rawCheck<number>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    if (dataset.value < min) addIssue({ message: `Member must have value greater than or equal to ${min}` });
    if (dataset.value > max) addIssue({ message: `Member must have value less than or equal to ${max}` });
  });

// Smithy's Integer has 32 bits.
const isInteger = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31;

export const integer = (range: Range = {}) => v.pipe(v.custom<number>(isInteger, typed('an integer')), inRange(range));

export const number = (range: Range = {}) => v.pipe(v.number(typed('a number')), inRange(range));

export const boolean = () => v.boolean(typed('a boolean'));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A structure. Unknown members are dropped, as AWS does. */
export const structure = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  // To valibot's `object` a list is an object too.
  v.pipe(v.custom<object>(isObject, typed('a structure')), v.object(entries, NOT_NULL));

/** A member that may be absent. */
export const optional = v.exactOptional;

export const list = <Item extends v.GenericSchema>(item: Item, { min = 0, max = Infinity }: Range = {}) =>
  v.pipe(
    v.array(item, typed('a list')),
    // Runs also where items are wrong: a list's size and its items are reported together, as AWS does.
    v.rawCheck(({ dataset, addIssue }) => {
      if (!Array.isArray(dataset.value)) return;
      if (dataset.value.length > max) addIssue({ message: atMost(max) });
      if (dataset.value.length < min) addIssue({ message: atLeast(min) });
    }),
  );

const isTextMap = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((item) => typeof item === 'string');

/** A map of texts. AWS reports a map's keys and its values as wholes, not one by one. */
export const textMap = ({ min, max, key = {}, value = {} }: Range & { key?: TextLimits; value?: TextLimits } = {}) =>
  v.pipe(
    v.custom<Readonly<Record<string, string>>>(isTextMap, typed('a map of strings')),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const entries = Object.entries(dataset.value);
      if (max !== undefined && entries.length > max) addIssue({ message: atMost(max) });
      if (min !== undefined && entries.length < min) addIssue({ message: atLeast(min) });
      if (entries.some(([name]) => textProblems(name, key).length > 0))
        addIssue({ message: `Map keys must satisfy constraint: [${rules(key).join(', ')}]` });
      if (entries.some(([, item]) => textProblems(item, value).length > 0))
        addIssue({ message: `Map value must satisfy constraint: [${rules(value).join(', ')}]` });
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
