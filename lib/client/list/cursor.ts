import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as v from 'valibot';
import { TrackerError } from '../../domain/errors.ts';
import type { Plan } from './plan.ts';

/**
 * Where the reading of a partition goes on: at its beginning, nowhere as all of it was read, or behind an entry, told by
 * sort key and ARN. For a scan the sort key is empty.
 */
export type Position = 'beginning' | 'end' | readonly [sort: string, jobArn: string];

const MAGIC = Buffer.from('bjt');
const VERSION = 1;
const HASH_BYTES = 8;
const HEADER_BYTES = MAGIC.length + 1;
const BODY_AT = HEADER_BYTES + 2 * HASH_BYTES;
/** Some hundreds of partitions; what comes from outside is not read further. */
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

/** Tells one question to one table from any other. The plan stands for the question; it says all but how much to read. */
const digestOf = (tableName: string, plan: Plan): Buffer => hash(JSON.stringify([tableName, plan]));

/**
 * Where a page ended, as text that fits a URL: magic bytes and version, a digest of the question, a checksum, and the
 * position in each partition. The checksum finds what was broken on the way; it keeps no secret.
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
    `The jobs of ${plan.partitions.length} accounts and Regions are too many for one list: name the account or the region.`,
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

/** Whether a key can be of the plan: DynamoDB refuses others in words of its own. */
const isWithin = ({ sortedBy, range: { from, to } }: Plan, sort: string): boolean =>
  sortedBy === undefined ? sort === '' : sort !== '' && sort >= (from ?? '') && sort <= (to ?? sort);

/** The positions that a cursor stands for. Throws BAD_CURSOR for what this question to this table did not give out. */
export const decodeCursor = (tableName: string, plan: Plan, cursor: string): readonly Position[] => {
  const broken = () => refuse('is broken: it is not the whole text that an answer gave');
  if (cursor.length > MAX_LENGTH) return broken();
  const bytes = Buffer.from(cursor, 'base64url');
  // Buffer passes over what is not base64url; the text of an answer comes out as it went in.
  if (bytes.toString('base64url') !== cursor || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return broken();
  if (bytes[MAGIC.length] !== VERSION) return refuse('was made by another version of this library');
  const head = bytes.subarray(0, BODY_AT - HASH_BYTES);
  const body = bytes.subarray(BODY_AT);
  if (!bytes.subarray(BODY_AT - HASH_BYTES, BODY_AT).equals(hash(head, body))) return broken();
  if (!head.subarray(HEADER_BYTES).equals(digestOf(tableName, plan))) {
    return refuse('is one of another request: only limit and maxReadUnits may change from page to page');
  }
  const parsed = parseBody(body);
  // Before each is looked at: what a kilobyte unpacks to can take the schema a quarter of a minute.
  if (!Array.isArray(parsed) || parsed.length !== plan.partitions.length) return broken();
  const result = v.safeParse(positions, parsed);
  if (!result.success) return broken();
  return result.output.map((position) => {
    if (position === 0) return 'beginning';
    if (position === 1) return 'end';
    return isWithin(plan, position[0]) ? position : broken();
  });
};
