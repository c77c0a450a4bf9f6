/** The way of an event to its listeners, with everything that EventBridge does not promise. */
import type { SimulatedEvent } from './events.ts';
import type { EventFaults } from './faults.ts';
import type { Random } from './random.ts';
import type { Clock } from './clock.ts';

export type EventListener = (event: SimulatedEvent) => void;

/** An event that waits for a next one does not wait for ever. */
const LONGEST_HOLD_MS = 1000;

export class Delivery {
  readonly #listeners = new Set<EventListener>();
  readonly #timers = new Set<() => void>();
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #faults: () => EventFaults;
  #held: SimulatedEvent[] = [];
  #closed = false;

  constructor(random: Random, clock: Clock, faults: () => EventFaults) {
    this.#random = random;
    this.#clock = clock;
    this.#faults = faults;
  }

  /** The answer unsubscribes. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  send(event: SimulatedEvent): void {
    const faults = this.#faults();
    if (!faults.enabled || this.#random.chance(faults.dropProbability)) return;
    const copies = this.#random.chance(faults.duplicateProbability) ? [event, event] : [event];
    if (this.#held.length === 0 && this.#random.chance(faults.reorderProbability)) {
      this.#held = copies;
      this.#later(LONGEST_HOLD_MS, () => {
        if (this.#held === copies) this.#release([]);
      });
      return;
    }
    this.#release(copies);
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#listeners.clear();
  }

  /** Hands out these events, and behind them the one that was held back. */
  #release(events: readonly SimulatedEvent[]): void {
    const all = [...events, ...this.#held];
    this.#held = [];
    const { delayMs } = this.#faults();
    for (const event of all) {
      const hand = (): void => {
        this.#hand(event);
      };
      // A listener that throws must not become an API error: it never runs inside a call.
      if (delayMs > 0) this.#later(delayMs, hand);
      else queueMicrotask(hand);
    }
  }

  #hand(event: SimulatedEvent): void {
    if (this.#closed) return;
    for (const listener of this.#listeners) listener(event);
  }

  #later(delayMs: number, task: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      task();
    });
    this.#timers.add(cancel);
  }
}
