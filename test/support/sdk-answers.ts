import { type AwsRequest, rememberRequest } from '../../lib/operator/aws-errors.ts';

/** An error as a client of the SDK rejects with it; a client that remembers its requests says which one it answers. */
export const awsError = (name: string, message = name, request?: AwsRequest): Error => {
  const error = Object.assign(new Error(message), { name, $metadata: {} });
  return request === undefined ? error : rememberRequest(error, { region: 'us-east-1', ...request });
};

/** How a service answers one request. */
export interface SdkAnswer {
  readonly status?: number;
  /** Name of the exception. */
  readonly error?: string;
  /** A document, or the text of a body that is not one. */
  readonly body?: object | string;
}

interface SdkRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** Settings of an SDK client whose service answers each request by a function. An Error stands for a lost connection. */
export const answeredBy = (answerTo: (request: SdkRequest) => SdkAnswer | Error) => ({
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  requestHandler: {
    handle: (request: SdkRequest) => {
      const answer = answerTo(request);
      if (answer instanceof Error) return Promise.reject(answer);
      const { status = 200, error, body = {} } = answer;
      return Promise.resolve({
        response: {
          statusCode: status,
          headers: error === undefined ? {} : { 'x-amzn-errortype': error },
          body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
        },
      });
    },
  } as never,
});

/** The same, with these answers one after the other. */
export const answeredWith = (...answers: readonly (SdkAnswer | Error)[]) => {
  const left = [...answers];
  return answeredBy(() => left.shift() ?? new Error('a request too many'));
};

export const OK: SdkAnswer = {};
export const THROTTLED: SdkAnswer = { status: 429, error: 'ThrottlingException' };
export const BROKEN: SdkAnswer = { status: 500, error: 'InternalServerException' };
