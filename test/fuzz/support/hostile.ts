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

/** Texts that have broken parsers, terminals, tables and logs of others. */
const NASTY = [
  ...POISON,
  ...['', ' ', '\0', '\n', '\r\n', '\t', '\u0007', '\u007f', '\u0085', '\u2028', '\ufeff', '\u200b', '\u00ad'],
  // Colours, the title of a window, the clearing of a screen, a link: by ESC and by C1.
  ...[
    '\u001b[31mred',
    '\u001b]0;title\u0007',
    '\u001b[2J\u001b[H',
    '\u009b31m',
    '\u001b]8;;http://x\u001b\\y',
    '\u001b',
  ],
  ...['\u202eexe.txt', '\u2066hidden\u2069', '\ud800', '\udfff', 'a\udc00b', '👩‍👩‍👧', 'e\u0301', '\u{e0041}', 'İ', 'ﬁ'],
  ...['null', 'undefined', 'NaN', '-Infinity', '1e999', '-0', '0x10', '1e-400', '9007199254740993', '9'.repeat(400)],
  ...['2026-02-30', '2026-13-01T00:00:00Z', '0000-00-00', '-271821-04-20', '+275760-09-13T00:00:00.001Z', '24:00'],
  ...[
    '2026-11-21T04:36:24Z',
    '2026-11-21',
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00+23:59',
    '1',
    '8640000000000001',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '`',
    '\\',
    '%',
    '%00',
    '%ff',
    '%zz',
    '&amp;',
    '<script>alert(1)</script>',
    '=cmd|x!A0',
  ],
  ...[
    '../../etc/passwd',
    'file:///etc/passwd',
    '${env:X}',
    '$(id)',
    "'; DROP TABLE jobs;--",
    '*',
    '#',
    ',',
    ':',
    '=',
    '-',
    '--',
  ],
  ...[
    'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghijkl',
    'arn:',
    's3://',
  ],
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
const short = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 2, arbitrary: fc.string({ maxLength: 30 }) },
  { weight: 1, arbitrary: codePoints },
  { weight: 1, arbitrary: codeUnits },
);

/** Any text, mostly of the worst kind. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: short },
  { weight: 3, arbitrary: fc.tuple(short, short).map((texts) => texts.join('')) },
  { weight: 1, arbitrary: long },
);

const hostileKey = fc.oneof(fc.constantFrom(...POISON), short);

/** A number, mostly at the edge of what a number can be. */
export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.1, 2 ** 31, 2 ** 53, 2 ** 53 + 2, 1e21, -1e308, 5e-324, 1e-131, 8.64e15, 8.64e15 + 1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const withKeys = (value: fc.Arbitrary<unknown>) =>
  // By entries: `__proto__` becomes a member like any other, as JSON.parse makes it one.
  fc.array(fc.tuple(hostileKey, value), { maxLength: 4 }).map((entries): unknown => Object.fromEntries(entries));

const jsonLeaf = fc.oneof(hostileText, hostileText, hostileNumber, fc.constantFrom<unknown>(null, true, false));

/** Lists or maps within each other, so deep that what recurses by itself fails. */
export const nested = (depth: number, wrap: (inside: unknown) => unknown = (inside) => [inside], core: unknown = 1) => {
  let value = core;
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
};
const deep = fc
  .tuple(fc.constantFrom(25, 33, 40, 200, 2000), fc.constantFrom('a', 'list', '__proto__'))
  .map(([depth, key]) => nested(depth, (inside) => (key === 'list' ? [inside] : Object.fromEntries([[key, inside]]))));

const trees = (leaf: fc.Arbitrary<unknown>) =>
  fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 4, arbitrary: leaf },
      { weight: 1, arbitrary: fc.array(tie('tree'), { maxLength: 4 }) },
      { weight: 1, arbitrary: withKeys(tie('tree')) },
    ),
  })).tree;

/** Whatever JSON can say. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 40, arbitrary: trees(jsonLeaf) },
  { weight: 1, arbitrary: deep },
);

const scriptLeaf = fc.oneof(
  { weight: 4, arbitrary: jsonLeaf },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(undefined, NaN, Infinity, -Infinity, 10n, Symbol('s'), new Date(NaN), () => 1),
  },
  { weight: 1, arbitrary: fc.date() },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(new Map([['a', 1]]), new Set([1]), /x/, new Error('x'), Object.create(null)),
  },
);

/** Whatever a program can hand over: JSON, and what JSON does not have. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 40, arbitrary: trees(scriptLeaf) },
  { weight: 1, arbitrary: deep },
);
