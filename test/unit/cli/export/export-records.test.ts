import { describe, expect, it } from '@jest/globals';
import type { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { readRecords, type ExportSource } from '../../../../lib/cli/export/export-records.ts';

/** A table of so many jobs that counts how far its index is read. */
const sourceOf = (count: number, change: Partial<ExportSource> = {}) => {
  const seen = { listed: 0, batches: 0, units: 0 };
  async function* iterateJobs() {
    for (; seen.listed < count; seen.listed += 1) yield await Promise.resolve({ job_arn: seen.listed.toString() });
    return { readUnits: 7, requests: 1 };
  }
  const send = async ({ input }: BatchGetCommand) => {
    seen.batches += 1;
    const keys = input.RequestItems?.['jobs']?.Keys ?? [];
    await new Promise((done) => setTimeout(done, seen.batches % 2 === 0 ? 1 : 5));
    const records = keys.map((key) => ({ ...key, status: 'Failed' }));
    return { Responses: { jobs: records }, ConsumedCapacity: [{ CapacityUnits: keys.length / 2 }] };
  };
  const source = {
    tableName: 'jobs',
    entries: iterateJobs(),
    dynamoDb: { send },
    summaries: false,
    onCost: (units: number) => {
      seen.units += units;
    },
    signal: new AbortController().signal,
    ...change,
  };
  return { source, seen };
};

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number.toString());

describe('the jobs of an export', () => {
  it('are complete and in the order of the index, even where batches answer in another order', async () => {
    const { source, seen } = sourceOf(1_050);
    const records = await Array.fromAsync(readRecords(source));
    expect(records).toEqual(numbers(1_050).map((jobArn) => ({ job_arn: jobArn, status: 'Failed' })));
    expect(seen).toEqual({ listed: 1_050, batches: 11, units: 7 + 525 });
  });

  it('are the entries of the index for a summary, at the cost of the index alone', async () => {
    const { source, seen } = sourceOf(250, { summaries: true });
    expect(await Array.fromAsync(readRecords(source))).toEqual(numbers(250).map((jobArn) => ({ job_arn: jobArn })));
    expect(seen).toEqual({ listed: 250, batches: 0, units: 7 });
  });

  it('are not read far ahead of their consumer', async () => {
    const { source, seen } = sourceOf(100_000);
    const records = readRecords(source);
    await records.next();
    await new Promise((done) => setTimeout(done, 200));
    expect(seen.listed).toBeGreaterThan(100);
    expect(seen.listed).toBeLessThan(2_000);
    await records.return(undefined);
  });

  it('end with the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('asked to end');
    const { source, seen } = sourceOf(100_000, { signal: controller.signal });
    const taken: unknown[] = [];
    const taking = async () => {
      for await (const record of readRecords(source)) {
        taken.push(record);
        if (taken.length === 150) controller.abort(reason);
      }
    };
    await expect(taking()).rejects.toBe(reason);
    expect(taken.length).toBeLessThan(400);
    expect(seen.listed).toBeLessThan(2_000);
  });
});
