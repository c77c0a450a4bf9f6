import { isDeepStrictEqual } from 'node:util';
import { NO_COUNTS, type SweepCounts } from '../../../lib/tracking/sweep-state.ts';
import type { SweepKind } from '../../../lib/contract.ts';
import type { Bedrock } from '../../support/bedrock.ts';
import { ACTIVE_JOBS } from '../../support/history.ts';
import { sweptStores } from '../../support/stores.ts';
import { createSweeper } from '../../support/sweeper.ts';
import { callsOf, type Calls } from './counted.ts';

export interface Scenario {
  readonly name: string;
  readonly sweep: SweepKind;
  /** How many of so many jobs ended since the last sweep, unheard. */
  readonly changed: (jobs: number) => number;
  readonly tagRefreshDays: number;
}

const none = (): number => 0;

export const IDLE: Scenario = { name: 'active sweep, idle', sweep: 'active', changed: none, tagRefreshDays: 30 };
export const CHANGED: Scenario = {
  name: 'active sweep, 1% changed',
  sweep: 'active',
  changed: (jobs) => Math.ceil(jobs / 100),
  tagRefreshDays: 30,
};
export const FULL: Scenario = { name: 'full sweep, no drift', sweep: 'full', changed: none, tagRefreshDays: 30 };
export const FULL_WITH_TRAIL: Scenario = {
  name: 'full sweep, no drift, tags left to CloudTrail',
  sweep: 'full',
  changed: none,
  tagRefreshDays: 0,
};

export interface Swept {
  readonly calls: Calls;
  readonly seconds: number;
}

/** What a sweep of so many jobs calls, and how long it takes. Throws where it did not do what the scenario says. */
export const sweepOnce = async (
  bedrock: Bedrock,
  until: number,
  jobs: number,
  { name, sweep, changed, tagRefreshDays }: Scenario,
): Promise<Swept> => {
  const stores = await sweptStores(jobs, { until, active: ACTIVE_JOBS + changed(jobs) });
  const run = createSweeper({ bedrockUrl: bedrock.url, ...stores, tagRefreshDays });
  await bedrock.counts();
  const started = performance.now();
  const [answer] = await run(sweep);
  const seconds = (performance.now() - started) / 1_000;
  const listed = sweep === 'active' ? ACTIVE_JOBS : jobs;
  const expected: SweepCounts = { ...NO_COUNTS, listed, drifted: changed(jobs), corrected: changed(jobs) };
  if (answer?.finished !== true || !isDeepStrictEqual(answer.counts, expected)) {
    throw new Error(`${name} of ${jobs} jobs did ${JSON.stringify(answer)}`);
  }
  return { calls: callsOf(await bedrock.counts()), seconds };
};
