import { fc } from '@fast-check/jest';

/** Names that reach a prototype, or that code may find on one. */
export const POISON = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  'then',
  'length',
];

// prettier-ignore
/** Texts that have broken parsers, terminals, tables and logs of others. */
const NASTY = [
  ...POISON,
  '', ' ', '\0', '\n', '\r\n', '\t', '\u0007', '\u007f', '\u0085', '\u2028', '\ufeff', '\u200b', '\u00ad',
  // Colours, the title of a window, the clearing of a screen, a link: by ESC and by C1.
  '\u001b[31mred', '\u001b]0;title\u0007', '\u001b[2J\u001b[H', '\u009b31m', '\u001b]8;;http://x\u001b\\y', '\u001b',
  '\u202eexe.txt', '\u2066hidden\u2069', '\ud800', '\udfff', 'a\udc00b', '👩‍👩‍👧', 'e\u0301', '\u{e0041}', 'İ', 'ﬁ',
  'null', 'undefined', 'NaN', '-Infinity', '1e999', '-0', '0x10', '1e-400', '9007199254740993', '9'.repeat(400),
  '2026-02-30', '2026-13-01T00:00:00Z', '0000-00-00', '-271821-04-20', '+275760-09-13T00:00:00.001Z', '24:00',
  '2026-11-21T04:36:24Z', '2026-11-21', '9999-12-31T23:59:59-23:59', '0000-01-01T00:00:00+23:59', '1',
  '8640000000000001', '[', ']', '{', '}', '"', "'", '`', '\\', '%', '%00', '%ff', '%zz', '&amp;',
  '<script>alert(1)</script>', '=cmd|x!A0', '../../etc/passwd', 'file:///etc/passwd', '${env:X}', '$(id)',
  "'; DROP TABLE jobs;--", '*', '#', ',', ':', '=', '-', '--', 'arn:', 's3://',
  'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghijkl',
];

const codeUnits = fc
  .array(fc.oneof(fc.nat(0xffff), fc.nat(0x1f), fc.integer({ min: 0xd800, max: 0xdfff })), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));
const codePoints = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 20 })
  .map((points) => String.fromCodePoint(...points));
const long = fc
  .tuple(fc.constantFrom(...NASTY, 'a', 'ab ', 'é', '-a', 'a.'), fc.constantFrom(64, 200, 300, 1012, 2049, 5000))
  .map(([text, length]) => (text === '' ? 'x' : text).repeat(length).slice(0, length));

/** Any of these, in proportion to the number before each. */
export const weighted = <Value>(...choices: readonly (readonly [number, fc.Arbitrary<Value>])[]): fc.Arbitrary<Value> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

const short = weighted(
  [4, fc.constantFrom(...NASTY)],
  [2, fc.string({ maxLength: 30 })],
  [1, codePoints],
  [1, codeUnits],
);

/** Any text, mostly of the worst kind. */
export const hostileText: fc.Arbitrary<string> = weighted(
  [12, short],
  [3, fc.tuple(short, short).map((texts) => texts.join(''))],
  [1, long],
);

const hostileNumber = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.1, 2 ** 31, 2 ** 53, 2 ** 53 + 2, 1e21, -1e308, 5e-324, 1e-131, 8.64e15, 8.64e15 + 1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const jsonLeaf = fc.oneof(hostileText, hostileText, hostileNumber, fc.constantFrom<unknown>(null, true, false));

const LEVELS = 100_000;

/** Lists or maps within each other, so deep that simple recursion fails. */
export const nested = (
  depth = LEVELS,
  wrap: (inside: unknown) => unknown = (inside) => [inside],
  core: unknown = 1,
): unknown => {
  let value = core;
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
};
export const nestedMaps = (depth = LEVELS): unknown => nested(depth, (inside) => ({ a: inside }));
/** The same as JSON, which JSON.stringify could not make. */
export const nestedJson = (): string => '['.repeat(LEVELS) + ']'.repeat(LEVELS);

const deep = fc
  .tuple(fc.constantFrom(25, 33, 40, 200, 2000), fc.constantFrom('a', 'list', '__proto__'))
  .map(([depth, key]) => nested(depth, (inside) => (key === 'list' ? [inside] : Object.fromEntries([[key, inside]]))));

const hostileKey = fc.oneof(fc.constantFrom(...POISON), short);
// By entries: `__proto__` becomes a member like any other, as JSON.parse makes it one.
const mapOf = (value: fc.Arbitrary<unknown>) =>
  fc.array(fc.tuple(hostileKey, value), { maxLength: 4 }).map((entries): unknown => Object.fromEntries(entries));

const treesOf = (leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 4, arbitrary: leaf },
      { weight: 1, arbitrary: fc.array(tie('tree'), { maxLength: 4 }) },
      { weight: 1, arbitrary: mapOf(tie('tree')) },
    ),
  }));
  return weighted([40, tree], [1, deep]);
};

/** Everything that JSON can express. */
export const hostileJson: fc.Arbitrary<unknown> = treesOf(jsonLeaf);

// prettier-ignore
const NOT_IN_JSON: readonly unknown[] = [
  undefined, NaN, Infinity, -Infinity, 10n, Symbol('s'), new Date(NaN), () => 1,
  new Map([['a', 1]]), new Set([1]), /x/, new Error('x'), Object.create(null),
];

/** Everything that a program can pass: JSON, and values that JSON does not have. */
export const hostileValue: fc.Arbitrary<unknown> = treesOf(
  weighted<unknown>([4, jsonLeaf], [2, fc.constantFrom(...NOT_IN_JSON)], [1, fc.date()]),
);

type Step = string | number;
type Members = Readonly<Record<Step, unknown>>;

const isParent = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !(value instanceof Date);

/** The path of a part of a document by a number: each digit, in the base of the members, leads further in or ends. */
const pathTo = (document: unknown, where: number): Step[] => {
  const path: Step[] = [];
  let part = document;
  // Of a deep document the beginning suffices.
  for (let rest = where; isParent(part) && path.length <= 8;) {
    const keys = Object.keys(part);
    const key = keys[rest % (keys.length + 1)];
    if (key === undefined) break;
    path.push(Array.isArray(part) ? Number(key) : key);
    rest = Math.floor(rest / (keys.length + 1));
    part = part[key];
  }
  return path;
};

const changeEntries = (parent: Members, change: (entries: [string, unknown][]) => [string, unknown][]): unknown => {
  const changed = change(Object.entries(parent));
  return Array.isArray(parent) ? changed.map(([, value]) => value) : Object.fromEntries(changed);
};

/** The document with other parts in place of the one at a path; none removes it. */
const replaceAt = (
  document: unknown,
  [step, ...rest]: readonly Step[],
  change: (part: unknown) => readonly unknown[],
): unknown => {
  if (step === undefined) return change(document)[0];
  if (!isParent(document) || !Object.hasOwn(document, step)) return document;
  return changeEntries(document, (entries) =>
    entries.flatMap(([key, value]): [string, unknown][] => {
      if (key !== String(step)) return [[key, value]];
      if (rest.length > 0) return [[key, replaceAt(value, rest, change)]];
      // A second part has a name of its own in a map, and stands beside the first in a list.
      return change(value).map((part, index) => [index === 0 ? key : `${key}${index}`, part]);
    }),
  );
};

const truncate = (part: unknown, keep: number): unknown => {
  if (typeof part === 'string') return part.slice(0, keep % (part.length + 1));
  return isParent(part) ? changeEntries(part, (entries) => entries.slice(0, keep % (entries.length + 1))) : part;
};

const rename = (part: unknown, which: number): unknown =>
  isParent(part) && !Array.isArray(part)
    ? changeEntries(part, (entries) =>
        entries.map(([key, value], index) => [
          index === which % entries.length ? (POISON[which % POISON.length] ?? '') : key,
          value,
        ]),
      )
    : [part];

const KINDS = ['replace', 'delete', 'duplicate', 'truncate', 'wrap', 'rename', 'null', 'swap', 'text'] as const;
interface Mutation {
  readonly where: number;
  readonly kind: (typeof KINDS)[number];
  readonly value: unknown;
  readonly text: string;
}

const mutate = (document: unknown, { where, kind, value, text }: Mutation): unknown => {
  const otherPart = (): unknown =>
    pathTo(document, where * 7 + 1).reduce<unknown>((part, step) => (isParent(part) ? part[step] : part), document);
  const changes: Readonly<Record<Mutation['kind'], (part: unknown) => readonly unknown[]>> = {
    replace: () => [value],
    delete: () => [],
    duplicate: (part) => [part, part],
    truncate: (part) => [truncate(part, where)],
    wrap: (part) => [where % 2 === 0 ? [part] : { S: part }],
    rename: (part) => [rename(part, where)],
    null: () => [null],
    swap: () => [otherPart()],
    // A valid text with an addition is less likely to be refused at once.
    text: (part) => [typeof part === 'string' ? (where % 2 === 0 ? part + text : text + part) : text],
  };
  return replaceAt(document, pathTo(document, where), changes[kind]);
};

/** Valid documents of which parts are deleted, replaced, doubled, cut, wrapped, renamed or swapped; some stay whole. */
export const mutatedDocument = (
  documents: readonly unknown[],
  value: fc.Arbitrary<unknown> = hostileJson,
): fc.Arbitrary<unknown> => {
  const mutation = fc.record({ where: fc.nat(10_000_000), kind: fc.constantFrom(...KINDS), value, text: hostileText });
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(mutation, { maxLength: 4, size: 'max' }))
    .map(([document, mutations]) => mutations.reduce(mutate, document));
};

const EDITS = ['insert', 'replace', 'delete', 'repeat', 'truncate', 'flip'] as const;
interface Edit {
  readonly where: number;
  readonly kind: (typeof EDITS)[number];
  readonly by: string;
  readonly length: number;
}

const edit = (text: string, { where, kind, by, length }: Edit): string => {
  const start = where % (text.length + 1);
  const [before, part, after] = [text.slice(0, start), text.slice(start, start + length), text.slice(start + length)];
  const edited: Readonly<Record<Edit['kind'], string>> = {
    insert: before + by + part + after,
    replace: before + by + after,
    delete: before + after,
    repeat: before + part + part + after,
    truncate: before,
    flip: before + String.fromCharCode(text.charCodeAt(start) ^ (1 << (length % 16))) + text.slice(start + 1),
  };
  return edited[kind];
};

/** Valid texts of which pieces are inserted, replaced, deleted, doubled or cut off, or of which a bit is flipped. */
export const mutatedText = (texts: readonly string[]): fc.Arbitrary<string> => {
  const edits = fc.record({
    where: fc.nat(100_000),
    kind: fc.constantFrom(...EDITS),
    by: hostileText,
    length: fc.nat(40),
  });
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edits, { maxLength: 4, size: 'max' }))
    .map(([text, all]) => all.reduce(edit, text));
};

/** A document as JSON; an empty text for one that has none, such as undefined. */
export const asJson = (document: unknown): string =>
  (JSON.stringify as (value: unknown) => string | undefined)(document) ?? '';

/** Bodies as text: mostly valid documents with mutations, some other JSON, and some other text. */
export const mutatedBody = (documents: readonly unknown[]): fc.Arbitrary<string> =>
  weighted(
    [6, mutatedDocument(documents).map(asJson)],
    [2, mutatedText(documents.map(asJson))],
    [1, hostileJson.map(asJson)],
    [1, hostileText],
  );
