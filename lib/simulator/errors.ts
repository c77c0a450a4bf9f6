/** Errors as the service model has them: name, HTTP status, and a message. */
const HTTP_STATUSES = {
  ValidationException: 400,
  ConflictException: 400,
  TooManyTagsException: 400,
  ServiceQuotaExceededException: 400,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  ThrottlingException: 429,
  InternalServerException: 500,
  // Not in the model: what the protocol itself answers.
  SerializationException: 400,
  IncompleteSignatureException: 400,
  UnknownOperationException: 404,
  RequestTooLarge: 413,
} as const;

export type ErrorKind = keyof typeof HTTP_STATUSES;
export type HttpStatus = (typeof HTTP_STATUSES)[ErrorKind];

/** An answer of the simulated API that is an error. */
export class ApiError extends Error {
  override readonly name: ErrorKind;
  readonly httpStatus: HttpStatus;
  /** Further members of the error's shape. */
  readonly members: Readonly<Record<string, string>>;

  constructor(kind: ErrorKind, message: string, members: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = kind;
    this.httpStatus = HTTP_STATUSES[kind];
    this.members = members;
  }
}

export const invalid = (message: string): ApiError => new ApiError('ValidationException', message);
