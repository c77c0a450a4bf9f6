import type { Faults } from './faults.ts';
import type { JobStore } from './jobs.ts';
import type { PlanOptions } from './plan.ts';
import type { Random } from './random.ts';
import type { Caller } from './scope.ts';

/** What one call has to work with. */
export interface CallContext {
  readonly caller: Caller;
  readonly now: number;
  readonly store: JobStore;
  readonly random: Random;
  readonly plans: PlanOptions;
  readonly faults: Faults;
  readonly maxActiveJobs?: number;
}

/** A call's parameters as they came, before anything is checked. */
export interface RawCall {
  readonly identifier: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}
