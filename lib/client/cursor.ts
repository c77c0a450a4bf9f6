import { TrackerError } from '../domain/errors.ts';

type Key = Readonly<Record<string, unknown>>;

/** Where a page ended, as text that fits a URL. */
export const encodeCursor = (key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url');

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
};

/**
 * The key that a cursor stands for, where it has these attributes (all texts) and no others, and these values among
 * them. Throws BAD_CURSOR for anything else: DynamoDB would answer with jobs of another query, or an error of its own.
 */
export const decodeCursor = (
  cursor: string,
  attributes: readonly string[],
  fixed: Readonly<Record<string, string>>,
): Key => {
  const key = parse(cursor);
  const isKey =
    typeof key === 'object' &&
    key !== null &&
    Object.keys(key).length === attributes.length &&
    attributes.every((attribute) => typeof (key as Key)[attribute] === 'string') &&
    Object.entries(fixed).every(([attribute, value]) => (key as Key)[attribute] === value);
  if (isKey) return key as Key;
  throw new TrackerError(
    'BAD_CURSOR',
    'The cursor is not one that this request gave out. Leave it out to begin at the first page.',
  );
};
