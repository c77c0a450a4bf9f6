import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { ATTRIBUTES, tagList } from '../../../../lib/cli/export/columns.ts';
import { writeNdjson, writeRecordsCsv, type RecordsCsvOptions } from '../../../../lib/cli/export/text-formats.ts';
import { collectingSink, streamOf } from '../../../support/export/collect.ts';
import { syntheticRecord } from '../../../support/export/synthetic-records.ts';

const RECORD = syntheticRecord(1);
const COLUMNS = Object.keys(ATTRIBUTES);

describe('the columns of an export', () => {
  it('are the attributes of docs/table.md in its order', () => {
    const page = readFileSync('docs/table.md', 'utf8');
    const section = page.slice(page.indexOf('## Attributes'), page.indexOf('## An example'));
    const documented = [...section.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name]) => name);
    expect(documented).toContain('transitions_folded');
    expect(COLUMNS).toEqual(documented);
  });

  it('have tags as key:value in the order of their keys', () => {
    expect(tagList({ team: 'search', 'cost-center': '', a: 'b:c' })).toEqual(['a:b:c', 'cost-center:', 'team:search']);
    expect(tagList(undefined)).toEqual([]);
  });
});

describe('NDJSON', () => {
  const ndjsonOf = async (records: readonly object[], tags: 'map' | 'list' = 'map') => {
    const { sink, text, pieces } = collectingSink();
    await writeNdjson(streamOf(...records), sink, { tags });
    const lines = text().split('\n');
    expect(lines.pop()).toBe('');
    return { records: lines.map((line) => JSON.parse(line) as unknown), pieces };
  };

  it('has a line for each record, which stays as it is', async () => {
    const records = [RECORD, { ...syntheticRecord(2), later_attribute: { a: 1 }, failure_message: 'a\nb' }];
    expect((await ndjsonOf(records)).records).toEqual(records);
  });

  it('writes tags as a list on request', async () => {
    const { records } = await ndjsonOf([RECORD], 'list');
    expect(records).toEqual([{ ...RECORD, tags: ['cost-center:1', 'team:search'] }]);
  });

  it('is written in large pieces, and not at all without records', async () => {
    expect((await ndjsonOf([])).pieces).toEqual([]);
    const { records, pieces } = await ndjsonOf(Array.from({ length: 200 }, (_, number) => syntheticRecord(number)));
    expect(records).toHaveLength(200);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.length).toBeLessThan(20);
  });
});

describe('CSV', () => {
  const csvOf = async (records: readonly object[], options: Partial<RecordsCsvOptions> = {}): Promise<string> => {
    const { sink, text } = collectingSink();
    const defaults = { columns: COLUMNS, tags: 'list', escapeFormulas: true, byteOrderMark: false } as const;
    await writeRecordsCsv(streamOf(...records), sink, { ...defaults, ...options });
    return text();
  };
  const rowOf = async (record: object, options: Partial<RecordsCsvOptions> = {}) => {
    const [row = {}] = parse<Record<string, string>>(await csvOf([record], options), { columns: true });
    return row;
  };

  it('has a column for each attribute: text, times and numbers as they are, documents as JSON', async () => {
    const row = await rowOf(RECORD);
    expect(Object.keys(row)).toEqual([...COLUMNS, 'other_attributes']);
    expect(row).toMatchObject({
      job_arn: RECORD.job_arn,
      status: 'Failed',
      failure_message: 'Line 1 of the training data is no JSON, "x".',
      creation_time: '2025-01-01T00:01:00.000Z',
      revision: '2',
      training_metrics: '{"training_loss":0.5}',
      tags: 'cost-center:1,team:search',
      customization_config: '',
      other_attributes: '',
    });
    expect(JSON.parse(row['transitions'] ?? '')).toEqual(RECORD.transitions);
  });

  it('has a header also without records', async () => {
    expect(await csvOf([], { columns: ['job_arn', 'status'] })).toBe('job_arn,status,other_attributes\n');
  });

  it.each<[string, object, string, string, Partial<RecordsCsvOptions>?]>([
    ['keeps what AWS adds in the last column', { added: { a: 'b' } }, 'other_attributes', '{"added":{"a":"b"}}'],
    ['writes tags as a map on request', { tags: { a: 'b' } }, 'tags', '{"a":"b"}', { tags: 'map' }],
    ['quotes commas and line breaks', { failure_message: 'a,"b"\r\nc\nd' }, 'failure_message', 'a,"b"\r\nc\nd'],
    ['escapes formulas in tags too', { tags: { '=1+1': 'x' } }, 'tags', `'=1+1:x`],
    ['leaves negative numbers alone', { revision: -3 }, 'revision', '-3'],
    ['leaves text as it is on request', { job_name: '=1' }, 'job_name', '=1', { escapeFormulas: false }],
    ...['=HYPERLINK("http://x")', '+1', '-1', '@SUM(1)', '\t=1', '\r=1', '＝1'].map(
      (formula): [string, object, string, string] => [
        `escapes ${JSON.stringify(formula)}, which a spreadsheet would run`,
        { job_name: formula },
        'job_name',
        `'${formula}`,
      ],
    ),
  ])('%s', async (_, record, column, cell, options = {}) => {
    expect((await rowOf({ job_arn: 'a', ...record }, options))[column]).toBe(cell);
  });

  it('begins with a byte order mark on request, as Excel needs it', async () => {
    const csv = await csvOf([{ job_arn: 'a', job_name: 'größer 数' }], { byteOrderMark: true });
    expect(csv.startsWith('\ufeffjob_arn,')).toBe(true);
    expect(csv).toContain('größer 数');
  });
});
