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
  AMBIGUOUS_MODEL: 400,
  ACCESS_DENIED: 403,
  JOB_NOT_FOUND: 404,
  MODEL_NOT_FOUND: 404,
  NO_LOSS_CURVE: 404,
  THROTTLED: 429,
  AWS_UNREACHABLE: 504,
};

/** By the name of AWS's error. Any other refusal is 502. */
const STATUS_BY_REFUSAL: readonly (readonly [RegExp, ContentfulStatusCode])[] = [
  [/AccessDenied|NotAuthorized/, 403],
  [/ResourceNotFound/, 404],
  [/Conflict/, 409],
  [/^(ValidationException|TooManyTagsException)$/, 400],
];

/** A failed request, with the reason as a sentence. */
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

/** An error as a sentence for a person, without a stack. */
export const sentenceOf = (error: unknown): string => {
  const explained = explain(error);
  if (explained instanceof TrackerError) return explained.message;
  const { name, message } = explained instanceof Error ? explained : new Error(String(explained));
  return `This is a bug in the dashboard (${name}: ${message}). Please report it.`;
};

/** The answer to a request that failed. */
export const failure = (error: unknown, context: Context) =>
  refusal(
    context,
    statusOf(explain(error)),
    sentenceOf(error),
    error instanceof MissingJob && error.near.length > 0 ? { near: error.near } : undefined,
  );
