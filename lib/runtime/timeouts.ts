import { StandardRetryStrategy } from '@smithy/core/retry';
import { MINUTE } from '../domain/time.ts';

/** How long a caller can wait for an AWS service: attempts, and ms for each. */
export interface Timeouts {
  readonly maxAttempts: number;
  readonly requestTimeout: number;
}

/**
 * For a message: under a minute where Bedrock hangs, so that the function ends by itself and gives back only the messages
 * that failed. A full batch whose every call is throttled takes 80 s: then the function times out, and all of it comes
 * back. The queue waits longer.
 */
export const MESSAGE_TIMEOUTS: Timeouts = { maxAttempts: 5, requestTimeout: 8_000 };

/** For a sweep, which has minutes: throttling is what a backfill meets all along. */
export const SWEEP_TIMEOUTS: Timeouts = { maxAttempts: 8, requestTimeout: 15_000 };

/** For a command that a person waits for. */
export const COMMAND_TIMEOUTS: Timeouts = { maxAttempts: 4, requestTimeout: 10_000 };

/** For a function that is awaited: it may run for 15 minutes, and a second attempt would run it twice. */
export const INVOKE_TIMEOUTS: Timeouts = { maxAttempts: 1, requestTimeout: 16 * MINUTE };

/** For the session of a role, which is asked for before a call: no longer altogether than one attempt of that call. */
export const sessionTimeouts = ({ requestTimeout }: Timeouts): Timeouts => ({
  maxAttempts: 3,
  requestTimeout: Math.floor(requestTimeout / 3),
});

/** The longest wait for a connection, in ms. */
const CONNECTION_TIMEOUT = 3_000;

/**
 * The SDK's standard retries, without the quota that a client shares among its calls: after some dozens of failed calls
 * it would refuse the next calls their retries, for as long as the function stays warm. A strategy that is made for each
 * step begins with a full quota; the attempts so far are in the token (docs/adr/0026-retries-without-a-quota.md).
 */
const retriesOf = ({ maxAttempts }: Timeouts) => {
  const standard = () => new StandardRetryStrategy(maxAttempts);
  type Standard = StandardRetryStrategy;
  return {
    mode: 'standard',
    acquireInitialRetryToken: (scope: string) => standard().acquireInitialRetryToken(scope),
    refreshRetryTokenForRetry: (...step: Parameters<Standard['refreshRetryTokenForRetry']>) =>
      standard().refreshRetryTokenForRetry(...step),
    recordSuccess: () => undefined,
  };
};

/**
 * The settings of an HTTP handler that gives up in time. By itself `requestTimeout` only logs a warning and goes on
 * waiting, and it ends with the headers of the answer: the socket's timeout covers a body that does not come.
 * https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/CLIENTS.md#request-handler-requesthandler
 */
const requestHandlerOf = ({ requestTimeout }: Timeouts) => ({
  connectionTimeout: Math.min(CONNECTION_TIMEOUT, requestTimeout),
  requestTimeout,
  throwOnRequestTimeout: true,
  socketTimeout: requestTimeout,
});

/** The settings that make an SDK client keep to these timeouts in each call, however many failed before. */
export const clientSettingsOf = (timeouts: Timeouts) => ({
  maxAttempts: timeouts.maxAttempts,
  retryStrategy: retriesOf(timeouts),
  requestHandler: requestHandlerOf(timeouts),
});
