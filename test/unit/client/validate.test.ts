import { describe, expect, it } from '@jest/globals';
import { parseListRequest } from '../../../lib/client/list/validate.ts';
import type { ListJobsRequest } from '../../../lib/client/requests.ts';
import { hasCode } from '../../../lib/domain/errors.ts';

const problemOf = (request: unknown): string => {
  try {
    parseListRequest(request as ListJobsRequest);
  } catch (error) {
    if (hasCode(error, 'BAD_REQUEST')) return error.message;
    throw error;
  }
  throw new Error('it was understood');
};

describe('a request for a list', () => {
  it('is filled in where it leaves something out', () => {
    const defaults = { tags: [], created: {}, newestFirst: true, limit: 100, maxReadUnits: 250, allowScan: false };
    expect(parseListRequest({})).toEqual(defaults);
    const absent = Object.fromEntries(
      ['status', 'tag', 'account', 'cursor', 'createdAfter'].map((name) => [name, undefined]),
    );
    expect(parseListRequest(absent)).toEqual(defaults);
  });

  it('has times in any offset or as dates, and its ends included to the millisecond', () => {
    expect(
      parseListRequest({
        createdAfter: '2026-11-01T01:00:00+01:00',
        createdBefore: new Date('2026-12-01T00:00:00Z'),
        modifiedAfter: '2026-11-01T00:00Z',
      }),
    ).toMatchObject({
      created: { from: '2026-11-01T00:00:00.000Z', to: '2026-11-30T23:59:59.999Z' },
      modifiedFrom: '2026-11-01T00:00:00.000Z',
    });
  });

  it('takes one status or tag as well as several', () => {
    expect(parseListRequest({ status: 'New', tag: { key: 'a', value: 'b' } })).toMatchObject({
      status: ['New'],
      tags: [{ key: 'a', value: 'b' }],
    });
    expect(parseListRequest({ tag: [] })).toMatchObject({ tags: [] });
  });

  it('is refused with every wrong member named at once, those that do not exist included', () => {
    const message = problemOf({
      status: [''],
      active: 'yes',
      account: '1',
      region: 'US East',
      baseModel: '',
      customizationType: 7,
      tag: { name: 'team' },
      nameContains: '',
      search: '',
      createdAfter: 'yesterday',
      createdBefore: new Date(NaN),
      modifiedAfter: '2026-11-01',
      order: 'up',
      sortBy: 'job_name',
      limit: 0,
      cursor: 1,
      maxReadUnits: -1,
      allowScan: 1,
      stauts: 'Failed',
      scope: {},
    });
    expect(message.slice(0, 17)).toBe('Invalid request: ');
    for (const name of 'status active account region baseModel customizationType tag nameContains search createdAfter createdBefore modifiedAfter order sortBy limit cursor maxReadUnits allowScan'.split(
      ' ',
    )) {
      expect(message).toMatch(new RegExp(`[:;] ${name}[.\\w]* must `));
    }
    expect(message).toContain('; unknown members stauts, scope; the members are status, active, account, ');
  });

  it.each<[unknown, string]>([
    [{ status: [] }, 'status must be a status of 1 to 100 characters, or a list of 1 to 50 of them'],
    [{ status: Array.from({ length: 51 }, (_, n) => `S${n}`) }, 'or a list of 1 to 50 of them'],
    [{ limit: 1001 }, 'limit must be a whole number from 1 to 1000'],
    [{ limit: 1.5 }, 'limit must be a whole number from 1 to 1000'],
    [{ limit: '5' }, 'limit must be a whole number from 1 to 1000'],
    [{ maxReadUnits: NaN }, 'maxReadUnits must be a number above 0'],
    [{ tag: [{ key: 'a', vlaue: 'b' }] }, 'tag must be a tag as { key } or { key, value }'],
    [
      { createdAfter: '2026-11-02T00:00:00Z', createdBefore: '2026-11-02T00:00:00Z' },
      'createdBefore must be later than createdAfter',
    ],
    [
      { createdAfter: '2026-11-01T00:00:00' },
      'createdAfter must be a time such as 2026-11-21T04:36:24Z, with Z or an offset, or a Date',
    ],
    [{ createdAfter: new Date(Date.UTC(10_000, 0)) }, 'createdAfter must be a time'],
    [JSON.parse('{"__proto__": {"limit": 5}}'), 'unknown members __proto__;'],
    [null, 'it must be an object'],
    ['Failed', 'it must be an object'],
  ])('%j is refused: %s', (request, message) => {
    expect(problemOf(request)).toContain(message);
  });
});
