import { TrackerError } from '../domain/errors.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import type { Clock, ScopeStore } from './ports.ts';
import { heard, type ScopePeriods, type ScopeRecord, type Word } from './scope.ts';

export interface ScopeDependencies {
  readonly scopes: ScopeStore;
  readonly clock: Clock;
  readonly periods: ScopePeriods;
}

const MAX_ATTEMPTS = 10;

/**
 * Changes the record of a scope by compare-and-swap. Undefined or the same record: nothing is to change. One read unless
 * the record is known, and a write if something is new.
 */
export const changeScope = async (
  scopes: ScopeStore,
  scope: Scope,
  change: (previous: ScopeRecord | undefined) => ScopeRecord | undefined,
  known?: ScopeRecord,
): Promise<ScopeRecord | undefined> => {
  let previous = known ?? (await scopes.read(scope)).record;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const next = change(previous);
    if (next === undefined || next === previous) return next;
    if ((await scopes.put(next)) === 'written') return next;
    previous = (await scopes.read(scope)).record;
  }
  throw new TrackerError(
    'WRITE_CONTENTION',
    `Other writers changed the record of scope ${formatScope(scope)} ${MAX_ATTEMPTS} times in a row. The next delivery or sweep tries again.`,
  );
};

/** Registers a scope, or notes that something told of it. Returns its record. */
export const hear = (
  { scopes, clock }: Pick<ScopeDependencies, 'scopes' | 'clock'>,
  scope: Scope,
  word: Word,
): Promise<ScopeRecord | undefined> => {
  const now = clock().toISOString();
  return changeScope(scopes, scope, (previous) => heard(previous, { scope, word, now }));
};
