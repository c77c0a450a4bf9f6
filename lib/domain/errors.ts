/** All error codes. `retryable`: the same call may succeed later without anybody acting. */
export const ERROR_CODES = {
  MESSAGE_NOT_UNDERSTOOD: { retryable: false },
  SCOPE_NOT_TRACKED: { retryable: false },
  JOB_NOT_FOUND: { retryable: false },
  ANOTHER_JOB: { retryable: true },
  TAGS_NOT_FOUND: { retryable: true },
  ACCESS_DENIED: { retryable: false },
  INVALID_JOB: { retryable: false },
  MODEL_NOT_FOUND: { retryable: false },
  INVALID_MODEL: { retryable: false },
  RECORD_TOO_LARGE: { retryable: false },
  EVENT_REFUSED: { retryable: true },
  NOT_A_TRANSITION: { retryable: false },
  WRITE_CONTENTION: { retryable: true },
  SWEEP_INCOMPLETE: { retryable: true },
  USE_NOT_MEASURED: { retryable: true },
  BAD_CONFIGURATION: { retryable: false },
  BAD_CURSOR: { retryable: false },
  BAD_REQUEST: { retryable: false },
  SCAN_NEEDED: { retryable: false },
  AMBIGUOUS_JOB: { retryable: false },
  AMBIGUOUS_MODEL: { retryable: false },
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
  NO_DATA: { retryable: false },
} as const;

/** A code of {@link ERROR_CODES}; codes do not change their meaning. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Some sentences, or a list of problems with a line each. */
const LONGEST_MESSAGE = 20_000;

/**
 * Messages quote external text and end in logs, terminals and pages. Removes control characters (except line breaks),
 * format characters and lone surrogates, and limits the length.
 */
const sanitize = (message: string): string =>
  (message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message).replaceAll(
    /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    '\ufffd',
  );

/** An error that the tracker can name. Other errors, such as the SDK's, are passed on as they are. */
export class TrackerError extends Error {
  override readonly name = 'TrackerError';
  /** For code. The message is for a person: at most 20,000 printable characters. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(sanitize(message), options);
    this.code = code;
  }

  /** Whether the same call may succeed later without anybody acting. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** Whether an error is a {@link TrackerError} of this code. */
export const hasCode = (error: unknown, code: ErrorCode): error is TrackerError =>
  error instanceof TrackerError && error.code === code;
