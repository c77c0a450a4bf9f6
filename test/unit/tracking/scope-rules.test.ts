import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/domain/time.ts';
import { endedIn, scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';
import {
  claimed,
  heard,
  isDue,
  isSilent,
  released,
  type ScopeOutcome,
  type ScopeRecord,
  shardOf,
  swept,
  type Word,
} from '../../../lib/tracking/scope.ts';

const SCOPE = { accountId: '123456789012', region: 'us-east-1' };
const PERIODS = { active: 5 * MINUTE, idle: HOUR, empty: DAY, releaseAfter: DAY };
/** How far a clock may be off: minutes as a rule, an hour back at worst. */
const SKEWS = [0, 0, 0, 2 * MINUTE, -2 * MINUTE, 30 * MINUTE, -HOUR];
const LARGEST_SKEW = HOUR;
/** Lambda's longest run. */
const LONGEST_SWEEP = 15 * MINUTE;
/** A word is noted to within this time. */
const HEARD_EVERY = 10 * MINUTE;

type Step =
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'word'; readonly word: Exclude<Word, 'named'>; readonly skew: number }
  | { readonly does: 'begin'; readonly skew: number }
  | { readonly does: 'end'; readonly which: number; readonly found: Found; readonly twice: boolean }
  | { readonly does: 'crash'; readonly which: number }
  | { readonly does: 'name' };
type Found = Pick<ScopeOutcome, 'hasJobs' | 'unfinished' | 'isUnknown' | 'reached'> & { readonly running: number };

const skew = fc.constantFrom(...SKEWS);
const found: fc.Arbitrary<Found> = fc.record({
  hasJobs: fc.boolean(),
  unfinished: fc.constantFrom(false, false, true),
  isUnknown: fc.constantFrom(false, false, true),
  reached: fc.constantFrom(true, true, false),
  running: fc.constantFrom(0, 0, 3),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constant('wait' as const),
    ms: fc.constantFrom(0, 1, SECOND, MINUTE, 5 * MINUTE, HOUR, 12 * HOUR, DAY),
  }),
  fc.record({
    does: fc.constant('word' as const),
    word: fc.constantFrom('heartbeat' as const, 'event' as const),
    skew,
  }),
  { weight: 2, arbitrary: fc.record({ does: fc.constant('begin' as const), skew }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('end' as const), which: fc.nat(3), found, twice: fc.boolean() }),
  },
  fc.record({ does: fc.constant('crash' as const), which: fc.nat(3) }),
  fc.record({ does: fc.constant('name' as const) }),
);

interface Run {
  readonly begun: number;
  readonly at: string;
  /** The record that it releases; absent where it sweeps. */
  readonly releases?: ScopeRecord;
}

/** A scope with all that can be under way at once, as `sweepScope` and `hear` apply the rules, and what must hold. */
class Model {
  now = Date.UTC(2026, 0, 10);
  record: ScopeRecord | undefined;
  isNamed = false;
  #runs: Run[] = [];
  #lastWord = -Infinity;
  #namedUntil = -Infinity;
  /** The event after which no sweep has begun yet. */
  #wokenAt: number | undefined;

  take(one: Step): void {
    switch (one.does) {
      case 'wait':
        this.now += one.ms;
        this.#runs = this.#runs.filter(({ begun }) => this.now - begun <= LONGEST_SWEEP);
        break;
      case 'word':
        this.#lastWord = this.now;
        if (one.word === 'event') this.#wokenAt = this.now;
        this.#put(heard(this.record, { scope: SCOPE, word: one.word, now: this.#clock(one.skew) }));
        break;
      case 'begin':
        if (this.isNamed) this.#hearNamed(one.skew);
        this.#begin(this.#clock(one.skew));
        break;
      case 'end':
        this.#end(one);
        break;
      case 'crash':
        this.#runs.splice(one.which, 1);
        break;
      case 'name':
        if (this.isNamed) this.#namedUntil = this.now;
        this.isNamed = !this.isNamed;
        break;
      default:
        one satisfies never;
    }
  }

  #clock(skewMs: number): string {
    return new Date(this.now + skewMs).toISOString();
  }

  #hearNamed(skewMs: number): void {
    this.#put(heard(this.record, { scope: SCOPE, word: 'named', now: this.#clock(skewMs) }));
  }

  #begin(at: string): void {
    if (this.record === undefined || !isDue(this.record, at, PERIODS)) return;
    this.#put(claimed(this.record, at, PERIODS));
    this.#wokenAt = undefined;
    const releases = isSilent(this.record, this.isNamed, at, PERIODS) ? { releases: this.record } : {};
    this.#runs.push({ begun: this.now, at, ...releases });
  }

  #end({ which, found: { running, ...rest }, twice }: Extract<Step, { does: 'end' }>): void {
    const [run] = this.#runs.splice(which, 1);
    if (run === undefined || this.record === undefined) return;
    if (run.releases !== undefined) {
      if (run.releases.heard_at === this.record.heard_at) this.#release(run);
      return;
    }
    const { reached } = rest;
    const outcome: ScopeOutcome = {
      ...rest,
      ...(reached ? { active: { count: running } } : { error: 'denied' }),
      ...{ at: run.at, endedAt: this.#clock(0) },
    };
    // A write whose answer was lost is made again.
    for (let times = 0; times < (twice ? 2 : 1) && this.record.state !== 'released'; times += 1)
      this.#put(swept(this.record, outcome, this.isNamed, PERIODS));
  }

  #release({ begun }: Run): void {
    if (this.record === undefined) return;
    this.#put(released(this.record, this.#clock(0)));
    const silentFor = begun - this.#lastWord;
    const isJust = silentFor >= PERIODS.releaseAfter - HEARD_EVERY - 2 * LARGEST_SKEW;
    const wasNamed = this.#namedUntil >= begun || (this.isNamed && this.record.heard_at === undefined);
    if (!isJust && !wasNamed) throw new Error(`released though it was heard ${silentFor / MINUTE} minutes ago`);
  }

  #put(next: ScopeRecord): void {
    const before = this.record;
    if (next === before) return;
    this.record = next;
    const latest = Math.max(PERIODS.active, PERIODS.idle, PERIODS.empty) + LARGEST_SKEW;
    const due = Date.parse(next.due_at);
    const problems = [
      next.revision === (before?.revision ?? 0) + 1 ? '' : `revision ${next.revision} after ${before?.revision ?? 0}`,
      next.registered_at === (before?.registered_at ?? next.registered_at) ? '' : 'it was registered twice',
      shardOf(next).startsWith(`${next.state}#`) ? '' : `it is in ${shardOf(next)}`,
      (next.failures ?? 0) > 0 === (next.failing_since !== undefined) ? '' : 'failures and failing_since differ',
      next.state === 'released' || due <= this.now + latest ? '' : `due only in ${(due - this.now) / HOUR} hours`,
    ].filter((problem) => problem !== '');
    if (problems.length > 0) throw new Error(problems.join('; '));
  }

  /** An event that came during a sweep leads to another one, as soon as that of an active scope. */
  requireWake(): void {
    if (this.#wokenAt === undefined || this.record === undefined || this.record.state === 'released') return;
    expect(Date.parse(this.record.due_at)).toBeLessThanOrEqual(this.#wokenAt + PERIODS.active + LARGEST_SKEW);
  }
}

describe('what is known of a scope', () => {
  it('never loses when it is due, nor releases who was heard, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const model = new Model();
        for (const one of steps) {
          model.take(one);
          model.requireWake();
        }
      }),
      { numRuns: 3_000, seed: 20_261_128 },
    );
  });

  it('is swept again after an event that comes while a sweep of it is under way', () => {
    const now = '2026-01-10T00:00:00.000Z';
    const at = '2026-01-10T01:00:00.000Z';
    const first: ScopeRecord = {
      scope: '123456789012#us-east-1',
      state: 'idle',
      due_at: now,
      revision: 1,
      registered_at: now,
    };
    // Also if the sweep takes longer than the time after which an active scope is due.
    for (const eventAt of ['2026-01-10T01:00:00.000Z', '2026-01-10T01:00:02.000Z', '2026-01-10T01:07:00.000Z']) {
      const woken = heard(claimed(first, at, PERIODS), { scope: SCOPE, word: 'event', now: eventAt });
      const outcome = { hasJobs: true, unfinished: false, isUnknown: false, reached: true, active: { count: 0 } };
      const after = swept(woken, { ...outcome, at, endedAt: '2026-01-10T01:09:00.000Z' }, false, PERIODS);
      expect(after).toMatchObject({ state: 'idle' });
      expect(after.due_at <= '2026-01-10T01:07:00.000Z').toBe(true);
    }
  });
});

describe('a scope that seems empty, as its jobs could not all be listed', () => {
  const scope = scopeOf(1);
  const start = () => {
    const tracker = trackerOnFakes(endedIn(scope, 'a'));
    tracker.deps.periods = { ...tracker.deps.periods, idle: HOUR, empty: DAY };
    return tracker;
  };
  const dueIn = async ({ deps }: ReturnType<typeof start>): Promise<number> => {
    const { record } = await deps.scopes.read(scope);
    return Date.parse(record?.due_at ?? '') - deps.clock().getTime();
  };

  it('is due as soon as an active one while another run, which may be dead, holds the lease', async () => {
    const tracker = start();
    const now = tracker.deps.clock();
    const until = new Date(now.getTime() + 16 * MINUTE).toISOString();
    await tracker.deps.sweeps.acquire(scope, 'full', { now: now.toISOString(), until });
    await tracker.run('due', [scope]);
    expect(await dueIn(tracker)).toBe(5 * MINUTE);
  });

  it('is due as soon as an idle one if the pass over all jobs failed', async () => {
    const tracker = start();
    tracker.changeJobs({
      listScope: async function* () {
        yield await Promise.reject(new Error('The table is throttled.'));
      },
    });
    await tracker.run('due', [scope]);
    expect(await dueIn(tracker)).toBe(HOUR);
  });
});
