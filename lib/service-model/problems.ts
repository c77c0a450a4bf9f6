/** What is wrong with a request: all of it at once, in AWS's words. */
import * as v from 'valibot';

/** One violated constraint. */
export interface Problem {
  /** Where: `trainingDataConfig.s3Uri`, and `jobTags.2.member.key` for the second item of a list. */
  readonly path: string;
  /** The constraint, for example "Member must not be null". */
  readonly constraint: string;
  /** AWS's whole sentence: value, path and constraint. */
  readonly message: string;
}

export type Checked<Request> =
  | { readonly request: Request; readonly problems?: never }
  | { readonly problems: readonly Problem[]; readonly request?: never };

/** Requests may be large, and answers should stay readable. */
const MAX_QUOTED = 256;
/** Maps that the model marks as sensitive: their contents are not repeated. */
const SENSITIVE = /(?:^|\.)(?:equals|notEquals)$/;

/** Deeper than anything in the model: hostile nesting must not exhaust the stack. */
const MAX_DEPTH = 24;
const MAX_LISTED = 200;

/** Protocols treat a null member as an absent one; null list items stay, for they are wrong. */
const withoutNulls = (value: unknown, depth = 0): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '...';
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1));
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member, depth + 1)]));
};

const pathOf = (issue: v.BaseIssue<unknown>): string =>
  (issue.path ?? []).map(({ type, key }) => (type === 'array' ? `${key + 1}.member` : String(key))).join('.');

const quoted = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
};

const toProblem = (issue: v.BaseIssue<unknown>): Problem => {
  const path = pathOf(issue);
  const value =
    issue.input === undefined || issue.input === null
      ? 'Value null'
      : SENSITIVE.test(path)
        ? 'Value'
        : `Value '${quoted(issue.input)}'`;
  return {
    path,
    constraint: issue.message,
    message: `${value} at '${path}' failed to satisfy constraint: ${issue.message}`,
  };
};

/** The request as the model has it, or every problem of it. */
export const check = <Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): Checked<v.InferOutput<Schema>> => {
  const result = v.safeParse(schema, withoutNulls(input));
  return result.success ? { request: result.output } : { problems: result.issues.map(toProblem) };
};

/** One sentence for all problems: "2 validation errors detected: …; …". */
export const summarize = (problems: readonly Problem[]): string =>
  `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ` +
  problems
    .slice(0, MAX_LISTED)
    .map(({ message }) => message)
    .join('; ');
