import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { isServing, type ModelRecord } from '../../../lib/domain/model-record.ts';
import { DAY, HOUR } from '../../../lib/domain/time.ts';
import type { UsePoint } from '../../../lib/domain/usage.ts';
import { measureUsage, type UseQuery, type UseSource } from '../../../lib/tracking/measure-usage.ts';
import { manyModel } from '../../support/models.ts';

const NOW = Date.parse('2026-08-10T02:30:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const SCOPE = { accountId: '123456789012', region: 'us-east-1' };
const arnOf = (name: string): string => `arn:aws:bedrock:us-east-1:123456789012:provisioned-model/${name}`;

/** A model that a throughput of this name serves, created days ago. */
const served = (name: string, days: number, change: Partial<ModelRecord> = {}): ModelRecord => {
  const creation_time = iso(NOW - days * DAY);
  const entry = { arn: arnOf(name), status: 'InService', since: creation_time, creation_time, model_units: 1 };
  return {
    ...manyModel(1),
    model_arn: `model-of-${name}`,
    deployments: [],
    provisioned_throughputs: [entry],
    ...change,
  };
};

/** Invocations by name of the throughput, each so many hours ago; an Error for what CloudWatch does not tell. */
const run = async (models: readonly ModelRecord[], used: Readonly<Record<string, readonly number[] | Error>> = {}) => {
  const table = new Map(models.map((model) => [model.model_arn, model]));
  const queries: UseQuery[] = [];
  const conflicts = new Set<string>();
  const source: UseSource = {
    read: (query) => {
      queries.push(query);
      return Promise.resolve(
        new Map(
          query.arns.map((arn): [string, UsePoint[] | Error] => {
            const hours = used[arn.slice(arn.indexOf('/') + 1)] ?? [];
            if (hours instanceof Error) return [arn, hours];
            const starts = hours.map((ago) => Math.floor((NOW - ago * HOUR) / query.periodMs) * query.periodMs);
            const asked = starts.filter((start) => start >= query.from && start < query.to);
            return [arn, asked.map((start) => ({ metric: 'invocations', start, end: start + query.periodMs, sum: 1 }))];
          }),
        ),
      );
    },
  };
  const report = await measureUsage(
    {
      models: {
        get: (arn) => Promise.resolve(table.get(arn)),
        put: (record) => {
          // Each first write loses against another one.
          const before = table.get(record.model_arn);
          if (before && !conflicts.has(record.model_arn)) {
            conflicts.add(record.model_arn);
            table.set(record.model_arn, { ...before, tags: { by: 'another' }, revision: before.revision + 1 });
            return Promise.resolve('conflict');
          }
          table.set(record.model_arn, record);
          return Promise.resolve('written');
        },
        listServing: () => Readable.from(models.filter(({ provisioned_throughputs: all }) => all.some(isServing))),
      },
      useOf: () => source,
      clock: () => new Date(NOW),
      idleAfterMs: 14 * DAY,
    },
    SCOPE,
  );
  return { report, queries, table, usageOf: (name: string) => table.get(`model-of-${name}`)?.usage?.[arnOf(name)] };
};

describe('a measurement of use', () => {
  it('asks for the hours of 30 days, and once, where they tell enough', async () => {
    const { queries, usageOf, report } = await run([served('used', 400), served('new', 20)], { used: [50] });
    expect(queries.filter(({ arns }) => arns.length > 0)).toEqual([
      {
        arns: [arnOf('used'), arnOf('new')],
        metrics: ['invocations', 'input_tokens', 'output_tokens'],
        from: Date.parse('2026-07-11T02:00:00.000Z'),
        to: NOW,
        periodMs: HOUR,
      },
    ]);
    expect(usageOf('used')?.unused_since).toBe('2026-08-08T01:00:00.000Z');
    expect(usageOf('new')?.unused_since).toBe(iso(NOW - 20 * DAY));
    expect(report).toMatchObject({ counts: { listed: 2, failed: 0 }, failures: [] });
  });

  it('asks for the days before, as far as CloudWatch holds them, where the hours do not tell', async () => {
    const { queries, usageOf } = await run([served('old', 400), served('older', 500), served('oldest', 500)], {
      older: [100 * 24],
    });
    expect(queries[1]).toEqual({
      arns: ['old', 'older', 'oldest'].map(arnOf),
      metrics: ['invocations'],
      from: Date.parse('2025-05-13T00:00:00.000Z'),
      to: Date.parse('2026-07-11T02:00:00.000Z'),
      periodMs: DAY,
    });
    expect(usageOf('old')?.unused_since).toBe(iso(NOW - 400 * DAY));
    expect(usageOf('older')?.unused_since).toBe('2026-05-03T00:00:00.000Z');
    expect(usageOf('oldest')).toEqual({ measured_at: iso(NOW) });
  });

  it('adds to what another writer wrote meanwhile', async () => {
    const { table } = await run([served('used', 20)], { used: [1] });
    expect(table.get('model-of-used')).toMatchObject({
      tags: { by: 'another' },
      last_used_at: expect.any(String),
      revision: 3,
    });
  });

  it('is not made of what no longer serves', async () => {
    const [entry] = served('gone', 20).provisioned_throughputs;
    if (entry === undefined) throw new Error('A throughput serves it.');
    const removed = { ...entry, arn: arnOf('removed'), status: 'Removed' };
    const { queries } = await run([served('gone', 20, { provisioned_throughputs: [entry, removed] })]);
    expect(queries.flatMap(({ arns }) => arns)).toEqual([arnOf('gone')]);
  });

  it('keeps the last measurement of what CloudWatch does not tell, and reports it', async () => {
    const error = new TrackerError('USE_NOT_MEASURED', 'part of it');
    const usage = { [arnOf('silent')]: { measured_at: iso(NOW - DAY) } };
    const { report, usageOf } = await run([served('silent', 20, { usage }), served('used', 20)], { silent: error });
    expect(usageOf('silent')).toEqual({ measured_at: iso(NOW - DAY) });
    expect(usageOf('used')?.measured_at).toBe(iso(NOW));
    expect(report).toMatchObject({ counts: { failed: 1 }, failures: [{ error }] });
  });
});
