import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { decodeCursor, encodeCursor, type Position } from '../../lib/client/list/cursor.ts';
import { planList } from '../../lib/client/list/plan.ts';
import { parseListRequest } from '../../lib/client/list/validate.ts';
import { bounded } from './support/bounded.ts';
import { fuzz } from './support/fuzz.ts';
import { hostileJson, hostileText } from './support/hostile.ts';
import { asJson } from './support/json.ts';
import { mutatedDocument, mutatedText } from './support/mutate.ts';

const SCOPES = ['us-east-1', 'us-west-2', 'eu-west-1'].map((region) => ({ accountId: '111111111111', region }));
const PLAN = planList(parseListRequest({ createdAfter: '2026-01-01T00:00:00Z' }), SCOPES);
const AT: readonly Position[] = ['beginning', 'end', ['2026-01-01T00:00:00.000Z', 'arn:aws:bedrock:x/y/abcdefghijkl']];
const CURSOR = encodeCursor('jobs', PLAN, AT);
const BODY = [0, 1, ['2026-01-01T00:00:00.000Z', 'arn:aws:bedrock:x/y/abcdefghijkl']];

/** What somebody who read the source could make: the checksum keeps no secret. */
const forge = (body: string): string => {
  const head = Buffer.from(CURSOR, 'base64url').subarray(0, 12);
  const packed = deflateRawSync(body);
  const sum = createHash('sha256').update(head).update(packed).digest().subarray(0, 8);
  return Buffer.concat([head, sum, packed]).toString('base64url');
};

const decode = (cursor: string) => decodeCursor('jobs', PLAN, cursor);

describe('a cursor', () => {
  fuzz({
    parser: 'Cursor',
    inputs: fc.oneof(
      { weight: 4, arbitrary: mutatedDocument([BODY]).map((body) => forge(asJson(body))) },
      { weight: 2, arbitrary: mutatedText([JSON.stringify(BODY)]).map(forge) },
      { weight: 2, arbitrary: mutatedText([CURSOR]) },
      { weight: 1, arbitrary: hostileJson.map((body) => forge(JSON.stringify(body))) },
      { weight: 1, arbitrary: hostileText },
      {
        weight: 1,
        arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      },
    ),
    parse: decode,
    codes: ['BAD_CURSOR'],
    longest: 200,
    check: (positions) => {
      expect(positions).toHaveLength(PLAN.partitions.length);
      // It leads nowhere but into what was asked for, and is worth as much as one that was given out.
      for (const position of positions)
        if (typeof position !== 'string') expect(position[0] >= '2026-01-01').toBe(true);
      expect(decode(encodeCursor('jobs', PLAN, positions))).toEqual(positions);
    },
  });

  bounded('a cursor', {
    'lists in 100,000 levels': () => decode(forge('['.repeat(100_000) + ']'.repeat(100_000))),
    '300,000 positions that are none': () => decode(forge(`[${'[],'.repeat(300_000)}0]`)),
    'a body of 500,000 positions': () => decode(forge(`[${'0,'.repeat(500_000)}0]`)),
    'a body that unpacks to 10 MB': () => decode(forge(`[0,0,0]${' '.repeat(10_000_000)}`)),
    '10 MB of text': () => decode('A'.repeat(10_000_000)),
  });
});
