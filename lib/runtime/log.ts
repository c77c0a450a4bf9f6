import { Logger } from '@aws-lambda-powertools/logger';
import { TrackerError } from '../domain/errors.ts';
import { redact } from '../domain/text.ts';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/** A function's JSON log. Level and service name come from Powertools' environment variables. */
export const createLog = (): Logger => new Logger();

/** An error as redacted fields of a log line: code, message, and the stack of an unexpected error. */
export const errorFields = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { error_code: 'UNKNOWN', error_message: redact(String(error)) };
  const error_message = redact(error.message);
  if (error instanceof TrackerError) return { error_code: error.code, error_message };
  return { error_code: error.name, error_message, error_stack: redact(error.stack ?? '') };
};
