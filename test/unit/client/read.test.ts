import { describe, expect, it } from '@jest/globals';
import { JOBS_TABLE } from '../../../lib/contract.ts';
import { planList } from '../../../lib/client/list/plan.ts';
import { readInput } from '../../../lib/client/list/read.ts';
import { parseListRequest } from '../../../lib/client/list/validate.ts';
import type { ListJobsRequest } from '../../../lib/client/requests.ts';

const SCOPE = { accountId: '111111111111', region: 'us-east-1' };

/** The request with its placeholders filled in, as one would read it. */
const readable = (
  request: ListJobsRequest,
  known = [SCOPE],
  partition = 0,
  from: Parameters<typeof readInput>[3] = 'beginning',
) => {
  const plan = planList(parseListRequest(request), known);
  const input = readInput(
    { tableName: 'jobs', schema: JOBS_TABLE },
    plan,
    plan.partitions[partition] ?? { key: '', conditions: [] },
    from,
    7,
  );
  const fill = (text: string | undefined) =>
    text
      ?.replaceAll(/#n\d+/g, (name) => input.ExpressionAttributeNames?.[name] ?? '?')
      .replaceAll(/:v\d+/g, (name) => JSON.stringify(input.ExpressionAttributeValues?.[name]));
  return { ...input, key: fill(input.KeyConditionExpression), filter: fill(input.FilterExpression) };
};

describe('the request to DynamoDB', () => {
  it('asks one partition in order, and what that cost', () => {
    const input = readable({ order: 'oldest' });
    expect(input).toEqual({
      TableName: 'jobs',
      IndexName: 'by-scope',
      ScanIndexForward: true,
      KeyConditionExpression: '#n0 = :v0',
      ExpressionAttributeNames: { '#n0': 'scope' },
      ExpressionAttributeValues: { ':v0': '111111111111#us-east-1' },
      Limit: 7,
      ReturnConsumedCapacity: 'TOTAL',
      key: 'scope = "111111111111#us-east-1"',
      filter: undefined,
    });
  });

  it.each<[ListJobsRequest, string]>([
    [{ createdAfter: '2026-01-01T00:00:00Z' }, 'creation_time >= "2026-01-01T00:00:00.000Z"'],
    [{ createdBefore: '2026-01-01T00:00:00Z' }, 'creation_time <= "2025-12-31T23:59:59.999Z"'],
    [
      { createdAfter: '2026-01-01T00:00:00Z', createdBefore: '2026-01-02T00:00:00Z' },
      'creation_time BETWEEN "2026-01-01T00:00:00.000Z" AND "2026-01-01T23:59:59.999Z"',
    ],
  ])('%j is a range of the sort key', (request, range) => {
    expect(readable(request)).toMatchObject({
      key: `scope = "111111111111#us-east-1" AND ${range}`,
      filter: undefined,
    });
  });

  it('names every attribute and value by a placeholder: names may be reserved, and keys of tags are anything', () => {
    const tag = [{ key: 'a.b #x', value: ':v' }, { key: '__proto__' }];
    const input = readable({ status: ['Failed', 'New'], sortBy: 'creation_time', tag, nameContains: '"' });
    expect(input.filter).toBe(
      'status IN ("Failed", "New") AND tags.a.b #x = ":v" AND attribute_exists(tags.__proto__) AND contains(job_name, "\\"")',
    );
    expect(input.FilterExpression).toMatch(/^[()#:\w ,.=]+$/);
    expect(Object.values(input.ExpressionAttributeNames ?? {})).toContain('__proto__');
  });

  it('tells active jobs by their status, end and marks, as no index but one carries active_scope', () => {
    const marks = 'attribute_exists(missing_since) OR attribute_exists(untracked_since)';
    const none = 'attribute_not_exists(missing_since) AND attribute_not_exists(untracked_since)';
    const [moving, final] = ['status IN ("InProgress", "Stopping")', 'status IN ("Completed", "Failed", "Stopped")'];
    expect(readable({ active: true }).filter).toBeUndefined();
    expect(readable({ active: false }).filter).toBe(
      `(${final} OR attribute_exists(end_time) AND NOT ${moving} OR ${marks})`,
    );
    expect(readable({ active: true, allowScan: true, sortBy: 'creation_time' }, []).filter).toBe(
      `(${moving} OR attribute_not_exists(end_time) AND NOT ${final}) AND ${none}`,
    );
    const of = (active: boolean, status: string) => readable({ active, status, sortBy: 'last_modified_time' }).filter;
    // The status is a key of this index, which no filter may name.
    expect(of(true, 'InProgress')).toBe(none);
    expect(of(false, 'Stopping')).toBe(`(${marks})`);
    expect(of(false, 'Failed')).toBeUndefined();
    expect(of(false, 'New')).toBe(`(attribute_exists(end_time) OR ${marks})`);
    expect(of(true, 'New')).toBe(`attribute_not_exists(end_time) AND ${none}`);
  });

  it('goes on behind an entry, by the keys of the index and the table', () => {
    expect(readable({ status: 'Failed' }, [], 0, ['2026-01-01T00:00:00.000Z', 'arn:a']).ExclusiveStartKey).toEqual({
      status: 'Failed',
      last_modified_time: '2026-01-01T00:00:00.000Z',
      job_arn: 'arn:a',
    });
  });

  it('scans the table for what an index would carry, where that is allowed', () => {
    const input = readable({ allowScan: true, account: '111111111111' }, [], 0, ['', 'arn:a']);
    expect(input).toMatchObject({
      TableName: 'jobs',
      filter: 'account_id = "111111111111"',
      ExclusiveStartKey: { job_arn: 'arn:a' },
    });
    for (const absent of ['IndexName', 'KeyConditionExpression', 'ScanIndexForward'])
      expect(input).not.toHaveProperty(absent);
    expect(Object.values(input.ExpressionAttributeNames ?? {})).not.toContain('transitions');
  });
});
