/**
 * What can go wrong, by stable code. Each message says what was wrong and, where a person can do something, what to do.
 * `retryable` tells whether the same work may succeed later without anybody acting.
 */
export const ERROR_CODES = {
  MESSAGE_NOT_UNDERSTOOD: { retryable: false },
  SCOPE_NOT_TRACKED: { retryable: false },
  JOB_NOT_FOUND: { retryable: false },
  ANOTHER_JOB: { retryable: true },
  TAGS_NOT_FOUND: { retryable: true },
  ACCESS_DENIED: { retryable: false },
  INVALID_JOB: { retryable: false },
  RECORD_TOO_LARGE: { retryable: false },
  EVENT_REFUSED: { retryable: true },
  NOT_A_TRANSITION: { retryable: false },
  WRITE_CONTENTION: { retryable: true },
  SWEEP_INCOMPLETE: { retryable: true },
  BAD_CONFIGURATION: { retryable: false },
  BAD_CURSOR: { retryable: false },
  BAD_REQUEST: { retryable: false },
  SCAN_NEEDED: { retryable: false },
  AMBIGUOUS_JOB: { retryable: false },
  WAIT_TIMED_OUT: { retryable: true },
  NO_CREDENTIALS: { retryable: false },
  LOCAL_RUN_REFUSED: { retryable: false },
  REDRIVE_FAILED: { retryable: false },
  TRACKER_NOT_FOUND: { retryable: false },
  AWS_REFUSED: { retryable: false },
  AWS_UNREACHABLE: { retryable: true },
  THROTTLED: { retryable: true },
  BAD_SPEC: { retryable: false },
  NO_LOSS_CURVE: { retryable: false },
  BAD_LOSS_CURVE: { retryable: false },
  EXPORT_FAILED: { retryable: false },
} as const;

/** A code of {@link ERROR_CODES}; codes do not change their meaning. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Some sentences, or a list of problems with a line each. */
const LONGEST_MESSAGE = 20_000;

/**
 * Messages quote what came from outside. However they do it, they end up in logs, terminals and pages: no control
 * character but a line break, nothing that hides or turns a line, no half of a character, and no flood.
 */
const sanitize = (message: string): string =>
  (message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message).replaceAll(
    /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    '\ufffd',
  );

/** What the tracker throws for what it can name. Anything else comes as it was thrown, such as an error of the SDK. */
export class TrackerError extends Error {
  override readonly name = 'TrackerError';
  /** What went wrong, for code; the message is for a person: at most 20,000 characters, all of which can be shown. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(sanitize(message), options);
    this.code = code;
  }

  /** Whether the same work may succeed later without anybody acting. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** Whether an error is a {@link TrackerError} of this code. */
export const hasCode = (error: unknown, code: ErrorCode): error is TrackerError =>
  error instanceof TrackerError && error.code === code;
