import type { Scope } from '../domain/scope.ts';
import type { Clock, SweepStore } from './ports.ts';
import type { SweepState } from './sweep-state.ts';

/** A lease outlasts its run by what the last job in flight may take. */
const LEASE_MARGIN_MS = 60 * 1000;

/** What goes on while the lease is held: the state as it was, and how to save progress. */
export interface Held {
  readonly before: SweepState;
  readonly save: (state: SweepState) => Promise<void>;
}

export interface Ended<Result> {
  readonly result: Result;
  readonly state: SweepState;
}

/**
 * Works on all jobs of a scope while no other run does: a full sweep, or the release of the scope. The state that the
 * work ends with is saved as the lease is given back; a run that fails leaves the state that it saved last, and one that
 * is killed blocks nobody for longer than it could have lived. Undefined where another run is at it.
 */
export const withLease = async <Result>(
  { sweeps, clock }: { readonly sweeps: SweepStore; readonly clock: Clock },
  { scope, deadline }: { readonly scope: Scope; readonly deadline: Date },
  work: (held: Held) => Promise<Ended<Result>>,
): Promise<Result | undefined> => {
  const until = new Date(deadline.getTime() + LEASE_MARGIN_MS).toISOString();
  const acquired = await sweeps.acquire(scope, 'full', { now: clock().toISOString(), until });
  if (acquired === undefined) return undefined;
  const { lease_until: _, ...before } = acquired;
  let saved: SweepState = before;
  const save = async (state: SweepState): Promise<void> => {
    saved = state;
    await sweeps.save(scope, 'full', { ...state, lease_until: until });
  };
  try {
    const { result, state } = await work({ before, save });
    await sweeps.save(scope, 'full', state);
    return result;
  } catch (error) {
    // The first error counts. A lease that cannot be given back now runs out by itself.
    await sweeps.save(scope, 'full', saved).catch(() => undefined);
    throw error;
  }
};
