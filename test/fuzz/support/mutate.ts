import { fc } from '@fast-check/jest';
import { hostileJson, hostileText, POISON } from './hostile.ts';

type Step = string | number;
type Members = Readonly<Record<Step, unknown>>;

const isParent = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !(value instanceof Date);

/** A part of a document by a number: each digit of it, in the base of the members there are, leads further in or ends. */
const pathTo = (document: unknown, where: number): Step[] => {
  const path: Step[] = [];
  let part = document;
  for (let rest = where; isParent(part);) {
    const keys = Object.keys(part);
    const key = keys[rest % (keys.length + 1)];
    if (key === undefined) break;
    path.push(Array.isArray(part) ? Number(key) : key);
    rest = Math.floor(rest / (keys.length + 1));
    part = part[key];
    // Of what is deep the beginning will do.
    if (path.length > 8) break;
  }
  return path;
};

const entriesOf = (parent: Members): [string, unknown][] => Object.entries(parent);
const put = (parent: Members, change: (entries: [string, unknown][]) => [string, unknown][]): unknown => {
  const changed = change(entriesOf(parent));
  return Array.isArray(parent) ? changed.map(([, value]) => value) : Object.fromEntries(changed);
};

/** The document with the part at a path changed, or taken away by undefined-as-a-whole. */
const at = (
  document: unknown,
  [step, ...rest]: readonly Step[],
  change: (part: unknown) => readonly unknown[],
): unknown => {
  if (step === undefined) return change(document)[0];
  if (!isParent(document) || !Object.hasOwn(document, step)) return document;
  return put(document, (entries) =>
    entries.flatMap(([key, value]): [string, unknown][] => {
      if (key !== String(step)) return [[key, value]];
      if (rest.length > 0) return [[key, at(value, rest, change)]];
      // A second one stands under a name of its own in a map, beside the first in a list.
      return change(value).map((part, index) => [index === 0 ? key : `${key}${index}`, part]);
    }),
  );
};

const truncated = (part: unknown, keep: number): unknown => {
  if (typeof part === 'string') return part.slice(0, keep % (part.length + 1));
  if (!isParent(part)) return part;
  return put(part, (entries) => entries.slice(0, keep % (entries.length + 1)));
};

const renamed = (part: unknown, which: number): unknown =>
  isParent(part) && !Array.isArray(part)
    ? put(part, (entries) =>
        entries.map(([key, value], index) => [
          index === which % entries.length ? (POISON[which % POISON.length] ?? '') : key,
          value,
        ]),
      )
    : [part];

const HOW = ['replace', 'delete', 'duplicate', 'truncate', 'wrap', 'rename', 'null', 'swap', 'text'] as const;
interface Mutation {
  readonly where: number;
  readonly how: (typeof HOW)[number];
  readonly value: unknown;
  readonly text: string;
}

const mutate = (document: unknown, { where, how, value, text }: Mutation): unknown => {
  const path = pathTo(document, where);
  const other = (): unknown =>
    pathTo(document, where * 7 + 1).reduce<unknown>((part, step) => (isParent(part) ? part[step] : part), document);
  const changes: Readonly<Record<Mutation['how'], (part: unknown) => readonly unknown[]>> = {
    replace: () => [value],
    delete: () => [],
    duplicate: (part) => [part, part],
    truncate: (part) => [truncated(part, where)],
    wrap: (part) => [where % 2 === 0 ? [part] : { S: part }],
    rename: (part) => [renamed(part, where)],
    null: () => [null],
    swap: () => [other()],
    // What is added to a valid text is less likely to be refused at once.
    text: (part) => [typeof part === 'string' ? (where % 2 === 0 ? part + text : text + part) : text],
  };
  return at(document, path, changes[how]);
};

const mutation = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Mutation> =>
  fc.record({ where: fc.nat(10_000_000), how: fc.constantFrom(...HOW), value, text: hostileText });

/** Valid documents of which parts are deleted, replaced, doubled, cut, wrapped, renamed or exchanged; some are left whole. */
export const mutatedDocument = (
  documents: readonly unknown[],
  value: fc.Arbitrary<unknown> = hostileJson,
): fc.Arbitrary<unknown> =>
  fc
    .tuple(fc.constantFrom(...documents), fc.array(mutation(value), { maxLength: 4, size: 'max' }))
    .map(([document, mutations]) => mutations.reduce(mutate, document));

const CUT = ['insert', 'replace', 'delete', 'repeat', 'truncate', 'flip'] as const;

const cut = (
  text: string,
  { where, how, with: by, length }: { where: number; how: (typeof CUT)[number]; with: string; length: number },
) => {
  const start = where % (text.length + 1);
  const [before, part, after] = [text.slice(0, start), text.slice(start, start + length), text.slice(start + length)];
  switch (how) {
    case 'insert':
      return before + by + part + after;
    case 'replace':
      return before + by + after;
    case 'delete':
      return before + after;
    case 'repeat':
      return before + part + part + after;
    case 'truncate':
      return before;
    case 'flip':
      return before + String.fromCharCode(text.charCodeAt(start) ^ (1 << (length % 16))) + text.slice(start + 1);
    default:
      return how satisfies never;
  }
};

/** Valid texts of which pieces are inserted, replaced, taken out, doubled, cut off, or of which a bit is another. */
export const mutatedText = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(
        fc.record({ where: fc.nat(100_000), how: fc.constantFrom(...CUT), with: hostileText, length: fc.nat(40) }),
        { maxLength: 4, size: 'max' },
      ),
    )
    .map(([text, cuts]) => cuts.reduce(cut, text));
