import { type ReconcileRequest, SCOPE_STATES, type SweepMessage } from '../contract.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import { hear, type ScopeDependencies } from './hear.ts';
import type { ListedScope } from './ports.ts';
import { dueBefore, isDue, isLate } from './scope.ts';

/** Messages that are sent together: SQS takes ten. */
const BATCH = 10;
const TRACKED = SCOPE_STATES.filter((state) => state !== 'released');

export interface StartDependencies extends ScopeDependencies {
  /** The scopes that the configuration names: they are tracked whether a spoke tells of them or not. */
  readonly named: readonly Scope[];
}

/** The scopes to sweep: those that are named, which may be new, and those that registered themselves. */
async function* scopesOf({ named, ...deps }: StartDependencies, onlyDue: boolean): AsyncGenerator<string> {
  const now = deps.clock().toISOString();
  for (const scope of named) {
    const record = await hear(deps, scope, 'named');
    if (!onlyDue || (record !== undefined && isDue(record, now, deps.periods))) yield formatScope(scope);
  }
  const isNamed = new Set(named.map(formatScope));
  for await (const { scope } of deps.scopes.list(TRACKED, onlyDue ? dueBefore(now, deps.periods) : undefined)) {
    if (!isNamed.has(scope)) yield scope;
  }
}

/**
 * Sends a message for each scope to sweep, ten at a time, and answers how many. Costs a Query of each shard that holds what
 * is due, and a read for each named scope. Two that overlap send messages twice, of which one is done.
 */
export const startSweeps = async (
  deps: StartDependencies,
  { sweep, scope }: ReconcileRequest,
  send: (messages: readonly SweepMessage[]) => Promise<void>,
): Promise<number> => {
  const messageOf = (name: string): SweepMessage => ({ scope: name, ...(sweep === 'due' ? {} : { sweep }) });
  if (scope !== undefined) {
    await send([messageOf(scope)]);
    return 1;
  }
  let sent = 0;
  let batch: SweepMessage[] = [];
  for await (const name of scopesOf(deps, sweep === 'due')) {
    batch.push(messageOf(name));
    if (batch.length < BATCH) continue;
    await send(batch);
    sent += batch.length;
    batch = [];
  }
  if (batch.length > 0) await send(batch);
  return sent + batch.length;
};

/** Named one by one in metrics: each costs as much as three alarms while it fails. */
const MAX_NAMED = 50;

/** What all tracked scopes have together. */
export interface Tally {
  readonly scopes: number;
  /** Those whose last sweep tracked everything and is not late. */
  readonly covered: number;
  readonly activeJobs: number;
  /** ISO-8601 UTC; absent where no job is active. */
  readonly oldestActiveAt?: string;
  readonly failing: number;
  /** The first of them. */
  readonly failingScopes: readonly string[];
}

/** Adds up the tracked scopes: a Query of each shard, held one page at a time. */
export const tallyScopes = async ({ scopes, clock, periods }: ScopeDependencies): Promise<Tally> => {
  const now = clock().toISOString();
  const failing: string[] = [];
  let tally = { scopes: 0, covered: 0, activeJobs: 0, failing: 0, oldestActiveAt: '' };
  const add = (listed: ListedScope): void => {
    const { scope, error, failing_since, active_jobs = 0, oldest_active_at = '' } = listed;
    if (failing_since !== undefined && failing.length < MAX_NAMED) failing.push(scope);
    const oldest = [tally.oldestActiveAt, oldest_active_at].filter((time) => time !== '').sort()[0] ?? '';
    tally = {
      scopes: tally.scopes + 1,
      covered: tally.covered + (error === undefined && !isLate(listed, now, periods) ? 1 : 0),
      activeJobs: tally.activeJobs + active_jobs,
      failing: tally.failing + (failing_since === undefined ? 0 : 1),
      oldestActiveAt: oldest,
    };
  };
  for await (const one of scopes.list(TRACKED)) add(one);
  const { oldestActiveAt, ...rest } = tally;
  return { ...rest, failingScopes: failing, ...(oldestActiveAt === '' ? {} : { oldestActiveAt }) };
};
