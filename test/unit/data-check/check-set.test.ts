import { describe, expect, it } from '@jest/globals';
import { createFileCheck, type DataFile, type FileReport } from '../../../lib/data-check/check-file.ts';
import { type DataReport, locationProblem, reportOn } from '../../../lib/data-check/check-set.ts';
import { rulesFor } from '../../../lib/data-check/rules.ts';
import { jsonl, MODELS, RECORDS } from '../../support/training-data.ts';

interface Given {
  readonly model?: string;
  readonly type?: string;
  readonly file?: Partial<DataFile>;
}

const read = (bytes: Buffer, { model = MODELS.nova, type = 'FINE_TUNING', file }: Given = {}): FileReport => {
  const check = createFileCheck({ name: 'train.jsonl', role: 'training', ...file }, rulesFor(model, type));
  check.push(bytes);
  return check.end();
};

const report = (bytes: Buffer, given: Given = {}): DataReport =>
  reportOn({ baseModel: given.model ?? MODELS.nova, type: given.type ?? 'FINE_TUNING' }, [read(bytes, given)]);

const many = (record: unknown, count: number): unknown[] => Array.from({ length: count }, () => record);

/** What is said of one record, as `severity path: text`. */
const said = (record: unknown, given: Given = {}): string[] =>
  read(jsonl([record]), given).problems.map(({ severity, path, text }) => `${severity} ${path}: ${text}`);

const { converse } = RECORDS;
const [question, answer] = converse.messages;
const withMessages = (...messages: unknown[]) => ({ ...converse, messages });
const media = (kind: string, format: string, uri = 's3://acme/a.png') => ({
  [kind]: { format, source: { s3Location: { uri } } },
});
const asking = (...content: unknown[]) => withMessages({ role: 'user', content }, answer);
const answering = (...content: unknown[]) => withMessages(question, { role: 'assistant', content });

describe('a valid file', () => {
  it.each([
    ['Nova', MODELS.nova, 'FINE_TUNING', converse, 8],
    ['Nova 2', MODELS.nova2, 'FINE_TUNING', converse, 200],
    ['Nova Canvas', MODELS.canvas, 'FINE_TUNING', RECORDS.image, 5],
    ['Titan Text', MODELS.titan, 'FINE_TUNING', RECORDS.pair, 1],
    ['continued pre-training', MODELS.titan, 'CONTINUED_PRE_TRAINING', RECORDS.plainText, 1],
    ['Claude 3 Haiku', MODELS.haiku, 'FINE_TUNING', RECORDS.claude, 32],
    ['Llama 3.1', MODELS.llama31, 'FINE_TUNING', RECORDS.pair, 100],
    ['Llama 3.2', MODELS.llama32, 'FINE_TUNING', converse, 100],
    ['distillation', MODELS.nova, 'DISTILLATION', RECORDS.prompt, 100],
    ['reinforcement fine-tuning', MODELS.nova2, 'REINFORCEMENT_FINE_TUNING', RECORDS.reward, 100],
  ])('of %s passes, and with one record fewer fails', (_, model, type, record, least) => {
    expect(report(jsonl(many(record, least)), { model, type })).toMatchObject({ ok: true, problems: [] });
    expect(report(jsonl(many(record, least - 1)), { model, type }).ok).toBe(false);
  });

  it.each([
    ['the ARN of a model', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k'],
    ['a custom model', 'arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl'],
  ])('is checked by the family of %s', (_, model) => {
    expect(report(jsonl(many(converse, 8)), { model }).format).toBe('Converse format');
  });

  it('of an unknown model gets the general checks alone', () => {
    const given = { model: 'my-model' };
    expect(report(jsonl([{ anything: 1 }]), given)).toMatchObject({ ok: true });
    expect(report(jsonl([{ anything: 1 }]), given)).not.toHaveProperty('format');
    expect(report(Buffer.from('{]\n'), given).ok).toBe(false);
  });

  it('passes as it is in any pieces', () => {
    const bytes = jsonl(many({ ...converse, system: [{ text: 'čau 日本 🎉' }] }, 20));
    const check = createFileCheck({ name: 'a', role: 'training' }, rulesFor(MODELS.nova, 'FINE_TUNING'));
    for (let at = 0; at < bytes.byteLength; at += 7) check.push(bytes.subarray(at, at + 7));
    expect(check.end()).toMatchObject({ records: 20, errors: 0, bytes: bytes.byteLength });
  });
});

describe('a line', () => {
  it.each([
    ['{"a":1}\n\n{"a":1}', 'is empty: remove it', 2],
    ['\ufeff{"a":1}', 'begins with a byte order mark', 1],
    ['[{"a":1}]', 'must be an object, not a list', 1],
    ['[\n{"a":1}\n]', 'is a list: write one record a line', 1],
    ['{"a":1},', 'ends in a comma', 1],
    ['{"a":[1,]}', 'has a comma before a closing bracket', 1],
    ["{'a': 1}", 'has single quotes', 1],
    ['{"a": NaN}', 'is Python and not JSON', 1],
    ['{"a":1}{"a":2}', 'holds several records', 1],
    ['{\n  "a": 1\n}', 'is a part of a record', 1],
    ['{"a":1}\n{"a" 1}', 'is not JSON from column 6', 2],
    ['{"a": x, "b": []}', 'is not JSON from column 7', 1],
    ['{"a":[], "b":["", x]}', 'is not JSON from column 19', 1],
    ['{"a":"b, ]" c}', 'is not JSON from column 13', 1],
    ['{"a":"Answer: None" c}', 'is not JSON from column 21', 1],
    ['{"a":"} {" c}', 'is not JSON from column 12', 1],
    ['{"a":"\\ud800"}', 'has half of a character', 1],
    ['7', 'must be an object, not 7', 1],
  ])('%j: %s', (text, words, line) => {
    const [problem] = read(Buffer.from(text), { model: 'unknown' }).problems;
    expect(problem).toMatchObject({
      severity: 'error',
      lines: [[line, expect.any(Number)]],
      text: expect.stringContaining(words) as unknown,
    });
  });

  it('in another encoding is told by its number', () => {
    const bytes = Buffer.concat([jsonl([{ a: 1 }]), Buffer.from([0x7b, 0xff, 0x7d, 0x0a]), jsonl([{ a: 'é' }])]);
    expect(read(bytes, { model: 'unknown' })).toMatchObject({
      records: 3,
      badLines: 1,
      problems: [{ lines: [[2, 2]], text: 'is not UTF-8: save the file as UTF-8' }],
    });
  });

  it('that is too long is told, and the next one is read', () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const check = createFileCheck({ name: 'a', role: 'training' }, undefined);
    for (let count = 0; count < 3; count += 1) check.push(piece);
    check.push(Buffer.from('\n{"a":1}\n'));
    expect(check.end()).toMatchObject({
      records: 2,
      badLines: 1,
      problems: [{ lines: [[1, 1]], text: 'is longer than 2 MB: shorten it' }],
    });
  });

  it('may end in CR LF, and the last one without a line break', () => {
    expect(read(Buffer.from('{"a":1}\r\n{"a":2}'), { model: 'unknown' })).toMatchObject({ records: 2, errors: 0 });
  });

  it('tells at most five problems, and a file at most some thousand of them', () => {
    expect(said({ messages: many(1, 30) })).toHaveLength(5);
    const all = read(jsonl(Array.from({ length: 6_000 }, (_, schemaVersion) => ({ ...converse, schemaVersion }))));
    expect(all).toMatchObject({ badLines: 6_000, errors: 6_000 });
    expect(all.problems).toHaveLength(5_000);
  });
});

/** Cases by the words that they expect. */
const byWords = (cases: readonly (readonly [record: unknown, words: RegExp])[]) =>
  cases.map(([record, words]) => [words.source, record, words] as const);

describe('a problem', () => {
  it('names all lines that have it', () => {
    const { problems } = read(jsonl([{}, {}, converse, {}]));
    expect(problems).toEqual([
      {
        severity: 'error',
        path: 'messages',
        text: 'are missing',
        count: 3,
        lines: [
          [1, 2],
          [4, 4],
        ],
      },
    ]);
  });
});

describe('a conversation', () => {
  it.each(
    byWords([
      [withMessages(question), /^error messages: end without an answer/],
      [withMessages(answer, question), /^error messages\[0\]\.role: must be "user", not "assistant": the user begins/],
      [withMessages(question, question), /^error messages\[1\]\.role: must be "assistant", not "user": user and/],
      [withMessages({ role: 'system', content: [{ text: 'x' }] }, question), /write it as "system" beside "messages"/],
      [withMessages(), /^error messages: are empty/],
      [{ prompt: 'a', completion: 'b' }, /^error messages: are missing: this is the format of other models/],
      [{ ...converse, schemaVersion: 2024 }, /^error schemaVersion: must be "bedrock-conversation-2024", not 2024/],
      [{ ...converse, system: 'Be kind' }, /^error system: must be a list such as/],
      [answering({ text: '' }), /^error messages\[1\]\.content: is an empty answer/],
      [answering({ text: ' \n' }), /is an empty answer/],
      [answering(), /is an empty answer/],
      [answering({ txt: 'a' }), /content\[0\]: has neither text nor/],
      [withMessages(question, { role: 'assistant', content: 'Yes' }), /must be a list of items, not "Yes": write \[/],
      [withMessages(question, { role: 'assistant', candidates: [] }), /is preference data: Bedrock has no/],
      [answering(media('image', 'png')), /belongs into messages of the user/],
      [asking({ text: 'See' }, media('image', 'jpg')), /image\.format: must be one of jpeg, .*, not "jpg": write jpeg/],
      [asking({ text: 'See' }, media('image', 'png', 'https://acme/a.png')), /uri: must be a location such as s3:/],
      [asking({ text: 'See' }, media('image', 'png', 's3://acme/a b.png')), /may hold only letters/],
      [
        asking({ text: 'See' }, { image: { format: 'png', source: { bytes: 'AAAA' } } }),
        /files inside the data are not/,
      ],
      [asking({ text: 'See' }, ...many(media('image', 'png'), 11)), /have 11 images, more than the 10/],
      [asking({ text: 'See' }, media('video', 'mp4'), media('video', 'mp4')), /have 2 videos: a record may have one/],
      [asking({ text: 'See' }, media('video', 'mp4'), media('image', 'png')), /mix videos with images/],
      [asking({ text: 'user: hello' }), /has the reserved word "user:"/],
      [answering({ text: 'x <image> y' }), /has the reserved word "<image>"/],
      [answering({ text: 'a' }, { reasoningContent: { reasoningText: { text: 'b' } } }), /only Nova 2 is trained on/],
      [answering({ toolUse: { name: 'a' } }), /^warning messages\[1\]\.content\[0\]\.toolUse: may make the job fail/],
      [asking({ text: 'x' }, { toolUse: {} }), /toolUse: belongs into messages of the assistant/],
      [{ ...converse, toolConfig: {} }, /^warning toolConfig: may make/],
      [asking({ text: 'a'.repeat(200_000) }), /^warning : has about 333\d\d tokens/],
    ]),
  )('of Nova: %s', (_, record, words) => {
    expect(said(record)).toEqual(expect.arrayContaining([expect.stringMatching(words)]));
  });

  it.each([
    ['images to Nova Micro', MODELS.novaMicro, asking({ text: 'See' }, media('image', 'png')), /not trained on images/],
    ['webp to Nova 2', MODELS.nova2, asking({ text: 'See' }, media('image', 'webp')), /must be one of png, jpeg, gif/],
    ['images to Llama 3.2 1B', MODELS.llama32, asking({ text: 'See' }, media('image', 'png')), /not trained on images/],
    ['videos to Llama', MODELS.llamaVision, asking({ text: 'See' }, media('video', 'mp4')), /not trained on videos/],
    ['another version to Llama', MODELS.llama32, { ...converse, schemaVersion: 'x' }, /must be "bedrock-conversation-/],
    [
      'two system prompts to Llama',
      MODELS.llama32,
      { ...converse, system: many({ text: 'a' }, 2) },
      /exactly one text/,
    ],
    ['a long text to Llama', MODELS.llama32, asking({ text: 'a'.repeat(97_000) }), /^error : has about 161\d\d tokens/],
  ])('may not give %s', (_, model, record, words) => {
    expect(said(record, { model })).toEqual(expect.arrayContaining([expect.stringMatching(words)]));
  });

  it('may have reasoning for Nova 2, and images for Llama 3.2 11B', () => {
    const reasoned = answering({ reasoningContent: { reasoningText: { text: 'b' } } }, { text: 'a' });
    expect(said(reasoned, { model: MODELS.nova2 })).toEqual([]);
    expect(said(asking({ text: 'See' }, media('image', 'webp')), { model: MODELS.llamaVision })).toEqual([]);
  });
});

describe('other formats', () => {
  const { pair, claude, image, prompt, reward } = RECORDS;
  const tool = {
    type: 'function',
    function: { name: 'a', description: 'b', parameters: { type: 'object', properties: {} } },
  };
  const distillation = { type: 'DISTILLATION', model: MODELS.nova };
  const rewarded = { type: 'REINFORCEMENT_FINE_TUNING', model: MODELS.nova2 };
  it.each<[string, Given, unknown, RegExp]>([
    [
      'a pair without completion',
      { model: MODELS.llama31 },
      { prompt: 'a' },
      /^error completion: is missing: each line/,
    ],
    [
      'a pair with an empty answer',
      { model: MODELS.titan },
      { ...pair, completion: '' },
      /^error completion: is empty/,
    ],
    ['a number as prompt', { model: MODELS.titan }, { ...pair, prompt: 1 }, /^error prompt: must be a string, not 1/],
    ['a conversation as pair', { model: MODELS.llama31 }, converse, /prompt: is missing: .* this is a conversation/],
    [
      'Converse content for Claude',
      { model: MODELS.haiku },
      { messages: converse.messages },
      /must be a string, not a list: this/,
    ],
    ['a list as Claude system', { model: MODELS.haiku }, { ...claude, system: [] }, /^error system: must be a string/],
    ['a reserved word of Claude', { model: MODELS.haiku }, { ...claude, system: 'a\nHuman: b' }, /has "Human:" at the/],
    [
      'another member for Claude',
      { model: MODELS.haiku },
      { ...claude, id: 1 },
      /^warning : has the unknown member "id"/,
    ],
    [
      'too many tokens for Claude',
      { model: MODELS.haiku },
      { ...claude, system: 'a'.repeat(96_100) },
      /^error : has about/,
    ],
    ['a short caption', { model: MODELS.canvas }, { ...image, caption: 'a' }, /at least 3 characters, and has 1/],
    [
      'an image elsewhere',
      { model: MODELS.canvas },
      { ...image, 'image-ref': 'cat.png' },
      /must be the location of an image/,
    ],
    ['a GIF', { model: MODELS.canvas }, { ...image, 'image-ref': 's3://a/b.gif' }, /^warning image-ref: must be a PNG/],
    [
      'pre-training without input',
      { model: MODELS.titan, type: 'CONTINUED_PRE_TRAINING' },
      pair,
      /^error input: is missing/,
    ],
    ['a prompt without version', distillation, { messages: prompt.messages }, /^warning schemaVersion: must be/],
    [
      'a prompt with an image',
      distillation,
      { ...prompt, messages: [{ role: 'user', content: [media('image', 'png')] }] },
      /prompts are text alone/,
    ],
    [
      'turns for a Llama student',
      { ...distillation, model: MODELS.llama31 },
      withMessages(question, answer, question),
      /have several turns/,
    ],
    ['no reference answer', rewarded, { messages: reward.messages }, /^warning reference_answer: is missing/],
    [
      'an empty reference answer',
      rewarded,
      { ...reward, reference_answer: {} },
      /^error reference_answer: must be a text or/,
    ],
    [
      'Converse content for rewards',
      rewarded,
      { ...reward, messages: converse.messages },
      /this is the format of fine-tuning/,
    ],
    [
      'no message of the user',
      rewarded,
      { ...reward, messages: [{ role: 'system', content: 'a' }] },
      /have no message of the user/,
    ],
    [
      'a late system prompt',
      rewarded,
      { ...reward, messages: [...reward.messages, { role: 'system', content: 'a' }] },
      /comes first/,
    ],
    [
      'an unknown role',
      rewarded,
      { ...reward, messages: [...reward.messages, { role: 'tool', content: 'a' }] },
      /must be one of system/,
    ],
    [
      'a reserved word of Nova',
      rewarded,
      { ...reward, messages: [{ role: 'user', content: 'user: a' }] },
      /has the reserved word "user:"/,
    ],
    ['empty tools', rewarded, { ...reward, tools: [] }, /leave it out where there is none/],
    ['a tool without function', rewarded, { ...reward, tools: [{}] }, /tools\[0\]: must be \{"type"/],
    ['tools of one name', rewarded, { ...reward, tools: [tool, tool] }, /is the name of another tool too/],
  ])('refuse %s', (_, given, record, words) => {
    expect(said(record, given)).toEqual(expect.arrayContaining([expect.stringMatching(words)]));
  });

  it('may have words for other models that Nova keeps for itself', () => {
    const record = { ...reward, messages: [{ role: 'user', content: 'user: a' }] };
    expect(said(record, { ...rewarded, model: 'openai.gpt-oss-20b-1:0' })).toEqual([]);
  });
});

describe('files as a whole', () => {
  const ofImages = (bucket: string) => asking({ text: 'See' }, media('image', 'png', `s3://${bucket}/a.png`));

  it('name the first line that mixes images with videos', () => {
    const records = [ofImages('acme'), converse, asking({ text: 'See' }, media('video', 'mp4')), ofImages('acme')];
    const { problems } = read(jsonl(records));
    expect(problems).toMatchObject([{ lines: [[3, 3]], text: expect.stringContaining('(line 1)') as unknown }]);
  });

  it('refuse images of another bucket than that of the data', () => {
    expect(said(ofImages('other'), { file: { bucket: 'acme' } })).toMatchObject([expect.stringContaining('"acme"')]);
    expect(said(ofImages('acme'), { file: { bucket: 'acme' } })).toEqual([]);
    expect(read(jsonl([ofImages('one'), ofImages('two')])).problems).toMatchObject([{ lines: [[2, 2]] }]);
  });

  const both = (model: string, training: number, validation: number, record: unknown = converse): DataReport =>
    reportOn({ baseModel: model, type: 'FINE_TUNING' }, [
      read(jsonl(many(record, training)), { model }),
      read(jsonl(many(record, validation)), { model, file: { name: 'validation.jsonl', role: 'validation' } }),
    ]);

  it.each([
    [
      'too many records together',
      both(MODELS.nova, 19_990, 11),
      /^The files have, together, 20,001 records, more than/,
    ],
    [
      'validation data for Nova 2',
      both(MODELS.nova2, 200, 1),
      /^validation.jsonl: AWS answers "Nova 2.0 doesn't support/,
    ],
    ['too much validation data', both(MODELS.haiku, 32, 1_001, RECORDS.claude), /^validation.jsonl has 1,001 records/],
    ['an empty file', both(MODELS.nova, 8, 0), /^validation.jsonl is empty/],
  ])('refuse %s', (_, { ok, problems }, words) => {
    expect(ok).toBe(false);
    expect(problems).toEqual([expect.stringMatching(words)]);
  });

  it('count training and validation data of Llama together', () => {
    expect(both(MODELS.llama32, 90, 10)).toMatchObject({ ok: true });
    expect(both(MODELS.llama32, 90, 9)).toMatchObject({ ok: false });
  });

  it('do without bad prompts of a distillation while enough are left', () => {
    const given = { type: 'DISTILLATION' };
    const good = many(RECORDS.prompt, 100);
    expect(report(jsonl([...good, {}]), given)).toMatchObject({ ok: true, files: [{ badLines: 1, errors: 0 }] });
    expect(report(jsonl([...good.slice(1), {}]), given)).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('has, without the bad ones, 99 records')],
    });
  });
});

describe('a location', () => {
  it.each([
    ['s3://acme/train.jsonl', undefined],
    ['s3://acme/training-data/', /^is a folder/],
    ['s3://acme', /^is a folder/],
    ['s3://train.jsonl', /^is a folder/],
    ['s3://acme/train.json', /^does not end in \.jsonl/],
    ['train.txt', /^does not end in \.jsonl/],
  ])('%s', (location, words) => {
    if (words === undefined) expect(locationProblem(location)).toBeUndefined();
    else expect(locationProblem(location)).toMatch(words);
  });
});
