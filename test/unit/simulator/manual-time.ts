import type { Scheduler } from '../../../lib/simulator/scheduler.ts';

/** A clock that stands still until it is moved, with the timers that go by it. */
export class ManualTime {
  #now: number;
  #timers: { readonly at: number; readonly task: () => void }[] = [];

  constructor(start = Date.UTC(2026, 7, 10)) {
    this.#now = start;
  }

  readonly clock = (): number => this.#now;

  readonly scheduler: Scheduler = {
    after: (delayMs, task) => {
      const timer = { at: this.#now + delayMs, task };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      };
    },
  };

  get pending(): number {
    return this.#timers.length;
  }

  /** Moves the clock, running each timer at its own time, and lets listeners hear of it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((left, right) => left.at - right.at);
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
      await Promise.resolve();
    }
    this.#now = end;
    await Promise.resolve();
  }
}
