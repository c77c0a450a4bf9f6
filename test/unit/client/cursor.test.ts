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
const REACHED = '2026-01-01T00:00:00.000Z';
const ARN = 'arn:aws:bedrock:x/y/abcdefghijkl';
const CURSOR = encodeCursor('jobs', PLAN, REACHED, ['beginning', 'end', [REACHED, ARN]]);
const EAST = '111111111111#us-east-1';

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
const forge = (body: unknown, version = 2, deflate = deflateRawSync): string => {
  const real = Buffer.from(CURSOR, 'base64url');
  const head = Buffer.concat([Buffer.from('bjt'), Buffer.of(version), real.subarray(4, 12)]);
  const packed = deflate(typeof body === 'string' ? body : JSON.stringify(body));
  const sum = createHash('sha256').update(head).update(packed).digest().subarray(0, 8);
  return Buffer.concat([head, sum, packed]).toString('base64url');
};

const time = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const arn = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' });

describe('a cursor', () => {
  it('continues from the time that was reached, after the entries of that time, and where a partition is further', () => {
    expect(decodeCursor('jobs', PLAN, CURSOR)).toEqual([[REACHED], 'end', [REACHED, ARN]]);
    expect(CURSOR).toMatch(/^[\w-]+$/);
  });

  test.prop([time, fc.array(fc.tuple(time, arn), { minLength: 3, maxLength: 3 }), fc.boolean()])(
    'forgets positions before that time, and keeps those after it',
    (reached, at, newestFirst) => {
      const plan = planOf({ order: newestFirst ? 'newest' : 'oldest' });
      const isBefore = ([sort]: readonly [string, string]) => (newestFirst ? sort > reached : sort < reached);
      const found = decodeCursor('jobs', plan, encodeCursor('jobs', plan, reached, at));
      expect(found).toEqual(at.map((each) => (isBefore(each) ? [reached] : each)));
    },
  );

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

  it('is refused by another table', () => {
    expect(refusal(CURSOR, PLAN, 'others')).toContain('is of another request');
  });

  it('is refused by a request for another account, although the scopes are not part of it', () => {
    const of = (account: string) => planOf({ account, region: 'us-east-1' });
    const cursor = encodeCursor('jobs', of('111111111111'), REACHED, [[REACHED, ARN]]);
    expect(refusal(cursor, of('222222222222'))).toContain('is of another request');
  });

  it('serves a client that knows other scopes: a new one continues from the time, one that is gone is left out', () => {
    const added = { accountId: '000000000000', region: 'us-east-1' };
    const plan = planOf({}, [added, ...SCOPES.slice(1)]);
    expect(decodeCursor('jobs', plan, CURSOR)).toEqual([[REACHED], [REACHED], [REACHED, ARN]]);
    expect(decodeCursor('jobs', planOf({}, [...SCOPES.slice(0, 1), added]), CURSOR)).toEqual([[REACHED], 'end']);
  });

  it('serves a request that asks the same in other words, for more or less', () => {
    const at: Position[] = ['end', [REACHED, ARN]];
    const plan = planOf({ status: ['Failed', 'Stopped'] });
    const same = planOf({ status: ['Stopped', 'Failed'], limit: 7, maxReadUnits: 1, order: 'newest' });
    expect(decodeCursor('jobs', same, encodeCursor('jobs', plan, REACHED, at))).toEqual(at);
  });

  it('is refused with a clear word where another version made it', () => {
    expect(refusal(forge([null, []], 1))).toContain('was made by another version of this library');
  });

  it.each<[string, unknown]>([
    ['the form of another version', [0, 0, 0]],
    ['a position alone', [REACHED]],
    ['another position', [REACHED, [[EAST, 0]]]],
    ['a key without ARN', [REACHED, [[EAST, [REACHED, '']]]]],
    ['a key that is none', [REACHED, [[EAST, [{ S: 'x' }, 'arn']]]]],
    ['a key of one part', [REACHED, [[EAST, [REACHED]]]]],
    ['an empty sort key', [REACHED, [[EAST, ['', 'arn']]]]],
    ['an empty time', ['', []]],
    ['a time that is none', [7, []]],
    ['a partition without a name', [REACHED, [[null, 'end']]]],
    ['an object', { length: 2, 0: REACHED, 1: [] }],
    ['a prototype', '{"__proto__":[null,[]]}'],
    ['no JSON', 'x'],
    ['more than a cursor can be', `[null, []]${' '.repeat(2_000_000)}`],
  ])('is refused with %s', (_what, body) => {
    expect(refusal(forge(body))).toContain('is damaged');
  });

  it('is refused where its key is outside of what is asked for', () => {
    const plan = planOf({ createdAfter: '2026-01-01T00:00:00Z', createdBefore: '2026-02-01T00:00:00Z' });
    const at = (time: string) => refusal(encodeCursor('jobs', plan, time, ['end', 'end', [time, 'arn']]), plan);
    expect(['2025-12-31T23:59:59.999Z', '2026-02-01T00:00:00.000Z'].map(at)).toEqual([
      expect.stringContaining('is damaged'),
      expect.stringContaining('is damaged'),
    ]);
    expect(['2026-01-01T00:00:00.000Z', '2026-01-31T23:59:59.999Z'].map(at)).toEqual(['taken', 'taken']);
  });

  it('is not read at all beyond 8 KB', () => {
    expect(refusal('A'.repeat(10_000_000))).toContain('is damaged');
  });

  describe('of thousands of scopes', () => {
    const scopes = Array.from({ length: 3000 }, (_, n) => ({
      accountId: String(100_000_000_000 + n * 7919),
      region: 'us-east-1',
    }));
    const plan = planOf({}, scopes);
    const arnOf = (n: number) => {
      const id = createHash('sha256').update(String(n)).digest('hex').slice(0, 12);
      return `arn:aws:bedrock:us-east-1:${scopes[n]?.accountId ?? ''}:model-customization-job/amazon.nova-lite-v1:0:300k/${id}`;
    };
    const timeOf = (n: number) => new Date(1_700_000_000_000 + n * 7_777_777).toISOString();

    it('fits an address, as it keeps a hundred positions that are further and the others are read again', () => {
      const at = scopes.map((_, n): Position => (n % 2 === 0 ? 'end' : [timeOf(n), arnOf(n)]));
      const cursor = encodeCursor('jobs', plan, timeOf(1001), at);
      expect(cursor.length).toBeLessThan(8192);
      const found = decodeCursor('jobs', plan, cursor);
      expect(found[1001]).toEqual(at[1001]);
      const isKept = (position: Position, n: number) => position === at[n];
      expect(found.filter((position, n) => position === 'end' || isKept(position, n)).length).toBeLessThanOrEqual(101);
      expect(found.slice(1002).filter((position) => position.length === 1).length).toBeGreaterThan(1000);
    });

    it('says what to do where entries of too many have the same time', () => {
      const at = scopes.map((_, n): Position => [REACHED, arnOf(n)]);
      expect(() => encodeCursor('jobs', plan, REACHED, at)).toThrow(
        '3000 accounts and Regions have an entry of the same time, too many for one list: name the account or the region.',
      );
    });
  });
});
