import fc from 'fast-check';
import { RATED_FAULTS, type Rates } from './faults.ts';
import type { LifePlan } from './world/bedrock.ts';
import type { ReconcileRequest } from '../../lib/contract.ts';
import { HOUR, MINUTE, SECOND } from '../../lib/domain/time.ts';

/** The sweeps that a history runs: a tick, or one kind by hand. */
export type Swept = Exclude<ReconcileRequest['sweep'], 'usage'>;

/** One thing that happens. Jobs are chosen among those there are by a number. */
export type Step =
  | { readonly does: 'create'; readonly scope: number; readonly plan: LifePlan }
  | { readonly does: 'stop' | 'vanish'; readonly job: number }
  | { readonly does: 'tag'; readonly job: number; readonly value: string }
  | { readonly does: 'wait'; readonly ms: number }
  | {
      readonly does: 'sweep';
      readonly kind: Swept;
      readonly timeoutMs: number;
      readonly killAt?: number | undefined;
    }
  | { readonly does: 'import'; readonly scope: number; readonly name: number }
  | { readonly does: 'serve'; readonly model: number; readonly name: number; readonly units: number }
  | { readonly does: 'move'; readonly serving: number; readonly model: number }
  | { readonly does: 'withdraw'; readonly serving: number }
  | { readonly does: 'delete'; readonly model: number }
  | { readonly does: 'unreadable' | 'deploy' | 'take out' | 'take in' };

/** What happens to an account and its tracker, and what goes wrong on the way. */
export interface History {
  readonly seed: number;
  readonly rates: Rates;
  readonly tagRefreshDays: number;
  /** Jobs that there were before the tracker: how long before, in ms. */
  readonly before: readonly { readonly scope: number; readonly plan: LifePlan; readonly agoMs: number }[];
  readonly steps: readonly Step[];
  /** Whether sweeps go by the queue of a hub. */
  readonly isHub: boolean;
  /** Whether the queue is empty before the last sweeps, or only after them. */
  readonly drainsFirst: boolean;
}

const scope = fc.constantFrom(0, 0, 0, 1);
const job = fc.nat(11);
export const plan: fc.Arbitrary<LifePlan> = fc.record({
  validates: fc.integer({ min: 1, max: 20 }),
  trains: fc.integer({ min: 1, max: 200 }),
  stopping: fc.integer({ min: 1, max: 10 }),
  ends: fc.constantFrom('Completed', 'Failed'),
  beat: fc.integer({ min: 1, max: 10 }),
});
const waiting = fc.constantFrom(SECOND, 20 * SECOND, MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 30 * HOUR);
const sweeping = fc.record({
  does: fc.constant('sweep' as const),
  kind: fc.constantFrom<Swept>('due', 'due', 'active', 'full', 'models'),
  timeoutMs: fc.constantFrom(15 * MINUTE, 15 * MINUTE, MINUTE, 8 * SECOND, 4 * SECOND, 2_500),
  killAt: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined, freq: 2 }),
});

const few = fc.nat(3);
/** What happens to models: `units` 0 makes a deployment on demand. Names are few, so that they come back. */
const ofModels: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant('import' as const), scope, name: few }) },
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant('serve' as const), model: few, name: few, units: fc.nat(2) }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('move' as const), serving: few, model: few }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('withdraw' as const), serving: few }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('delete' as const), model: few }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: ofModels },
  { weight: 12, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: waiting }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('create' as const), scope, plan }) },
  { weight: 8, arbitrary: sweeping },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('tag' as const), job, value: fc.constantFrom('', 'a', 'b') }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('stop' as const), job }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('vanish' as const), job }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom('unreadable', 'deploy', 'take out', 'take in') }),
  },
);

/** Up to ten kinds of faults, each seldom, often or as often as it can be. */
const rates: fc.Arbitrary<Rates> = fc
  .uniqueArray(fc.record({ fault: fc.constantFrom(...RATED_FAULTS), rate: fc.constantFrom(0.2, 0.5, 1) }), {
    selector: ({ fault }) => fault,
    maxLength: 14,
    size: 'max',
  })
  .map((chosen) => Object.fromEntries(chosen.map(({ fault, rate }) => [fault, rate])));

export const history: fc.Arbitrary<History> = fc.record({
  seed: fc.nat(1_000_000),
  rates,
  tagRefreshDays: fc.constantFrom(30, 30, 1, 0),
  before: fc.array(fc.record({ scope, plan, agoMs: fc.constantFrom(HOUR, 2 * HOUR, 9 * HOUR, 72 * HOUR) }), {
    maxLength: 7,
    size: 'max',
  }),
  steps: fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }),
  isHub: fc.boolean(),
  drainsFirst: fc.boolean(),
});

/** A world in which sweeps have all to do: jobs of all ages, and no event ever comes. */
const FIXED: Omit<History, 'steps'> = {
  seed: 1,
  rates: { 'an event is lost': 1 },
  tagRefreshDays: 30,
  before: [1, 1, 9, 72, 72].map((hours, number) => ({
    scope: 0,
    agoMs: hours * HOUR,
    plan: { validates: 2, trains: 30, stopping: 3, ends: number % 2 === 0 ? 'Completed' : 'Failed', beat: 5 },
  })),
  isHub: false,
  drainsFirst: false,
};
const RUNS: LifePlan = { validates: 5, trains: 100, stopping: 3, ends: 'Completed', beat: 5 };

/** A sweep killed at a step: jobs that nobody tracked, that moved on since, that got a tag, that were stopped. */
export const killedAt = (kind: Swept, killAt: number): History => ({
  ...FIXED,
  steps: [
    { does: 'create', scope: 0, plan: RUNS },
    { does: 'create', scope: 0, plan: { ...RUNS, trains: 10, ends: 'Failed' } },
    { does: 'import', scope: 0, name: 0 },
    { does: 'import', scope: 0, name: 1 },
    { does: 'wait', ms: HOUR },
    { does: 'serve', model: 0, name: 0, units: 2 },
    { does: 'serve', model: 1, name: 1, units: 0 },
    { does: 'sweep', kind: 'active', timeoutMs: 15 * MINUTE },
    { does: 'wait', ms: HOUR },
    { does: 'withdraw', serving: 0 },
    { does: 'delete', model: 2 },
    { does: 'serve', model: 0, name: 2, units: 1 },
    { does: 'create', scope: 0, plan: RUNS },
    { does: 'tag', job: 0, value: 'a' },
    { does: 'stop', job: 5 },
    { does: 'sweep', kind, timeoutMs: 15 * MINUTE, killAt },
    { does: 'wait', ms: MINUTE },
    // What comes after the place where it stopped, and is over before anybody looks again.
    { does: 'create', scope: 0, plan: { ...RUNS, validates: 1, trains: 5 } },
    { does: 'tag', job: 7, value: 'b' },
    { does: 'wait', ms: HOUR },
  ],
});

/** A deployment while a function of the version before is still at a job that the first sweep of the new one refreshes. */
export const overtaken = (seed: number): History => ({
  ...FIXED,
  seed,
  rates: { 'a function is slow': 1 },
  steps: [
    { does: 'sweep', kind: 'full', timeoutMs: 15 * MINUTE },
    { does: 'wait', ms: HOUR },
    { does: 'tag', job: 0, value: 'a' },
    { does: 'tag', job: 4, value: 'a' },
    { does: 'wait', ms: 5 * SECOND },
    { does: 'deploy' },
    { does: 'sweep', kind: 'full', timeoutMs: 15 * MINUTE },
    { does: 'wait', ms: HOUR },
  ],
});
