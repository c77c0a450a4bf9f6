import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { ATTRIBUTES } from '../../../../lib/cli/export/columns.ts';
import { type JobsCsvOptions, writeJobsCsv, writeNdjson } from '../../../../lib/cli/export/text-formats.ts';
import { collectingSink, streamOf } from '../../../support/export/collect.ts';
import { syntheticRecord } from '../../../support/export/synthetic-records.ts';

describe('NDJSON', () => {
  it('holds each record as it is in the table, a line each', async () => {
    const { sink, text } = collectingSink();
    const records = [syntheticRecord(1), { ...syntheticRecord(2), later_attribute: { a: 1 }, failure_message: 'a\nb' }];
    await writeNdjson(streamOf(...records), sink, { tags: 'map' });
    const lines = text().split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(records);
  });

  it('writes tags as a list where asked', async () => {
    const { sink, text } = collectingSink();
    await writeNdjson(streamOf(syntheticRecord(1)), sink, { tags: 'list' });
    expect(JSON.parse(text())).toEqual({ ...syntheticRecord(1), tags: ['cost-center:1', 'team:search'] });
  });

  it('is nothing where there is no record', async () => {
    const { sink, pieces } = collectingSink();
    await writeNdjson(streamOf(), sink, { tags: 'map' });
    expect(pieces).toEqual([]);
  });

  it('is written in pieces, not record by record', async () => {
    const { sink, pieces, text } = collectingSink();
    await writeNdjson(streamOf(...Array.from({ length: 200 }, (_, number) => syntheticRecord(number))), sink, {
      tags: 'map',
    });
    expect(text().split('\n')).toHaveLength(201);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.length).toBeLessThan(20);
  });
});

const csvOf = async (records: readonly object[], options: Partial<JobsCsvOptions> = {}): Promise<string> => {
  const { sink, text } = collectingSink();
  const columns = Object.keys(ATTRIBUTES);
  await writeJobsCsv(streamOf(...records), sink, {
    columns,
    tags: 'list',
    escapeFormulas: true,
    byteOrderMark: false,
    ...options,
  });
  return text();
};

const rowsOf = (csv: string) => parse<Record<string, string>>(csv, { columns: true });

describe('CSV', () => {
  it('has a column for each attribute: text, times and numbers as they are, documents as JSON', async () => {
    const record = syntheticRecord(1);
    const [row] = rowsOf(await csvOf([record]));
    expect(Object.keys(row ?? {})).toEqual([...Object.keys(ATTRIBUTES), 'other_attributes']);
    expect(row).toMatchObject({
      job_arn: record.job_arn,
      status: 'Failed',
      failure_message: 'Line 1 of the training data is no JSON, "x".',
      creation_time: '2025-01-01T00:01:00.000Z',
      revision: '2',
      training_metrics: '{"training_loss":0.5}',
      tags: 'cost-center:1,team:search',
      customization_config: '',
      other_attributes: '',
    });
    expect(JSON.parse(row?.['transitions'] ?? '')).toEqual(record.transitions);
  });

  it('keeps what AWS adds in the last column', async () => {
    const [row] = rowsOf(await csvOf([{ ...syntheticRecord(1), new_field: { a: 'b' } }]));
    expect(row?.['other_attributes']).toBe('{"new_field":{"a":"b"}}');
  });

  it('writes tags as a map where asked', async () => {
    const [row] = rowsOf(await csvOf([syntheticRecord(1)], { tags: 'map' }));
    expect(row?.['tags']).toBe('{"team":"search","cost-center":"1"}');
  });

  it('has its header also where there is no record', async () => {
    expect(await csvOf([], { columns: ['job_arn', 'status'] })).toBe('job_arn,status,other_attributes\n');
  });

  it('quotes what a line or a cell would end at', async () => {
    const [row] = rowsOf(await csvOf([{ failure_message: 'a,"b"\r\nc\nd' }]));
    expect(row?.['failure_message']).toBe('a,"b"\r\nc\nd');
  });

  it.each(['=HYPERLINK("http://x")', '+1', '-1', '@SUM(1)', '\t=1', '\r=1', '＝1'])(
    'gives %j an apostrophe, as a spreadsheet would run it',
    async (text) => {
      const [row] = rowsOf(await csvOf([{ job_arn: 'a', job_name: text }]));
      expect(row?.['job_name']).toBe(`'${text}`);
    },
  );

  it('neutralizes tags too, which anybody may set', async () => {
    const [row] = rowsOf(await csvOf([{ job_arn: 'a', tags: { '=1+1': 'x' } }]));
    expect(row?.['tags']).toBe(`'=1+1:x`);
  });

  it('leaves numbers alone, below zero too', async () => {
    const [row] = rowsOf(await csvOf([{ job_arn: 'a', revision: -3 }]));
    expect(row?.['revision']).toBe('-3');
  });

  it('leaves text as it is where raw is asked for', async () => {
    const [row] = rowsOf(await csvOf([{ job_arn: 'a', job_name: '=1' }], { escapeFormulas: false }));
    expect(row?.['job_name']).toBe('=1');
  });

  it('begins with a byte order mark where asked, as Excel needs it', async () => {
    const csv = await csvOf([{ job_arn: 'a', job_name: 'größer 数' }], { byteOrderMark: true });
    expect(csv.startsWith('\ufeffjob_arn,')).toBe(true);
    expect(csv).toContain('größer 数');
  });
});
