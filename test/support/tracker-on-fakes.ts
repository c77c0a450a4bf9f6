import type { SweepKind } from '../../lib/contract.ts';
import type { BedrockAnswer } from '../../lib/domain/normalize.ts';
import { formatScope, parseScope, type Scope } from '../../lib/domain/identity.ts';
import { DAY, MINUTE } from '../../lib/domain/time.ts';
import { together } from '../../lib/tracking/reconcile-report.ts';
import { startSweeps } from '../../lib/tracking/start-sweeps.ts';
import { type ScopeReport, sweepScope } from '../../lib/tracking/sweep-scope.ts';
import type { SweepDependencies } from '../../lib/tracking/run-sweep.ts';
import { arnOf, fakeBedrock, runningJob } from './fake-bedrock.ts';
import { memoryJobStore, memorySweepStore } from './memory-stores.ts';

/** A scope of an account of its own. */
export const scopeOf = (number: number): Scope => ({
  accountId: String(number).padStart(12, '0'),
  region: 'us-east-1',
});

/** A running job of a scope, and one that has ended. */
export const runningIn = (scope: Scope, id: string, minute = 0): BedrockAnswer => ({
  ...runningJob(id, minute),
  jobArn: arnOf(id, scope),
});
export const endedIn = (scope: Scope, id: string, minute = 0): BedrockAnswer => ({
  ...runningIn(scope, id, minute),
  status: 'Completed',
  lastModifiedTime: new Date(0),
  endTime: new Date(Date.UTC(2026, 0, 1, 0, minute, 30)),
});

/** As the default of a tracker of one scope, but that no pass over all jobs is due a second time by itself. */
export const PERIODS = {
  active: 5 * MINUTE,
  idle: 5 * MINUTE,
  empty: 5 * MINUTE,
  releaseAfter: DAY,
  full: Infinity,
  models: Infinity,
  usage: Infinity,
};

/** Sweeps the scopes as the function does that has no queue. */
export const sweepAll = async (
  deps: SweepDependencies,
  sweep: SweepKind | 'due',
  deadline: Date,
): Promise<ScopeReport> => {
  const sweeping: Promise<ScopeReport | undefined>[] = [];
  await startSweeps(deps, { sweep }, (messages) => {
    for (const { scope, ...asked } of messages)
      sweeping.push(sweepScope(deps, { scope: parseScope(scope) as Scope, ...asked }, deadline));
    return Promise.resolve();
  });
  return together((await Promise.all(sweeping)).filter((report) => report !== undefined));
};

/** A tracker of many scopes on fakes whose clock the test moves. */
export const trackerOnFakes = (...answers: readonly BedrockAnswer[]) => {
  const bedrock = fakeBedrock(...answers);
  const jobs = memoryJobStore();
  const sweeps = memorySweepStore();
  let now = Date.parse('2026-01-02T00:00:00.000Z');
  const deps: { -readonly [Name in keyof SweepDependencies]: SweepDependencies[Name] } = {
    bedrockOf: bedrock.bedrockOf,
    jobs,
    sweeps,
    scopes: sweeps.scopes,
    named: [],
    periods: PERIODS,
    tagRefreshDays: 30,
    clock: () => new Date(now),
  };
  const advanceClock = (ms: number) => (now += ms);
  return {
    bedrock,
    jobs,
    sweeps,
    deps,
    advanceClock,
    /** Replaces methods of the jobs table. */
    changeJobs: (change: Partial<SweepDependencies['jobs']>) => (deps.jobs = { ...jobs, ...change }),
    /** Replaces methods of the sweeps table. */
    changeSweeps: (change: Partial<SweepDependencies['sweeps']>) => (deps.sweeps = { ...sweeps, ...change }),
    /** From now on each GetModelCustomizationJob takes this time. */
    slowGets: (ms: number) => {
      deps.bedrockOf = (scope) => {
        const real = bedrock.bedrockOf(scope);
        return {
          ...real,
          getJob: (identifier) => {
            advanceClock(ms);
            return real.getJob(identifier);
          },
        };
      };
    },
    /** The calls of GetModelCustomizationJob in the last run. */
    gets: () => bedrock.calls.filter((call) => call.startsWith('Get')),
    run: (sweep: SweepKind | 'due', scopes: readonly Scope[], seconds = 600) => {
      bedrock.calls.length = 0;
      now += MINUTE;
      return sweepAll({ ...deps, named: scopes }, sweep, new Date(now + seconds * 1000));
    },
    recordsOf: (scope: Scope) => [...jobs.records.values()].filter((record) => record.scope === formatScope(scope)),
    fullStateOf: (scope: Scope) => sweeps.states.get(`${formatScope(scope)}/full`),
  };
};
