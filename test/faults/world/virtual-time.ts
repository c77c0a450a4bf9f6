interface Timer {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

/** Lets everything go on that waits for nothing but promises. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * A clock that jumps from one timer to the next: hours of waiting cost nothing. Timers of one moment run in the order in
 * which they were set, and what a timer wakes runs until it waits again before the next one does, so that a history
 * takes the same course each time.
 */
export class VirtualTime {
  #now: number;
  #order = 0;
  readonly #timers: Timer[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#now;
  }

  /** Runs a task so many milliseconds from now; gives what takes it back. */
  after(ms: number, task: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: (this.#order += 1), task, cancelled: false };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return () => (timer.cancelled = true);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
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

  /** Where a timer belongs among the others, which stand with the next one last. */
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
