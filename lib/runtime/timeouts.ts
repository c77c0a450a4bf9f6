import { StandardRetryStrategy } from '@smithy/core/retry';
import { MINUTE } from '../domain/time.ts';

/** How long to wait for an AWS service: attempts, and milliseconds for each. */
export interface Timeouts {
  readonly maxAttempts: number;
  readonly requestTimeout: number;
}

/**
 * For a message: under a minute if Bedrock hangs, so that the function ends by itself and returns only the failed
 * messages. A full batch with every call throttled takes 80 s: then the function times out, and the whole batch returns.
 */
export const MESSAGE_TIMEOUTS: Timeouts = { maxAttempts: 5, requestTimeout: 8_000 };

/** For a sweep, which has minutes: a backfill is throttled all along. */
export const SWEEP_TIMEOUTS: Timeouts = { maxAttempts: 8, requestTimeout: 15_000 };

/** For a command. */
export const COMMAND_TIMEOUTS: Timeouts = { maxAttempts: 4, requestTimeout: 10_000 };

/** For a synchronous Invoke: the function may run for 15 minutes, and a second attempt would run it twice. */
export const INVOKE_TIMEOUTS: Timeouts = { maxAttempts: 1, requestTimeout: 16 * MINUTE };

/** For AssumeRole before a call: all attempts together take no longer than one attempt of that call. */
export const sessionTimeouts = ({ requestTimeout }: Timeouts): Timeouts => ({
  maxAttempts: 3,
  requestTimeout: Math.floor(requestTimeout / 3),
});

/** In milliseconds. */
const CONNECTION_TIMEOUT = 3_000;

/**
 * The SDK's standard retries without the retry quota of a client, which would stop retries after some dozens of failed
 * calls, for as long as the function stays warm. A new strategy for each step has a full quota; the token counts the
 * attempts (docs/adr/0026-retries-without-a-quota.md).
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
 * `requestTimeout` alone only logs a warning and goes on waiting, and it ends with the answer's headers: the socket's
 * timeout covers a body that does not come.
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
