import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stripVTControlCharacters } from 'node:util';
import { type Column, formatFacts, formatTable, widthOf } from '../../../../lib/cli/output/table.ts';
import { visible } from '../../../../lib/cli/output/values.ts';

interface Row {
  readonly name: string;
  readonly status: string;
  readonly model: string;
}

const ROWS: Row[] = [
  { name: 'triage', status: 'Completed', model: 'amazon.nova-lite-v1:0:300k' },
  { name: 'a-name-of-some-length', status: 'Failed', model: 'meta.llama3-3-70b-instruct-v1:0:128k' },
];
const COLUMNS: Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name, importance: 3, least: 10 },
  { title: 'STATUS', value: ({ status }) => status, importance: 2, least: 9 },
  { title: 'MODEL', value: ({ model }) => model, importance: 1, least: 12 },
];
const table = (columns: number | undefined, rows = ROWS, colour = false) => [
  ...formatTable(COLUMNS, rows, { columns, colour }),
];

describe('a table', () => {
  it('is as wide as it is where output goes to no terminal', () => {
    expect(table(undefined)).toEqual([
      'NAME                   STATUS     MODEL',
      'triage                 Completed  amazon.nova-lite-v1:0:300k',
      'a-name-of-some-length  Failed     meta.llama3-3-70b-instruct-v1:0:128k',
    ]);
  });

  it('cuts the widest columns first, and shows that they are cut', () => {
    expect(table(50)).toEqual([
      'NAME                STATUS     MODEL',
      'triage              Completed  amazon.nova-lite-v…',
      'a-name-of-some-le…  Failed     meta.llama3-3-70b-…',
    ]);
  });

  it('leaves out the least important column where not even its least fits, and never the last one', () => {
    expect(table(32)[0]).toBe('NAME                   STATUS');
    expect(table(15)).toEqual(['NAME', 'triage', 'a-name-of-some…']);
    expect(table(3)).toEqual(['NA…', 'tr…', 'a-…']);
  });

  it('leaves out a column that may not be cut, or shows its short form, before it cuts another', () => {
    const columns: Column<Row>[] = [
      { title: 'NAME', value: ({ name }) => name, importance: 3, least: 10 },
      { title: 'STATUS', value: ({ status }) => status, importance: 2 },
      { title: 'MODEL', value: ({ model }) => model, short: ({ model }) => model.slice(0, 12), importance: 1 },
    ];
    const lastLine = (width: number) => [...formatTable(columns, ROWS, { columns: width, colour: false })][2];
    expect(lastLine(50)).toBe('a-name-of-some-length  Failed     meta.llama3-');
    expect(lastLine(40)).toBe('a-name-of-some-length  Failed');
    expect(lastLine(30)).toBe('a-name-of-some-length');
  });

  it('cuts in the middle where the end tells rows apart', () => {
    const columns: Column<Row>[] = [{ title: 'NAME', value: ({ name }) => name, importance: 1, cut: 'middle' }];
    const lines = [...formatTable(columns, ROWS, { columns: 12, colour: false })];
    expect(lines).toEqual(['NAME', 'triage', 'a-name…ength']);
  });

  it('leaves out the last of equally important columns', () => {
    const even = COLUMNS.map((column) => ({ ...column, importance: 1 }));
    expect([...formatTable(even, ROWS, { columns: 24, colour: false })][0]).toMatch(/^NAME +STATUS$/);
  });

  it('counts wide characters as two columns, and colours as none', () => {
    const wide = [{ name: '日本語のジョブ', status: 'Completed', model: 'x' }];
    expect(widthOf(['日本'])).toBe(4);
    const painted = COLUMNS.map((column) => ({ ...column, paint: (text: string) => `\u001b[31m${text}\u001b[39m` }));
    const lines = [...formatTable(painted, wide, { columns: 30, colour: true })];
    expect(lines.every((line) => widthOf([stripVTControlCharacters(line)]) <= 30)).toBe(true);
    expect(lines[1]).toContain('\u001b[31m');
  });

  it('fits every terminal, whatever stands in it', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: cell, status: cell, model: cell }), { maxLength: 5 }),
        fc.integer({ min: 2, max: 120 }),
        (rows, columns) => {
          const lines = table(columns, rows);
          expect(lines).toHaveLength(rows.length + 1);
          for (const line of lines) expect(widthOf([line])).toBeLessThanOrEqual(columns);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('text of others', () => {
  it.each([
    ['an escape sequence, which would clear the screen', 'job\u001b[2J\u001b[1;1H', 'job'],
    ['a link that leads elsewhere than it says', '\u001b]8;;http://evil\u0007here\u001b]8;;\u0007', 'here'],
    ['a carriage return, which would overwrite the line', 'Failed\rCompleted', 'Failed␍Completed'],
    ['a line break', 'a\nb', 'a␊b'],
    ['the eight-bit form of an escape', 'a\u009b2Jb', 'ab'],
    ['a backspace', 'abc\b\b', 'abc␈␈'],
    ['a turn of the direction of the text', 'a\u202egpj.exe', 'a\\u202egpj.exe'],
    ['what nobody sees', 'ad\u200bmin', 'ad\\u200bmin'],
    ['letters of any script', 'Überprüfung 日本 🚀', 'Überprüfung 日本 🚀'],
  ])('%s is harmless', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('leaves nothing that moves a cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // eslint-disable-next-line no-control-regex -- these are what is looked for
        expect(visible(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe('facts', () => {
  const facts = [
    { label: 'arn', value: 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/x/abcdefghijkl' },
    { label: 'failure', value: 'The data could not be read.\nLine 3 is no JSON.' },
  ];
  const shown = (columns: number | undefined, list = facts) => formatFacts(list, { columns, colour: false });

  it('stand beside their labels, lines of their own included', () => {
    expect(shown(undefined)).toEqual([
      '  arn      arn:aws:bedrock:us-east-1:123456789012:model-customization-job/x/abcdefghijkl',
      '  failure  The data could not be read.',
      '           Line 3 is no JSON.',
    ]);
  });

  it('break where a word ends, and an ARN where the line does', () => {
    expect(shown(30)).toEqual([
      '  arn      arn:aws:bedrock:us-',
      '           east-1:123456789012',
      '           :model-customizatio',
      '           n-job/x/abcdefghijk',
      '           l',
      '  failure  The data could not',
      '           be read.',
      '           Line 3 is no JSON.',
    ]);
  });

  it('stand below their labels where these would take the room', () => {
    expect(shown(20, [{ label: 'validation data', value: 's3://bucket/data.jsonl' }])).toEqual([
      '  validation data',
      '    s3://bucket/data',
      '    .jsonl',
    ]);
  });

  it('are safe to print', () => {
    expect(shown(undefined, [{ label: 'a\u001b[2Jb', value: 'x\u001b[31my\rz' }])).toEqual(['  ab  xy', '      z']);
  });

  it('fit every terminal', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ label: text, value: text }), { maxLength: 4 }),
        fc.integer({ min: 8, max: 100 }),
        (list, columns) => {
          for (const line of shown(columns, list)) expect(widthOf([line])).toBeLessThanOrEqual(columns);
        },
      ),
      { numRuns: 60 },
    );
  });
});
