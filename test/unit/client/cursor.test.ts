import { deflateRawSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import { decodeCursor, encodeCursor, type Position } from '../../../lib/client/list/cursor.ts';
import { planList, type Plan } from '../../../lib/client/list/plan.ts';
import { parseListRequest } from '../../../lib/client/list/validate.ts';
import type { ListJobsRequest } from '../../../lib/client/requests.ts';
import { hasCode } from '../../../lib/domain/errors.ts';

const SCOPES = ['us-east-1', 'us-west-2', 'eu-west-1'].map((region) => ({ accountId: '111111111111', region }));
const planOf = (request: ListJobsRequest, scopes = SCOPES): Plan => planList(parseListRequest(request), scopes);
const PLAN = planOf({});
const AT: readonly Position[] = ['beginning', 'end', ['2026-01-01T00:00:00.000Z', 'arn:aws:bedrock:x/y/abcdefghijkl']];
const CURSOR = encodeCursor('jobs', PLAN, AT);

const refusal = (cursor: string, plan = PLAN, table = 'jobs'): string => {
  try {
    decodeCursor(table, plan, cursor);
  } catch (error) {
    if (hasCode(error, 'BAD_CURSOR')) return error.message;
    throw error;
  }
  return 'taken';
};

/** What somebody who read the source could make: the checksum keeps no secret. */
const forge = (body: unknown, version = 1, deflate = deflateRawSync): string => {
  const real = Buffer.from(CURSOR, 'base64url');
  const head = Buffer.concat([Buffer.from('bjt'), Buffer.of(version), real.subarray(4, 12)]);
  const packed = deflate(typeof body === 'string' ? body : JSON.stringify(body));
  const sum = createHash('sha256').update(head).update(packed).digest().subarray(0, 8);
  return Buffer.concat([head, sum, packed]).toString('base64url');
};

const position = fc.oneof(
  fc.constantFrom<Position>('beginning', 'end'),
  fc.tuple(
    fc
      .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
  ),
);

describe('a cursor', () => {
  test.prop([fc.tuple(position, position, position)])('comes back as it was, in a form that fits a URL', (at) => {
    const cursor = encodeCursor('jobs', PLAN, at);
    expect(decodeCursor('jobs', PLAN, cursor)).toEqual(at);
    expect(cursor).toMatch(/^[\w-]+$/);
  });

  test.prop([
    fc.nat(CURSOR.length - 1),
    fc.constantFrom('A', 'B', 'a', 'b', '0', '1', '-', '_', ' ', '=', '%'),
    fc.constantFrom('replace', 'insert', 'cut'),
  ])('is refused wherever it was changed', (place, character, how) => {
    const rest = how === 'cut' ? '' : character + CURSOR.slice(how === 'replace' ? place + 1 : place);
    const changed = CURSOR.slice(0, place) + rest;
    fc.pre(changed !== CURSOR);
    expect(refusal(changed)).toMatch(/^The cursor (is damaged|was made by another version)/);
  });

  test.prop([
    fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
    ),
  ])('is refused where it is anything else', (text) => {
    expect(refusal(text)).toContain('The cursor is damaged or incomplete. Leave it out');
  });

  it.each<[string, ListJobsRequest]>([
    ['another filter', { nameContains: 'x' }],
    ['another order', { order: 'oldest' }],
    ['another index', { status: ['A', 'B', 'C'] }],
    ['another time', { createdAfter: '2026-01-01T00:00:00Z' }],
  ])('is refused by a request with %s', (_what, request) => {
    expect(refusal(CURSOR, planOf(request))).toContain('is of another request: only limit and maxReadUnits may change');
  });

  it('is refused by another table, and by a client that knows other scopes', () => {
    expect(refusal(CURSOR, PLAN, 'others')).toContain('is of another request');
    expect(refusal(CURSOR, planOf({}, SCOPES.slice(1)))).toContain('is of another request');
  });

  it('serves a request that asks the same in other words, for more or less', () => {
    const at: Position[] = ['end', 'beginning'];
    const plan = planOf({ status: ['Failed', 'Stopped'] });
    const same = planOf({ status: ['Stopped', 'Failed'], limit: 7, maxReadUnits: 1, order: 'newest' });
    expect(decodeCursor('jobs', same, encodeCursor('jobs', plan, at))).toEqual(at);
  });

  it('is refused with a clear word where another version made it', () => {
    expect(refusal(forge([1, 1, 1], 2))).toContain('was made by another version of this library');
  });

  it.each<[string, unknown]>([
    ['too few partitions', [0, 0]],
    ['too many partitions', [0, 0, 0, 0]],
    ['another position', [0, 0, 2]],
    ['a key without ARN', [0, 0, ['2026-01-01T00:00:00.000Z', '']]],
    ['a key that is none', [0, 0, [{ S: 'x' }, 'arn']]],
    ['a key of one part', [0, 0, ['2026-01-01T00:00:00.000Z']]],
    ['an empty sort key', [0, 0, ['', 'arn']]],
    ['an object', { length: 3, 0: 0, 1: 0, 2: 0 }],
    ['a prototype', '{"__proto__":[0,0,0]}'],
    ['no JSON', 'x'],
    ['more than a cursor can be', `[0, 0, 0]${' '.repeat(2_000_000)}`],
  ])('is refused with %s', (_what, body) => {
    expect(refusal(forge(body))).toContain('is damaged');
  });

  it('is refused where its key is outside of what is asked for', () => {
    const plan = planOf({ createdAfter: '2026-01-01T00:00:00Z', createdBefore: '2026-02-01T00:00:00Z' });
    const at = (time: string) => refusal(encodeCursor('jobs', plan, ['end', 'end', [time, 'arn']]), plan);
    expect(['2025-12-31T23:59:59.999Z', '2026-02-01T00:00:00.000Z'].map(at)).toEqual([
      expect.stringContaining('is damaged'),
      expect.stringContaining('is damaged'),
    ]);
    expect(['2026-01-01T00:00:00.000Z', '2026-01-31T23:59:59.999Z'].map(at)).toEqual(['taken', 'taken']);
  });

  it('is not read at all beyond 32 KB', () => {
    expect(refusal('A'.repeat(10_000_000))).toContain('is damaged');
  });

  it('reaches for hundreds of scopes, and says what to do where it does not', () => {
    const many = (count: number) => {
      const scopes = Array.from({ length: count }, (_, n) => ({
        accountId: String(100_000_000_000 + n * 7919),
        region: 'us-east-1',
      }));
      const plan = planOf({}, scopes);
      const at = scopes.map(({ accountId }, n): Position => {
        const id = createHash('sha256').update(accountId).digest('hex').slice(0, 12);
        const arn = `arn:aws:bedrock:us-east-1:${accountId}:model-customization-job/amazon.nova-lite-v1:0:300k/${id}`;
        return [new Date(1_700_000_000_000 + n * 7_777_777).toISOString(), arn];
      });
      return { plan, at, cursor: () => encodeCursor('jobs', plan, at) };
    };
    const { plan, at, cursor } = many(500);
    expect(decodeCursor('jobs', plan, cursor())).toEqual(at);
    expect(many(2000).cursor).toThrow(
      '2000 accounts and Regions are too many for one list: name the account or the region.',
    );
  });
});
