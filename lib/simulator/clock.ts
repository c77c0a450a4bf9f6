/** The time, and timers that go by it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Runs `task` once, `delayMs` from now; the answer cancels it. */
  readonly after: (delayMs: number, task: () => void) => () => void;
}

export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

// setTimeout fires at once where the delay exceeds 31 bits (24.8 days).
const LONGEST_DELAY = 2 ** 31 - 1;

/** The real time. A timer never keeps the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after: (delayMs, task) => {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      timer = setTimeout(
        () => {
          if (left > LONGEST_DELAY) arm(left - LONGEST_DELAY);
          else task();
        },
        Math.min(Math.max(left, 0), LONGEST_DELAY),
      ).unref();
    };
    arm(delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

interface Timer {
  readonly at: number;
  readonly task: () => void;
  cancelled: boolean;
}

/** Lets everything go on that waits for nothing but promises. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * A clock that stands still until it is moved, and then jumps from one timer to the next: hours of waiting cost nothing.
 * Timers of one moment run in the order in which they were set, and what a timer wakes runs until it waits again before
 * the next one does, so that the same history takes the same course each time.
 */
export class VirtualClock implements Clock {
  #now: number;
  /** The next one last. */
  readonly #timers: Timer[] = [];

  constructor(start = Date.UTC(2026, 7, 10)) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  readonly after = (delayMs: number, task: () => void): (() => void) => {
    const timer: Timer = { at: this.#now + Math.max(0, delayMs), task, cancelled: false };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return () => (timer.cancelled = true);
  };

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.filter(({ cancelled }) => !cancelled).length;
  }

  /** Moves the clock, running each timer at its own time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#timers.at(-1);
      if (next === undefined || next.at > end) break;
      this.#timers.pop();
      if (next.cancelled) continue;
      this.#now = next.at;
      next.task();
      await settle();
    }
    this.#now = end;
  }

  #placeOf({ at }: Timer): number {
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
