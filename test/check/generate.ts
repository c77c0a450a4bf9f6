/** Files as people make them: valid ones, and ones with a single mistake of a known kind, by a seed. */
import type { Random } from '../../lib/simulator/random.ts';
import type { Target } from './targets.ts';

/** A document that may be changed in place. */
type Json = Record<string, unknown>;

interface Turn {
  role: unknown;
  content: unknown;
}

type Change = (record: Json, random: Random, target: Target) => void;

const turnsOf = (record: Json): Turn[] => record['messages'] as Turn[];
const last = (record: Json): Turn => turnsOf(record).at(-1) ?? { role: '', content: '' };

/** A text as content of the format. */
const contentOf = (text: unknown, { format }: Target): unknown =>
  format === 'converse' || format === 'prompt' ? [{ text }] : text;

const fileIn = (format: string, uri: unknown = 's3://acme-training/files/a.bin') => ({
  format,
  source: { s3Location: { uri } },
});

const add = (record: Json, turn: number, ...items: object[]): void => {
  const { content } = turnsOf(record)[turn] ?? {};
  if (Array.isArray(content)) content.push(...items);
};

const conversation: Readonly<Record<string, Change>> = {
  'order of roles': (record) => turnsOf(record).reverse(),
  'role in capitals': (record) => (last(record).role = 'Assistant'),
  'unknown role': (record, random) => (last(record).role = random.pick(['bot', 'system', '', null, 3])),
  'no answer': (record) => turnsOf(record).pop(),
  'no messages': (record, random) => (record['messages'] = random.pick<unknown>([[], {}, null, 'none'])),
  'messages are missing': (record) => delete record['messages'],
  'two prompts in a row': (record) => turnsOf(record).unshift(structuredClone(turnsOf(record)[0] as Turn)),
  'empty answer': (record, _, target) => (last(record).content = contentOf('', target)),
  'answer of spaces': (record, _, target) => (last(record).content = contentOf(' \n', target)),
  'empty prompt': (record, _, target) => ((turnsOf(record)[0] as Turn).content = contentOf('', target)),
  'text is no string': (record, random, target) =>
    (last(record).content = contentOf(random.pick<unknown>([7, null, {}, ['a'], true]), target)),
  'content is missing': (record) => delete (last(record) as Partial<Turn>).content,
  'content of another format': (record, _, { format }) =>
    (last(record).content = format === 'converse' || format === 'prompt' ? 'Tomorrow.' : [{ text: 'Tomorrow.' }]),
  'reserved word': (record, random, target) =>
    (last(record).content = contentOf(
      random.pick([
        'User: hi',
        'a\nHuman: b',
        'see <image>',
        'ASSISTANT: x',
        'end [EOS]',
        'the user: me',
        'a\nAssistant: b',
      ]),
      target,
    )),
  'system prompt of another format': (record, random) =>
    (record['system'] = random.pick<unknown>([
      'Be kind.',
      [{ text: 'Be kind.' }],
      [],
      {},
      5,
      [{ text: 1 }],
      ['Be kind.'],
    ])),
  'system prompt is null': (record) => (record['system'] = null),
  'several turns': (record, _, target) => {
    const turns = turnsOf(record);
    const [first] = structuredClone(turns);
    if (turns.length % 2 === 1) turns.push({ role: 'assistant', content: contentOf('Yes.', target) });
    if (first !== undefined) turns.push(first);
    if (target.format !== 'prompt') turns.push({ role: 'assistant', content: contentOf('No.', target) });
  },
  'a very long text': (record, random, target) =>
    (last(record).content = contentOf('word '.repeat(random.pick([19_000, 25_000, 50_000])), target)),
};

const converse: Readonly<Record<string, Change>> = {
  'schemaVersion is missing': (record) => delete record['schemaVersion'],
  'another schemaVersion': (record, random) => (record['schemaVersion'] = random.pick<unknown>(['1.0', 2024, null])),
  'empty content': (record) => (last(record).content = []),
  'empty item': (record) => (last(record).content = [{}]),
  'item is null': (record) => (last(record).content = [null]),
  'text is null': (record) => (last(record).content = [{ text: null }]),
  'two texts': (record) => add(record, turnsOf(record).length - 1, { text: 'And more.' }),
  'an image': (record, random) => add(record, 0, { image: fileIn(random.pick(['png', 'jpeg', 'gif', 'webp'])) }),
  'image of another format': (record, random) =>
    add(record, 0, { image: fileIn(random.pick(['jpg', 'bmp', 'PNG', ''])) }),
  'image in an answer': (record) => add(record, turnsOf(record).length - 1, { image: fileIn('png') }),
  'image at another place': (record, random) =>
    add(record, 0, {
      image: fileIn('png', random.pick<unknown>(['https://a/b.png', '/a.png', 's3://acme/a b.png', 7, null])),
    }),
  'image without source': (record, random) =>
    add(record, 0, {
      image: random.pick<object | null>([{ format: 'png' }, {}, { format: 'png', source: { bytes: 'AA' } }, null]),
    }),
  'eleven images': (record) => add(record, 0, ...Array.from({ length: 11 }, () => ({ image: fileIn('png') }))),
  'a video': (record, random) => add(record, 0, { video: fileIn(random.pick(['mp4', 'mov', 'mkv', 'webm', 'avi'])) }),
  'two videos': (record) => add(record, 0, { video: fileIn('mp4') }, { video: fileIn('mp4') }),
  'a video and an image': (record) => add(record, 0, { video: fileIn('mp4') }, { image: fileIn('png') }),
  'a document': (record, random) => add(record, 0, { document: fileIn(random.pick(['pdf', 'docx'])) }),
  reasoning: (record, random) =>
    add(record, random.pick([0, 1]), { reasoningContent: { reasoningText: { text: random.pick(['So.', '']) } } }),
  'tool use': (record, random) =>
    add(record, random.pick([0, 1]), { toolUse: { toolUseId: 'a', name: 'b', input: {} } }),
  'owner of a bucket is a number': (record) =>
    add(record, 0, { image: { format: 'png', source: { s3Location: { uri: 's3://acme/a.png', bucketOwner: 1 } } } }),
};

const pairs: Readonly<Record<string, Change>> = {
  'completion is missing': (record) => delete record['completion'],
  'prompt is missing': (record) => delete record['prompt'],
  'text is no string': (record, random) => (record['completion'] = random.pick<unknown>([7, null, {}, ['a']])),
  'empty answer': (record) => (record['completion'] = ''),
  'answer of spaces': (record) => (record['completion'] = ' \n'),
  'empty prompt': (record) => (record['prompt'] = ''),
  'a very long text': (record, random) => (record['prompt'] = 'word '.repeat(random.pick([19_000, 25_000]))),
};

const rewards: Readonly<Record<string, Change>> = {
  'reference answer is missing': (record) => delete record['reference_answer'],
  'empty reference answer': (record, random) => (record['reference_answer'] = random.pick<unknown>(['', {}, ' '])),
  'reference answer is a number': (record, random) =>
    (record['reference_answer'] = random.pick<unknown>([5, [1], true])),
  'tools are missing': (record) => delete record['tools'],
  'empty tools': (record) => (record['tools'] = []),
  'a tool of another format': (record, random) =>
    (record['tools'] = [random.pick<object>([{}, { type: 'x' }, { type: 'function', function: { name: 'a' } }])]),
  'empty id': (record, random) => (record['id'] = random.pick<unknown>(['', 7, 'a-1'])),
  'late system prompt': (record) => turnsOf(record).push({ role: 'system', content: 'Be kind.' }),
};

/** A value of another kind at a random place, a member that is gone, or one that is new. */
const anywhere: Change = (record, random) => {
  let at: Json = record;
  for (let depth = 0; depth < 6; depth += 1) {
    const names = Object.keys(at);
    const name = names[Math.floor(random.next() * names.length)];
    if (name === undefined) return;
    const value = at[name];
    if (typeof value === 'object' && value !== null && random.chance(0.75)) {
      at = value as Json;
      continue;
    }
    const odd = random.pick<unknown>([null, 1, '', 'text', [], {}, false, [null], { text: 'a' }]);
    if (Array.isArray(at)) at[Number(name)] = odd;
    else if (random.chance(0.3)) Reflect.deleteProperty(at, name);
    else if (random.chance(0.2)) at['extra'] = odd;
    else at[name] = odd;
    return;
  }
};

const CHANGES: Readonly<Record<Target['format'], Readonly<Record<string, Change>>>> = {
  converse: { ...conversation, ...converse },
  prompt: { ...conversation, ...converse },
  claude: conversation,
  pair: pairs,
  reward: { ...conversation, ...rewards },
};

/** Changes of the text of a line. */
const LINES: Readonly<Record<string, (line: string, random: Random) => string>> = {
  'broken JSON': (line, random) => {
    const at = Math.floor(random.next() * (line.length - 1));
    return random.chance(0.5) ? line.slice(0, at) : `${line.slice(0, at)}${line.slice(at + 1)}`;
  },
  'empty line': (line) => `${line}\n`,
  'line of spaces': (line) => `${line}\n  `,
  'comma after a record': (line) => `${line},`,
  'record in a list': (line) => `[${line}]`,
  'two records in a line': (line) => line + line,
  'value of Python': (line, random) =>
    line.replace(/^\{/, `{"score": ${random.pick(['NaN', 'None', 'Infinity', 'True'])}, `),
  'half of a character': (line) =>
    line.replace(/"text": ?"|"content": ?"|"completion": ?"/, (found) => `${found}\\ud83d`),
  'spaces around a record': (line) => `  ${line}\t `,
  'line is no object': (_, random) => random.pick(['7', '"text"', 'null', '[]', 'true']),
};

/** Changes of the bytes of a file. */
const BYTES: Readonly<Record<string, (text: string, random: Random) => Buffer>> = {
  'byte order mark': (text) => Buffer.from(`\ufeff${text}`),
  'CR LF': (text) => Buffer.from(text.replaceAll('\n', '\r\n')),
  'no line break at the end': (text) => Buffer.from(text.trimEnd()),
  'another encoding': (text) => Buffer.from(text.replace(/[a-z]{4}/, 'é'), 'latin1'),
  'UTF-16': (text) => Buffer.from(text, 'utf16le'),
  'empty file': () => Buffer.alloc(0),
  'one record too few': (text) => Buffer.from(text.slice(text.indexOf('\n') + 1)),
  'lists instead of lines': (text) => Buffer.from(`[${text.trimEnd().replaceAll('\n', ',\n')}]\n`),
};

/** A file to judge. */
export interface GeneratedFile {
  readonly kind: string;
  readonly name: string;
  readonly bytes: Buffer;
}

const WORDS = ['order', 'parcel', 'naïve', '東京', '🎉', 'refund', 'e-mail', '"quoted"', 'late'] as const;

/** Valid files differ too: in their words, in turns, and in what is optional. */
const vary = (record: Json, random: Random, { format }: Target): void => {
  const words = Array.from({ length: 3 }, () => random.pick(WORDS)).join(' ');
  if (format === 'pair') record['prompt'] = words;
  else {
    const [first] = turnsOf(record);
    if (first !== undefined) first.content = format === 'converse' || format === 'prompt' ? [{ text: words }] : words;
  }
  if (random.chance(0.2)) delete record['system'];
  if (format === 'converse' && random.chance(0.1)) turnsOf(record).push(...structuredClone(turnsOf(record)));
};

const kindsOf = ({ format }: Target): string[] => [
  ...Object.keys(CHANGES[format]),
  ...Object.keys(LINES),
  ...Object.keys(BYTES),
];

/** One file of a target. Every fifth is valid, every fifth has a change at a random place. */
export const generateFile = (target: Target, random: Random): GeneratedFile => {
  const kinds = kindsOf(target);
  const dice = random.next();
  const named = kinds[Math.floor(random.next() * kinds.length)] ?? '';
  const kind = dice < 0.2 ? 'valid' : dice < 0.4 ? 'anything at a random place' : named;
  const wrong = Math.floor(random.next() * target.records);
  const lines = Array.from({ length: target.records }, (_, index) => {
    const record = structuredClone(target.record) as Json;
    vary(record, random, target);
    const change = kind === 'anything at a random place' ? anywhere : CHANGES[target.format][kind];
    if (index === wrong) change?.(record, random, target);
    const line = JSON.stringify(record);
    return index === wrong ? (LINES[kind]?.(line, random) ?? line) : line;
  });
  const text = lines.map((line) => `${line}\n`).join('');
  return {
    kind,
    name: random.chance(0.01) ? 'train.json' : 'train.jsonl',
    bytes: BYTES[kind]?.(text, random) ?? Buffer.from(text),
  };
};
