import fc from 'fast-check';
import type { Scope } from '../../lib/domain/identity.ts';
import { HOUR, MINUTE } from '../../lib/domain/time.ts';
import { RATED_FAULTS, type RatedFault, type Rates } from './faults.ts';
import { plan, type History } from './history.ts';
import type { LifePlan } from './world/bedrock.ts';

/** A hub's own scope, one that its configuration names, and those of spokes: two Regions of three accounts. */
export const ORGANIZATION: readonly Scope[] = ['123456789012', '210987654321', '345678901234'].flatMap((accountId) =>
  ['us-east-1', 'eu-west-1'].map((region) => ({ accountId, region })),
);
export const [HOME, NAMED] = ORGANIZATION as [Scope, Scope];

/** One thing that happens in an organization. */
export type OrganizationStep =
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'create'; readonly scope: number; readonly plan: LifePlan }
  | { readonly does: 'import' | 'come' | 'go' | 'close'; readonly scope: number }
  | { readonly does: 'deny' | 'hang' | 'lose heartbeats'; readonly scope: number; readonly ms: number }
  | { readonly does: 'tick' | 'name' | 'unname' }
  | { readonly does: 'sweep'; readonly kind: 'active' | 'full' | 'models' };

export interface OrganizationHistory extends Pick<History, 'seed' | 'rates' | 'before'> {
  /** Which scopes have a spoke at first. */
  readonly spokes: readonly boolean[];
  readonly steps: readonly OrganizationStep[];
}

/** What may go wrong without keeping any tick from its end: with these no scope may starve. */
export const HARMLESS: readonly RatedFault[] = [
  'an event is lost',
  'an event comes twice',
  'an event is overtaken',
  'an event is late by hours',
  'a message is handed over again after it was deleted',
  'a sweep message comes twice',
  'a sweep message is overtaken',
  'an index lags',
  'a clock is wrong',
];
const ratesOf = (faults: readonly RatedFault[], maxLength: number): fc.Arbitrary<Rates> =>
  fc
    .uniqueArray(fc.record({ fault: fc.constantFrom(...faults), rate: fc.constantFrom(0.2, 0.5, 1) }), {
      selector: ({ fault }) => fault,
      maxLength,
      size: 'max',
    })
    .map((chosen) => Object.fromEntries(chosen.map(({ fault, rate }) => [fault, rate])));

const scope = fc.nat(ORGANIZATION.length - 1);
const hours = fc.constantFrom(HOUR, 4 * HOUR, 20 * HOUR, 30 * HOUR);
const step: fc.Arbitrary<OrganizationStep> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.constantFrom(MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, 27 * HOUR),
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('create' as const), scope, plan }) },
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constantFrom('import' as const, 'come', 'come', 'go', 'close'), scope }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constantFrom('deny' as const, 'hang', 'lose heartbeats'), scope, ms: hours }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('tick' as const, 'tick', 'name', 'unname') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('sweep' as const),
      kind: fc.constantFrom('active' as const, 'full', 'models'),
    }),
  },
);

export const organizationHistory: fc.Arbitrary<OrganizationHistory> = fc.record({
  seed: fc.nat(1_000_000),
  rates: fc.oneof({ weight: 2, arbitrary: ratesOf(HARMLESS, 6) }, { weight: 1, arbitrary: ratesOf(RATED_FAULTS, 8) }),
  spokes: fc.array(fc.boolean(), { minLength: ORGANIZATION.length, maxLength: ORGANIZATION.length }),
  before: fc.array(fc.record({ scope, plan, agoMs: fc.constantFrom(HOUR, 9 * HOUR, 72 * HOUR) }), { maxLength: 5 }),
  steps: fc.array(step, { minLength: 1, maxLength: 16, size: 'max' }),
});
