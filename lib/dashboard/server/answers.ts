import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { explain } from '../../operator/aws-errors.ts';
import { type ErrorCode, TrackerError } from '../../domain/errors.ts';
import type { ApiError } from '../api.ts';
import { MissingJob } from './job.ts';

const STATUS_BY_CODE: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  BAD_REQUEST: 400,
  BAD_CURSOR: 400,
  SCAN_NEEDED: 400,
  AMBIGUOUS_JOB: 400,
  ACCESS_DENIED: 403,
  JOB_NOT_FOUND: 404,
  NO_LOSS_CURVE: 404,
  THROTTLED: 429,
  AWS_UNREACHABLE: 504,
};

/** What AWS means by its refusals. Any other is a bad gateway's answer. */
const STATUS_BY_REFUSAL: readonly (readonly [RegExp, ContentfulStatusCode])[] = [
  [/AccessDenied|NotAuthorized/, 403],
  [/ResourceNotFound/, 404],
  [/Conflict/, 409],
  [/^(ValidationException|TooManyTagsException)$/, 400],
];

/** An answer that says in a sentence why there is no other. */
export const refusal = (
  context: Context,
  status: ContentfulStatusCode,
  error: string,
  more?: Omit<ApiError, 'error'>,
) => context.json({ error, ...more } satisfies ApiError, status);

const statusOf = (error: unknown): ContentfulStatusCode => {
  if (!(error instanceof TrackerError)) return 500;
  const { cause } = error;
  const byRefusal = STATUS_BY_REFUSAL.find(([name]) => cause instanceof Error && name.test(cause.name))?.[1];
  return (error.code === 'AWS_REFUSED' ? byRefusal : STATUS_BY_CODE[error.code]) ?? 502;
};

/** What a person is told of an error: never a stack. */
export const sentenceOf = (error: unknown): string => {
  const explained = explain(error);
  if (explained instanceof TrackerError) return explained.message;
  const { name, message } = explained instanceof Error ? explained : new Error(String(explained));
  return `This is a mistake in the dashboard itself (${name}: ${message}). Please report it.`;
};

/** The answer to a request that failed. */
export const failure = (error: unknown, context: Context) =>
  refusal(
    context,
    statusOf(explain(error)),
    sentenceOf(error),
    error instanceof MissingJob && error.near.length > 0 ? { near: error.near } : undefined,
  );
