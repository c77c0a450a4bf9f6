import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as v from 'valibot';
import { TrackerError } from '../../domain/errors.ts';
import type { Plan } from './plan.ts';

/** Where to continue in a partition: at its beginning, at its end, or after an entry. A scan has no sort key: it is empty. */
export type Position = 'beginning' | 'end' | readonly [sort: string, arn: string];

const MAGIC = Buffer.from('bjt');
const VERSION = 1;
const HASH_BYTES = 8;
const HEADER_BYTES = MAGIC.length + 1;
const BODY_AT = HEADER_BYTES + 2 * HASH_BYTES;
/** Enough for some hundreds of partitions; longer texts are refused. */
const MAX_LENGTH = 32_768;
const MAX_BODY_BYTES = 1_048_576;

const positions = v.array(
  v.union([
    v.literal(0),
    v.literal(1),
    v.strictTuple([v.pipe(v.string(), v.maxLength(64)), v.pipe(v.string(), v.minLength(1), v.maxLength(2048))]),
  ]),
);

const hash = (...parts: readonly (string | Buffer)[]): Buffer => {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest().subarray(0, HASH_BYTES);
};

/** Identifies the table and the request. The plan stands for the request: it has all but the limits. */
const digestOf = (tableName: string, plan: Plan): Buffer => hash(JSON.stringify([tableName, plan]));

/**
 * The end of a page as text for a URL: magic bytes and version, a digest of the request, a checksum, and the position in
 * each partition. The checksum detects damage; it does not protect a secret.
 */
export const encodeCursor = (tableName: string, plan: Plan, at: readonly Position[]): string => {
  const body = deflateRawSync(
    JSON.stringify(at.map((position) => (position === 'beginning' ? 0 : position === 'end' ? 1 : position))),
  );
  const head = Buffer.concat([MAGIC, Buffer.of(VERSION), digestOf(tableName, plan)]);
  const cursor = Buffer.concat([head, hash(head, body), body]).toString('base64url');
  if (cursor.length <= MAX_LENGTH) return cursor;
  throw new TrackerError(
    'BAD_REQUEST',
    `${plan.partitions.length} accounts and Regions are too many for one list: name the account or the region.`,
  );
};

const refuse = (why: string): never => {
  throw new TrackerError('BAD_CURSOR', `The cursor ${why}. Leave it out to begin at the first page.`);
};

const parseBody = (body: Buffer): unknown => {
  try {
    return JSON.parse(inflateRawSync(body, { maxOutputLength: MAX_BODY_BYTES }).toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Whether the plan can have this sort key. DynamoDB refuses others in its own words. */
const isWithin = ({ sortedBy, range: { from, to } }: Plan, sort: string): boolean =>
  sortedBy === undefined ? sort === '' : sort !== '' && sort >= (from ?? '') && sort <= (to ?? sort);

/** The positions of a cursor. Throws BAD_CURSOR for a cursor that is not of this request to this table. */
export const decodeCursor = (tableName: string, plan: Plan, cursor: string): readonly Position[] => {
  const damaged = () => refuse('is damaged or incomplete');
  if (cursor.length > MAX_LENGTH) return damaged();
  const bytes = Buffer.from(cursor, 'base64url');
  // Buffer skips invalid characters; a valid cursor encodes to itself.
  if (bytes.toString('base64url') !== cursor || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return damaged();
  if (bytes[MAGIC.length] !== VERSION) return refuse('was made by another version of this library');
  const head = bytes.subarray(0, BODY_AT - HASH_BYTES);
  const body = bytes.subarray(BODY_AT);
  if (!bytes.subarray(BODY_AT - HASH_BYTES, BODY_AT).equals(hash(head, body))) return damaged();
  if (!head.subarray(HEADER_BYTES).equals(digestOf(tableName, plan))) {
    return refuse('is of another request: only limit and maxReadUnits may change between pages');
  }
  const parsed = parseBody(body);
  // Before the schema, which can take 15 s for what a kilobyte unpacks to.
  if (!Array.isArray(parsed) || parsed.length !== plan.partitions.length) return damaged();
  const result = v.safeParse(positions, parsed);
  if (!result.success) return damaged();
  return result.output.map((position) => {
    if (position === 0) return 'beginning';
    if (position === 1) return 'end';
    return isWithin(plan, position[0]) ? position : damaged();
  });
};
