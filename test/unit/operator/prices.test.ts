import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_PRICES } from '../../../lib/domain/prices.ts';
import { readPrices } from '../../../lib/operator/prices.ts';

const read = (text: string) => readPrices('-', { stdin: Readable.from([text]) });
const FILE = `
date: 2026-11-01
source: our agreement
model_unit_hour:
  - model: amazon.nova-lite-v1:0
    region: us-east-1
    commitment: OneMonth
    usd: 10.5
`;
const PRICE = {
  model: 'amazon.nova-lite-v1:0',
  region: 'us-east-1',
  commitment: 'OneMonth',
  usd: 10.5,
  source: 'our agreement',
  date: '2026-11-01',
};

describe('a file of prices', () => {
  it('is YAML, and replaces the lists that it has', async () => {
    expect(await read(FILE)).toEqual({
      model_unit_hour: [PRICE],
      stored_model_month: DEFAULT_PRICES.stored_model_month,
    });
  });

  it('is JSON, with any Region and no commitment unless it names them, and is its own source', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'prices-')), 'prices.json');
    const [one, stored] = [
      { model: '*', usd: 1 },
      { model: 'a.b', usd: 0 },
    ];
    writeFileSync(path, JSON.stringify({ date: '2026-11-01', model_unit_hour: [one], stored_model_month: [stored] }));
    const rest = { region: '*', source: path, date: '2026-11-01' };
    expect(await readPrices(path, { stdin: Readable.from([]) })).toEqual({
      model_unit_hour: [{ ...one, ...rest, commitment: 'none' }],
      stored_model_month: [{ ...stored, ...rest }],
    });
  });

  it.each([
    ['line 2: date: must be a day such as 2026-11-01', FILE.replace('2026-11-01', '2026-02-30')],
    ['date: is missing', FILE.replace('date: 2026-11-01', '')],
    [
      'line 5: model_unit_hour[0].model: is missing',
      FILE.replace('model: amazon.nova-lite-v1:0', 'usd: 1').replace('usd: 10.5', ''),
    ],
    ['line 8: model_unit_hour[0].usd: must be a number', FILE.replace('10.5', 'ten')],
    ['line 8: model_unit_hour[0].usd: must be at least 0', FILE.replace('10.5', '-1')],
    ['line 8: model_unit_hour[0].usd: must be finite', FILE.replace('10.5', '.inf')],
    ['line 7: model_unit_hour[0].commitment: must be one of none, OneMonth, SixMonths', FILE.replace('OneMonth', '1m')],
    [
      'line 7: model_unit_hour[0].comitment: is not a key of prices (did you mean commitment?)',
      FILE.replace('commit', 'comit'),
    ],
    ['line 9: model_unit_hour[1]: must be a map', `${FILE}  - 7`],
    ['line 9: stored_model_month: must be a list of prices', `${FILE}stored_model_month: 1.95`],
    ['date: is missing', '[]'],
    ['must be a map', ''],
    ['line 5: is nested too deeply', `\n\n\n\n${'['.repeat(99)}`],
  ])('is refused with %s', async (problem, text) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'BAD_SPEC',
      message: `Standard input has a problem, and no price was read:\n  ${problem}`,
    });
  });

  it('is as docs/models.md shows it', async () => {
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('docs/models.md', 'utf8')) ?? [];
    expect(await read(example)).toMatchObject({
      model_unit_hour: [{ ...PRICE, usd: 10, source: 'https://aws.amazon.com/bedrock/pricing/' }],
      stored_model_month: [{ model: '*', region: '*', usd: 1.95 }],
    });
  });

  it('is refused with all its problems', async () => {
    const text = FILE.replace('10.5', '-1').replace('OneMonth', '1m');
    await expect(read(text)).rejects.toThrow(/^Standard input has 2 problems, .*\n {2}line 7: .*\n {2}line 8: .*$/);
  });
});
