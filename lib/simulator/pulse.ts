import type { JobStore } from './jobs.ts';
import type { Clock } from './clock.ts';

/** Keeps the store at the present: on demand before each look at it, and by a timer when a job's status is due to change. */
export class Pulse {
  readonly #store: JobStore;
  readonly #clock: Clock;
  #cancelTimer = (): void => undefined;
  #stopped = false;

  constructor(store: JobStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Brings the store up to the present, and answers what time that is. */
  settle(): number {
    const now = this.#clock.now();
    this.#store.settle(now);
    return now;
  }

  /** Sets the timer anew: to be called after each change. */
  wake(): void {
    this.#cancelTimer();
    if (this.#stopped) return;
    const next = this.#store.nextChangeAt();
    if (next === undefined) return;
    this.#cancelTimer = this.#clock.after(Math.max(0, next - this.#clock.now()), () => {
      this.settle();
      this.wake();
    });
  }

  /** For good: a slow call may still end after it. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }
}
