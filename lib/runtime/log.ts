import { Logger } from '@aws-lambda-powertools/logger';
import { TrackerError } from '../domain/errors.ts';
import { redact } from '../domain/text.ts';

/** What handlers log by: a fixed message and fields. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/** The structured JSON log of a function; level and service name are Powertools' own environment variables. */
export const createLog = (): Logger => new Logger();

/**
 * An error as fields of a log line: its code and message, and the stack where the error is not one of ours to expect.
 * AWS's messages may quote the request; what a log must not keep of that is left out.
 */
export const errorFields = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { error_code: 'UNKNOWN', error_message: redact(String(error)) };
  const error_message = redact(error.message);
  if (error instanceof TrackerError) return { error_code: error.code, error_message };
  return { error_code: error.name, error_message, error_stack: redact(error.stack ?? '') };
};
