import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { decodeCursor, encodeCursor } from '../../lib/client/list/cursor.ts';
import { planList } from '../../lib/client/list/plan.ts';
import { parseListRequest } from '../../lib/client/list/validate.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import {
  asJson,
  hostileJson,
  hostileText,
  mutatedDocument,
  mutatedText,
  nestedJson,
  weighted,
} from './support/inputs.ts';

const SCOPES = ['us-east-1', 'us-west-2', 'eu-west-1'].map((region) => ({ accountId: '111111111111', region }));
const PLAN = planList(parseListRequest({ createdAfter: '2026-01-01T00:00:00Z' }), SCOPES);
const REACHED = '2026-01-01T00:00:00.000Z';
const AFTER = [REACHED, 'arn:aws:bedrock:x/y/abcdefghijkl'] as const;
const CURSOR = encodeCursor('jobs', PLAN, REACHED, ['beginning', 'end', AFTER]);
const BODY = [
  REACHED,
  [
    ['111111111111#us-west-2', 'end'],
    ['111111111111#eu-west-1', AFTER],
  ],
];

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
    inputs: weighted(
      [4, mutatedDocument([BODY]).map((body) => forge(asJson(body)))],
      [2, mutatedText([JSON.stringify(BODY)]).map(forge)],
      [2, mutatedText([CURSOR])],
      [1, hostileJson.map((body) => forge(JSON.stringify(body)))],
      [1, hostileText],
      [1, fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64url'))],
    ),
    parse: decode,
    codes: ['BAD_CURSOR'],
    longest: 200,
    check: (positions) => {
      expect(positions).toHaveLength(PLAN.partitions.length);
      // It leads nowhere but into what was asked for, and is worth as much as one that was given out.
      for (const position of positions)
        if (typeof position !== 'string') expect(position[0] >= '2026-01-01').toBe(true);
      const [reached = REACHED] = positions.flatMap((each) => (each.length === 1 ? each : []));
      const again = decode(encodeCursor('jobs', PLAN, reached, positions));
      expect(decode(encodeCursor('jobs', PLAN, reached, again))).toEqual(again);
    },
  });

  refuseHuge('a cursor', {
    'lists in 100,000 levels': () => decode(forge(nestedJson())),
    '300,000 positions that are none': () => decode(forge(`[null,[${'[],'.repeat(300_000)}0]]`)),
    'a body of 500,000 positions': () => decode(forge(`[null,[${'0,'.repeat(500_000)}0]]`)),
    'a body that unpacks to 10 MB': () => decode(forge(`[null,[]]${' '.repeat(10_000_000)}`)),
    '10 MB of text': () => decode('A'.repeat(10_000_000)),
  });
});
