import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as v from 'valibot';
import { TrackerError } from '../../domain/errors.ts';
import type { Plan } from './plan.ts';

/**
 * Where to continue in a partition: at its beginning, at its end, after an entry, or from a sort key on. A scan has no sort
 * key: it is empty.
 */
export type Position = 'beginning' | 'end' | readonly [sort: string, arn: string] | readonly [sort: string];

/** True for a position after an entry. */
export const isAfter = (position: Position | undefined): position is readonly [string, string] =>
  typeof position === 'object' && position.length === 2;

const MAGIC = Buffer.from('bjt');
const VERSION = 2;
const HASH_BYTES = 8;
const HEADER_BYTES = MAGIC.length + 1;
const BODY_AT = HEADER_BYTES + 2 * HASH_BYTES;
/** Fits an address; longer texts are refused. */
const MAX_LENGTH = 8192;
const MAX_BODY_BYTES = 1_048_576;
const MOST_FURTHER = 100;

const sortKey = v.pipe(v.string(), v.maxLength(64));
const arn = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
const bodySchema = v.strictTuple([
  v.nullable(sortKey),
  v.array(v.strictTuple([v.string(), v.union([v.literal('end'), v.strictTuple([sortKey, arn])])])),
]);

const hash = (...parts: readonly (string | Buffer)[]): Buffer => {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest().subarray(0, HASH_BYTES);
};

/** Identifies the table and the request without its limits. The scopes are not part of it: they come and go between pages. */
const digestOf = (tableName: string, { index, question }: Plan): Buffer => {
  const { cursor: _c, limit: _l, maxReadUnits: _m, status = [], ...rest } = question;
  return hash(JSON.stringify([tableName, index, [...new Set(status)].sort(), rest]));
};

/**
 * The end of a page as text for a URL: magic bytes and version, a digest of the request, a checksum, and where to continue.
 * That is the sort key that was reached, and of each partition that is further a position of its own: after an entry of
 * that sort key, or where few entries matched. Of the latter it has a hundred; others are read again. The checksum detects
 * damage; it does not protect a secret.
 */
export const encodeCursor = (
  tableName: string,
  plan: Plan,
  reached: string | undefined,
  at: readonly Position[],
): string => {
  const head = Buffer.concat([MAGIC, Buffer.of(VERSION), digestOf(tableName, plan)]);
  const all = plan.partitions.map(({ key }, n) => [key, at[n]] as const);
  const isFurther = (sort: string) => reached !== undefined && sort !== reached && sort > reached !== plan.newestFirst;
  const exact = all.filter(([, position]) => isAfter(position) && position[0] === reached);
  const further = all.filter(([, position]) => position === 'end' || (isAfter(position) && isFurther(position[0])));
  const body = deflateRawSync(JSON.stringify([reached ?? null, [...exact, ...further.slice(0, MOST_FURTHER)]]));
  const cursor = Buffer.concat([head, hash(head, body), body]).toString('base64url');
  if (cursor.length <= MAX_LENGTH) return cursor;
  throw new TrackerError(
    'BAD_REQUEST',
    `${exact.length} accounts and Regions have an entry of the same time, too many for one list: name the account or the region.`,
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
  if (!Array.isArray(parsed) || !Array.isArray(parsed[1]) || parsed[1].length > MAX_LENGTH) return damaged();
  const result = v.safeParse(bodySchema, parsed);
  if (!result.success) return damaged();
  const [reached, kept] = result.output;
  const sorts = [reached, ...kept.map(([, position]) => (position === 'end' ? null : position[0]))];
  if (!sorts.every((sort) => sort === null || isWithin(plan, sort))) return damaged();
  const at = new Map<string, Position>(kept);
  return plan.partitions.map(({ key }) => at.get(key) ?? (reached === null ? 'beginning' : [reached]));
};
