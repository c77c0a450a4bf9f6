import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Run } from '../../../../lib/domain/run.ts';
import { readColumns } from '../../../../lib/cli/runs/columns.ts';
import { type FlatCsvOptions, writeFlatCsv } from '../../../../lib/cli/export/flat.ts';
import { JOBS } from '../../../../lib/cli/export/kinds.ts';
import { collectingSink, streamOf } from '../../../support/export/collect.ts';
import { snapshotOf } from '../../../support/fixtures.ts';

const RECORD = {
  ...snapshotOf('fine-tuning-completed'),
  job_name: 'triage-1',
  hyper_parameters: { learningRate: '1.0E-5', epochCount: '2' },
  training_metrics: { training_loss: 0.5 },
  validation_metrics: [{ validation_loss: 0.7 }],
  creation_time: '2026-08-09T23:00:00.500Z',
  end_time: '2026-08-10T00:00:00.000Z',
  tags: { team: 'search' },
};

const flatOf = async (records: readonly object[], options: Partial<FlatCsvOptions<Run>> = {}) => {
  const { sink, text } = collectingSink();
  const { signal } = new AbortController();
  const { isCut } = await writeFlatCsv(streamOf(...records), sink, JOBS, {
    ...{ summaries: false, signal, escapeFormulas: true },
    ...options,
  });
  const [header = [], ...rows] = parse(text(), { bom: true });
  const objects = rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]])));
  return { header, rows: objects, isCut, text: text() };
};

describe('flat CSV', () => {
  it('has what people compare first, then hyperparameters and tags, and what the tracker added last', async () => {
    const { header, rows } = await flatOf([RECORD]);
    expect(header).toEqual([
      ...['name', 'status', 'model', 'type', 'created', 'ended', 'duration_s', 'training_loss', 'validation_loss'],
      ...['hp.epochCount', 'hp.learningRate', 'tag.team'],
      ...['data', 'validation_data', 'output_model', 'output_model_arn', 'failure'],
      ...['account', 'region', 'id', 'arn', 'modified', 'missing_since', 'untracked_since'],
    ]);
    expect(rows[0]).toMatchObject({
      name: 'triage-1',
      created: '2026-08-09 23:00:00',
      duration_s: '3599.5',
      training_loss: '0.5',
      'hp.learningRate': '0.00001',
      'tag.team': 'search',
      missing_since: '',
    });
  });

  it('has a column for each name that any job has, in order, and empty cells for the others', async () => {
    const { header, rows } = await flatOf([
      { ...RECORD, hyper_parameters: { b: '1' }, tags: { 'cost center': 'x,"y"\n' } },
      { ...RECORD, hyper_parameters: { a: 'high' }, tags: {} },
      { job_arn: 'arn:x/y' },
    ]);
    expect(header.filter((name) => /^(hp|tag)\./.test(name))).toEqual(['hp.a', 'hp.b', 'tag.cost center']);
    expect(rows.map((row) => [row['hp.a'], row['hp.b'], row['tag.cost center']])).toEqual([
      ['', '1', 'x,"y"\n'],
      ['high', '', ''],
      ['', '', ''],
    ]);
  });

  it.each(['=1+1', '+1', '-1', '@x', '\t=1'])('escapes a formula in any text: %j', async (text) => {
    const { rows } = await flatOf([{ ...RECORD, job_name: text, tags: { team: text }, failure_message: text }]);
    expect(rows[0]).toMatchObject({ name: `'${text}`, 'tag.team': `'${text}`, failure: `'${text}` });
  });

  it('keeps negative numbers numbers', async () => {
    expect((await flatOf([{ ...RECORD, training_metrics: { training_loss: -0.5 } }])).rows[0]).toMatchObject({
      training_loss: '-0.5',
    });
  });

  it('writes times as they are, and no apostrophe, for programs', async () => {
    const { rows } = await flatOf([{ ...RECORD, job_name: '=1' }], { escapeFormulas: false });
    expect(rows[0]).toMatchObject({ name: '=1', created: '2026-08-09T23:00:00.500Z' });
  });

  it('leaves out what the indexes do not carry where only they were read', async () => {
    const { header } = await flatOf([{ ...RECORD, hyper_parameters: undefined }], { summaries: true });
    expect(header).toContain('tag.team');
    expect(header.join()).not.toMatch(/hp\.|data/);
  });

  it('has the chosen columns alone', async () => {
    const { header, rows } = await flatOf([RECORD, RECORD], { columns: readColumns('name,learningRate,tag.none') });
    expect(header).toEqual(['name', 'hp.learningRate', 'tag.none']);
    expect(rows).toHaveLength(2);
  });

  it.each(['a\u2028b', 'a\u2029b', 'a\r\nb', 'a\u0085b', '\u0000', '\ud800'.toWellFormed()])(
    'keeps a name such as %j in one row',
    async (name) => {
      const { rows } = await flatOf([{ ...RECORD, job_name: name }, RECORD]);
      expect(rows.map((row) => row['name'])).toEqual([name, 'triage-1']);
    },
  );

  it('has a header without jobs', async () => {
    const { header, rows } = await flatOf([]);
    expect([header[0], rows]).toEqual(['name', []]);
  });

  it('gives at most a thousand names a column, and says that some have none', async () => {
    const many = Array.from({ length: 30 }, (_, n) => ({
      ...RECORD,
      tags: Object.fromEntries(Array.from({ length: 50 }, (_each, key) => [`${n}-${key}`, 'x'])),
    }));
    const { header, isCut } = await flatOf(many);
    expect([header.filter((name) => /^(hp|tag)\./.test(name)).length, isCut]).toEqual([1000, true]);
    expect((await flatOf([RECORD])).isCut).toBe(false);
  });

  it('ends with the signal while it writes', async () => {
    const controller = new AbortController();
    const reason = new Error('asked to end');
    const jobs = async function* () {
      yield* streamOf(RECORD);
      controller.abort(reason);
    };
    const { sink } = collectingSink();
    const writing = writeFlatCsv(jobs(), sink, JOBS, { summaries: false, signal: controller.signal });
    await expect(writing).rejects.toBe(reason);
  });
});
