import type { ErrorCode, TrackerError } from '../domain/errors.ts';

/** Exit codes. 130 is what shells answer for a command that Ctrl-C ended. */
export const EXIT = { done: 0, failed: 1, misuse: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Ends a command with an exit code when all that is to be said was said: the awaited job failed, the tracker is not
 * well, or the person asked for the end. It is also the reason of the context's signal.
 */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super('The command ended early.');
    this.exitCode = exitCode;
  }
}

/** The end that was asked for, where an error is one: also when a timer or a stream of Node wraps the signal's reason. */
export const endOf = (error: unknown): Ended | undefined => {
  if (error instanceof Ended) return error;
  const isAbort = error instanceof Error && error.name === 'AbortError';
  return isAbort && error.cause instanceof Ended ? error.cause : undefined;
};

/** What the person has to write or set differently; whatever else fails was asked for rightly and did not come about. */
const MISUSE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'BAD_CURSOR',
  'BAD_SPEC',
  'BAD_CONFIGURATION',
  'SCAN_NEEDED',
  'AMBIGUOUS_JOB',
  'NO_CREDENTIALS',
  'LOCAL_RUN_REFUSED',
]);

export const exitCodeOf = (error: TrackerError): ExitCode => (MISUSE.has(error.code) ? EXIT.misuse : EXIT.failed);
