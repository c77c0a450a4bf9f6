import type { BedrockClient } from '@aws-sdk/client-bedrock';

/** At most one cut in this time: calls that were sent together are throttled together. */
const ROUND_MS = 1_000;
/** A cut leaves 90 % of the rate, or less if far fewer calls succeeded, but at least half. */
const CUT = 0.9;
const DEEPEST_CUT = 0.5;
/** Below this share of the rate, the calls that succeeded in a second show that the limit is far lower. */
const FEW_GRANTS = 0.8;
/** The rate grows by this share a second, times the seconds since the last cut. */
const GROWTH = 0.01;
/** Minimum, in calls a second. */
const SLOWEST = 1;
/** Timers are at most this late unless the machine is overloaded. */
const LATENESS_MS = 20;

/** Both in milliseconds. */
export interface Timer {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Finds the rate that a service allows, and limits calls to it. No limit until a call is throttled; from then on about
 * the rate of successful calls, cut by a tenth at most once a second while calls are throttled, and growing otherwise.
 */
export class RateLimiter {
  readonly #time: Timer;
  #rate: number | undefined;
  #cutAt = -Infinity;
  #grownAt = 0;
  /** When the last call was due. */
  #wentAt = 0;
  #queue: Promise<void> = Promise.resolve();
  /** Times of the successful calls in the last second, oldest first. */
  #grants: number[] = [];

  constructor(time: Timer) {
    this.#time = time;
  }

  /** Calls a second; undefined until a call is throttled. */
  get rate(): number | undefined {
    return this.#rate;
  }

  /** Resolves when a call may go, in the order of the requests. */
  async acquire(): Promise<void> {
    if (this.#rate === undefined) return;
    const turn = this.#queue.then(() => this.#wait());
    this.#queue = turn;
    await turn;
  }

  /** Reads the rate when a call is next, so that each cut also delays the waiting calls. */
  async #wait(): Promise<void> {
    const now = this.#time.now();
    // A late timer does not slow the calls down; a pause does not allow a burst.
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
    // The success of calls that were not delayed does not show how many more would succeed.
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

/** A client of any service. */
type Limited = { readonly config: Pick<BedrockClient['config'], 'retryStrategy'> };
type Strategy = Awaited<ReturnType<BedrockClient['config']['retryStrategy']>>;
type StandardStrategy = Extract<Strategy, { readonly acquireInitialRetryToken: unknown }>;

const SYSTEM_TIME: Timer = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** The SDK's strategy decides on retries and backoff; the limiter decides when a call may go. */
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
 * Limits a client with standard retries to the rate that its service allows. The SDK's adaptive retries cut the rate for each
 * throttled call: a dozen throttled together leave almost nothing (docs/adr/0020-a-pace-of-our-own.md).
 */
export const limitRate = <Client extends Limited>(client: Client, time: Timer = SYSTEM_TIME): Client => {
  const strategyOf = client.config.retryStrategy;
  const limiter = new RateLimiter(time);
  client.config.retryStrategy = async () => {
    const strategy = await strategyOf();
    return 'acquireInitialRetryToken' in strategy ? withRateLimit(strategy, limiter) : strategy;
  };
  return client;
};
