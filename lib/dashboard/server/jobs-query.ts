import * as v from 'valibot';
import { isDayOrTime } from '../../domain/time.ts';
import { TrackerError } from '../../domain/errors.ts';
import { parseScope, type Scope } from '../../domain/identity.ts';
import { oneLine } from '../../domain/text.ts';
import type { JobsQuery } from '../api.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const text = (name: string, most: number) =>
  v.pipe(v.string(`${name} may be there once`), v.maxLength(most, `${name} is too long`));
const time = (name: string) =>
  v.pipe(
    text(name, 40),
    v.check(isDayOrTime, `${name} must be a day or a time such as 2026-11-21T04:36:24Z`),
    v.transform((value) => new Date(value).toISOString()),
  );
const texts = (name: string) =>
  v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.transform((value) => (typeof value === 'string' ? [value] : value)),
    v.check((values) => values.length <= 20, `${name} may be there 20 times at most`),
    v.check((values) => values.every((value) => value.length <= 400), `${name} is too long`),
  );
const oneOf = <const T extends string>(name: string, ...values: readonly T[]) =>
  v.picklist(values, `${name} must be ${values.join(' or ')}`);

const LIMIT = `limit must be 1 to ${String(MAX_LIMIT)}`;

const schema = v.strictObject(
  {
    status: v.optional(texts('status')),
    active: v.optional(
      v.pipe(
        oneOf('active', 'true', 'false'),
        v.transform((value) => value === 'true'),
      ),
    ),
    scope: v.optional(
      v.pipe(
        v.string(),
        v.transform(parseScope),
        v.custom<Scope>((scope) => scope !== undefined, 'scope must be <account id of 12 digits>#<Region>'),
      ),
    ),
    baseModel: v.optional(text('baseModel', 2048)),
    customizationType: v.optional(text('customizationType', 100)),
    tag: v.optional(texts('tag')),
    search: v.optional(
      v.pipe(
        text('search', 2048),
        v.transform((value) => value.trim()),
      ),
    ),
    createdAfter: v.optional(time('createdAfter')),
    createdBefore: v.optional(time('createdBefore')),
    sortBy: v.optional(oneOf('sortBy', 'creation_time', 'last_modified_time')),
    order: v.optional(oneOf('order', 'newest', 'oldest')),
    limit: v.optional(
      v.pipe(
        v.string(LIMIT),
        v.regex(/^\d{1,3}$/, LIMIT),
        v.transform(Number),
        v.minValue(1, LIMIT),
        v.maxValue(MAX_LIMIT, LIMIT),
      ),
      String(DEFAULT_LIMIT),
    ),
    cursor: v.optional(text('cursor', 8192)),
  } satisfies Record<keyof JobsQuery, unknown>,
  (issue) => (issue.expected === 'never' ? `there is no parameter ${oneLine(issue.received, 50)}` : issue.message),
);

/** What the list is asked for. */
export type ParsedJobsQuery = v.InferOutput<typeof schema>;

/**
 * The question of an address. A parameter without a value is none.
 *
 * @throws TrackerError BAD_REQUEST with all that is wrong
 */
export const parseJobsQuery = (parameters: Readonly<Record<string, readonly string[]>>): ParsedJobsQuery => {
  const given = Object.entries(parameters)
    .map(([name, values]) => [name, values.filter((value) => value !== '')] as const)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [name, values.length === 1 ? values[0] : values] as const);
  const result = v.safeParse(schema, Object.fromEntries(given));
  if (result.success) return result.output;
  const problems = [...new Set(result.issues.map(({ message }) => message))].join('; ');
  throw new TrackerError('BAD_REQUEST', `These jobs cannot be listed: ${problems}.`);
};
