import { HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { type ScopeRecord, shardOf, type SweepPeriods } from '../../../lib/tracking/scope.ts';

/** The record of a scope as the table has it. */
export type StoredScope = ScopeRecord & { readonly state_shard: string };

/** Clocks of two functions may be off by so much together. */
const LARGEST_SKEW = 4 * MINUTE;
/** A word is noted to within this time. */
const HEARD_EVERY = 10 * MINUTE;
/** Until a scope that is due is swept: a tick and its slack, a message that is overtaken, and a visibility timeout. */
const STARVES_AFTER = 5 * MINUTE + 2.5 * MINUTE + 10 * MINUTE + 15 * MINUTE + LARGEST_SKEW;

interface Word {
  readonly at: number;
  readonly isEvent: boolean;
}

/** What the tracker was told of each scope, so far as it took the message as done. */
export class Words {
  readonly periods: SweepPeriods;
  /** Since when each scope is in its state. */
  readonly since = new Map<string, number>();
  readonly #last = new Map<string, number>();
  /** Since when a sweep is owed to a scope, as an event told of it. */
  readonly #owed = new Map<string, number>();

  constructor(periods: SweepPeriods) {
    this.periods = periods;
  }

  note(scope: string, { at, isEvent }: Word, now: number): void {
    this.#last.set(scope, Math.max(at, this.#last.get(scope) ?? 0));
    if (isEvent && !this.#owed.has(scope)) this.#owed.set(scope, now);
  }

  last(scope: string): number {
    return this.#last.get(scope) ?? -Infinity;
  }

  /** Scopes that wait for a sweep for too long: since they were due, or since an event that no sweep followed. */
  starving(records: readonly StoredScope[], asked: ReadonlyMap<string, readonly number[]>, now: number): string[] {
    for (const [scope, since] of this.#owed) if ((asked.get(scope)?.at(-1) ?? 0) >= since) this.#owed.delete(scope);
    const late = records
      .filter(({ state, due_at }) => state !== 'released' && now - Date.parse(due_at) > STARVES_AFTER)
      .map(({ scope, due_at }) => `${scope} is due since ${due_at}`);
    const ignored = [...this.#owed]
      .filter(([, since]) => now - since > STARVES_AFTER)
      .map(([scope, since]) => `${scope} was not swept after the event of ${new Date(since).toISOString()}`);
    return [...late, ...ignored];
  }
}

/** What a write of a scope's record breaks that must hold at any time, whatever goes wrong. */
export const scopeWriteProblems = (
  words: Words,
  before: StoredScope | undefined,
  after: StoredScope,
  { now, isNamed }: { readonly now: number; readonly isNamed: boolean },
): string[] => {
  const { periods } = words;
  const longest = Math.max(periods.active, periods.idle, periods.empty) + LARGEST_SKEW;
  const silentFor = now - words.last(after.scope);
  if (after.state !== before?.state) words.since.set(after.scope, now);
  const isReleased = after.state === 'released' && before?.state !== 'released';
  const rules: [boolean, string][] = [
    [after.revision === (before?.revision ?? 0) + 1, `revision ${after.revision} follows ${before?.revision ?? 0}`],
    [after.registered_at === (before?.registered_at ?? after.registered_at), 'it was registered twice'],
    [after.state_shard === shardOf(after), `it is ${after.state}, and in ${after.state_shard} of the index`],
    [after.state === 'released' || Date.parse(after.due_at) <= now + longest, `it is due only at ${after.due_at}`],
    [(after.failures ?? 0) > 0 === (after.failing_since !== undefined), 'failures and failing_since differ'],
    [(before?.heard_at ?? '') <= (after.heard_at ?? '9') || before?.state === 'released', 'heard_at goes back'],
    [!isReleased || !isNamed, 'it was released though it is named'],
    [
      !isReleased || silentFor >= periods.releaseAfter - HEARD_EVERY - LARGEST_SKEW,
      `it was released though it was heard ${(silentFor / HOUR).toFixed(1)} hours ago`,
    ],
  ];
  return rules.flatMap(([holds, problem]) => (holds ? [] : [problem]));
};
