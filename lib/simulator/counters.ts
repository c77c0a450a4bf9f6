import { OPERATION_NAMES, type OperationName } from './faults.ts';

/** API calls by operation since the start or the last reset. */
export interface Counts {
  /** Every call that arrived, the throttled ones included. */
  readonly received: Readonly<Record<OperationName, number>>;
  /** Those that answered ThrottlingException. */
  readonly throttled: Readonly<Record<OperationName, number>>;
}

const zeros = (): Record<OperationName, number> => {
  const counts: Partial<Record<OperationName, number>> = {};
  for (const name of OPERATION_NAMES) counts[name] = 0;
  return counts as Record<OperationName, number>;
};

export class Counters {
  #received = zeros();
  #throttled = zeros();

  countReceived(operation: OperationName): void {
    this.#received[operation] += 1;
  }

  countThrottled(operation: OperationName): void {
    this.#throttled[operation] += 1;
  }

  read(): Counts {
    return { received: { ...this.#received }, throttled: { ...this.#throttled } };
  }

  reset(): void {
    this.#received = zeros();
    this.#throttled = zeros();
  }
}
