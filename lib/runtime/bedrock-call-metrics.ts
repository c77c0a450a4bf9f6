import { ThrottlingException, type BedrockClient } from '@aws-sdk/client-bedrock';
import { METRIC } from '../contract.ts';
import type { Meter } from './metrics.ts';

/** What the SDK's retry strategies look at, with the only error of Bedrock's model that says so. */
const isThrottling = (error: unknown): boolean => {
  const { $metadata, $retryable } = (error ?? {}) as Partial<ThrottlingException>;
  return error instanceof ThrottlingException || $metadata?.httpStatusCode === 429 || $retryable?.throttling === true;
};

/**
 * Counts every request that a client sends, retries included, and whether Bedrock throttled it: one value of each
 * metric for each request, so that the average of the throttles is their share.
 */
export const countCalls = (client: BedrockClient, metrics: Meter): BedrockClient => {
  client.middlewareStack.add(
    (next, { commandName = 'unknown' }) =>
      async (request) => {
        const operation = commandName.replace(/Command$/, '');
        let throttled = false;
        try {
          return await next(request);
        } catch (error) {
          throttled = isThrottling(error);
          throw error;
        } finally {
          metrics.add(METRIC.bedrockCalls, 1, { operation });
          metrics.add(METRIC.bedrockThrottles, throttled ? 1 : 0, { operation });
        }
      },
    // The last of this step: inside of the retries, after the signature (without credentials nothing is sent), and
    // outside of the deserializer, which makes the error.
    { name: 'countBedrockCalls', step: 'finalizeRequest', priority: 'low', override: true },
  );
  return client;
};
