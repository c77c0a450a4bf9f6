import type { BedrockClient } from '@aws-sdk/client-bedrock';

/** A cut answers all refusals of this span: calls that were under way together are refused together, for one reason. */
const ROUND_MS = 1_000;
/** What a cut leaves of the rate: less where far fewer calls were granted than the rate lets go, but never next to nothing. */
const CUT = 0.9;
const DEEPEST_CUT = 0.5;
/** A second's grants vary by chance: only fewer than this share of the rate tell that the limit is far below it. */
const FEW_GRANTS = 0.8;
/** By what share of itself the rate grows in a second, for each second since the last cut: the longer, the faster. */
const GROWTH = 0.01;
/** Calls a second, however often calls are refused. */
const SLOWEST = 1;
/** What timers are late by at most where the machine keeps up. */
const LATENESS_MS = 20;

/** Both in milliseconds. */
export interface Timer {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Finds the rate at which a service grants calls, and holds calls back to it. As fast as they come until one is
 * refused; from then on about as many a second as were granted: a tenth less where calls are refused again, at most once
 * a second, and more as time goes by without.
 */
export class RateLimiter {
  readonly #time: Timer;
  #rate: number | undefined;
  #cutAt = -Infinity;
  #grownAt = 0;
  /** When the last call was to go. */
  #wentAt = 0;
  #queue: Promise<void> = Promise.resolve();
  /** When calls were granted within the last round, oldest first. */
  #grants: number[] = [];

  constructor(time: Timer) {
    this.#time = time;
  }

  /** Calls a second; undefined while none was refused. */
  get rate(): number | undefined {
    return this.#rate;
  }

  /** Resolves when a call may go, in the order in which they asked. */
  async acquire(): Promise<void> {
    if (this.#rate === undefined) return;
    const turn = this.#queue.then(() => this.#wait());
    this.#queue = turn;
    await turn;
  }

  /** By the rate of the moment in which a call is the next: whoever waits behind hears of each cut. */
  async #wait(): Promise<void> {
    const now = this.#time.now();
    // A timer that comes late does not slow the calls down; a pause gives no right to a burst.
    const at = Math.max(now - LATENESS_MS, this.#wentAt + 1_000 / (this.#rate ?? Infinity));
    this.#wentAt = at;
    if (at > now) await this.#time.sleep(at - now);
  }

  recordGrant(): void {
    const now = this.#time.now();
    this.#grants.push(now);
    if (this.#rate === undefined) return;
    const sinceCut = (now - this.#cutAt) / 1_000;
    const grown = this.#rate * (1 + (GROWTH * sinceCut * (now - this.#grownAt)) / 1_000);
    // That calls succeed which nobody held back says nothing about how many more would.
    this.#rate = Math.max(this.#rate, Math.min(grown, 2 * this.#grantedRate(now)));
    this.#grownAt = now;
  }

  recordRefusal(): void {
    const now = this.#time.now();
    if (now - this.#cutAt < ROUND_MS) return;
    const granted = this.#grantedRate(now);
    const rate = this.#rate ?? granted;
    this.#rate = Math.max(SLOWEST, DEEPEST_CUT * rate, CUT * Math.min(rate, granted / FEW_GRANTS));
    this.#cutAt = now;
    this.#grownAt = now;
  }

  #grantedRate(now: number): number {
    const first = this.#grants.findIndex((at) => at > now - ROUND_MS);
    this.#grants.splice(0, first < 0 ? this.#grants.length : first);
    return (this.#grants.length * 1_000) / ROUND_MS;
  }
}

type Strategy = Awaited<ReturnType<BedrockClient['config']['retryStrategy']>>;
type StandardStrategy = Extract<Strategy, { readonly acquireInitialRetryToken: unknown }>;

const SYSTEM_TIME: Timer = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** The SDK's strategy decides what is tried again, how often, and after what backoff; the limiter says when a call may go. */
const withRateLimit = (
  standard: StandardStrategy,
  limiter: RateLimiter,
): StandardStrategy & { readonly mode: string } => ({
  mode: 'rate-limited',
  acquireInitialRetryToken: async (scope) => {
    const token = await standard.acquireInitialRetryToken(scope);
    await limiter.acquire();
    return token;
  },
  refreshRetryTokenForRetry: async (token, error) => {
    if (error.errorType === 'THROTTLING') limiter.recordRefusal();
    const next = await standard.refreshRetryTokenForRetry(token, error);
    await limiter.acquire();
    return next;
  },
  recordSuccess: (token) => {
    limiter.recordGrant();
    standard.recordSuccess(token);
  },
});

/**
 * Makes a client with the SDK's standard retries slow down to the rate that Bedrock grants. The SDK's own adaptive
 * retries do the same, but cut the rate once for each refused call: a dozen that are refused together leave next to
 * nothing of it (docs/adr/0020-a-pace-of-our-own.md).
 */
export const limitRate = (client: BedrockClient, time: Timer = SYSTEM_TIME): BedrockClient => {
  const strategyOf = client.config.retryStrategy;
  const limiter = new RateLimiter(time);
  client.config.retryStrategy = async () => {
    const strategy = await strategyOf();
    return 'acquireInitialRetryToken' in strategy ? withRateLimit(strategy, limiter) : strategy;
  };
  return client;
};
