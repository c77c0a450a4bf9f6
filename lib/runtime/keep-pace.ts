import type { BedrockClient } from '@aws-sdk/client-bedrock';
import { Pace, type PaceTime } from './rate-limiter.ts';

type Strategy = Awaited<ReturnType<BedrockClient['config']['retryStrategy']>>;
type StandardStrategy = Extract<Strategy, { readonly acquireInitialRetryToken: unknown }>;

const SYSTEM_TIME: PaceTime = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** The SDK's strategy decides what is tried again, how often, and after what backoff; the pace says when a call may go. */
const paced = (standard: StandardStrategy, pace: Pace): StandardStrategy & { readonly mode: string } => ({
  mode: 'paced',
  acquireInitialRetryToken: async (scope) => {
    const token = await standard.acquireInitialRetryToken(scope);
    await pace.turn();
    return token;
  },
  refreshRetryTokenForRetry: async (token, error) => {
    if (error.errorType === 'THROTTLING') pace.refused();
    const next = await standard.refreshRetryTokenForRetry(token, error);
    await pace.turn();
    return next;
  },
  recordSuccess: (token) => {
    pace.granted();
    standard.recordSuccess(token);
  },
});

/**
 * Makes a client with the SDK's standard retries slow down to the rate that Bedrock grants. The SDK's own adaptive
 * retries do the same, but cut the rate once for each refused call: a dozen that are refused together leave next to
 * nothing of it (docs/adr/0020-a-pace-of-our-own.md).
 */
export const keepPace = (client: BedrockClient, time: PaceTime = SYSTEM_TIME): BedrockClient => {
  const strategyOf = client.config.retryStrategy;
  const pace = new Pace(time);
  client.config.retryStrategy = async () => {
    const strategy = await strategyOf();
    return 'acquireInitialRetryToken' in strategy ? paced(strategy, pace) : strategy;
  };
  return client;
};
