import { describe, expect, it } from '@jest/globals';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import { incompleteError } from '../../../lib/tracking/reconcile-report.ts';
import type { BedrockJobs } from '../../../lib/tracking/ports.ts';
import { endedIn, runningIn, scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';

const scopes = Array.from({ length: 20 }, (_, number) => scopeOf(number));
const at = (number: number): Scope => scopes[number] ?? scopeOf(number);
const sweptBy = (reports: readonly { scope: Scope; sweep: string }[], sweep: string) =>
  reports.filter((report) => report.sweep === sweep).map(({ scope }) => formatScope(scope));
const sorted = (some: readonly Scope[]) => some.map(formatScope).sort();

const refusing = (error: Error): BedrockJobs => ({
  getJob: () => Promise.reject(error),
  listTags: () => Promise.reject(error),
  listJobs: async function* () {
    yield await Promise.reject(error);
  },
});

/** Bedrock that answers nothing until it is let go, and then that it took too long. */
const hanging = () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timeout = new Error('took too long');
  const bedrock: BedrockJobs = {
    ...refusing(timeout),
    listJobs: async function* () {
      await promise;
      yield await Promise.reject(timeout);
    },
  };
  return { bedrock, letGo: () => resolve(undefined) };
};

describe('a run over twenty scopes', () => {
  it('sweeps all but those that are denied, throttled, not tracked or hang, and names these', async () => {
    const tracker = trackerOnFakes(...scopes.map((scope, number) => runningIn(scope, `a${number}`)));
    const { bedrock, deps, run, recordsOf } = tracker;
    const { bedrock: hung, letGo } = hanging();
    const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    const ill = new Map<string, BedrockJobs>([
      [formatScope(at(0)), hung],
      [formatScope(at(3)), refusing(new TrackerError('ACCESS_DENIED', 'Not allowed to assume the role'))],
      [formatScope(at(7)), refusing(throttled)],
      [formatScope(at(19)), hung],
    ]);
    deps.bedrockOf = (scope) => {
      if (formatScope(scope) === formatScope(at(11))) throw new TrackerError('SCOPE_NOT_TRACKED', 'no such scope');
      return ill.get(formatScope(scope)) ?? bedrock.bedrockOf(scope);
    };
    const running = run('active', scopes);
    // The others do not wait for those that hang.
    for (let turns = 0; tracker.jobs.records.size < 15 && turns < 10_000; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(tracker.jobs.records.size).toBe(15);
    letGo();
    const report = await running;
    const failed = [0, 3, 7, 11, 19].map(at);
    const well = scopes.filter((scope) => !failed.includes(scope));
    expect(sorted(report.errors.map(({ scope }) => scope))).toEqual(sorted(failed));
    for (const sweep of ['active', 'full']) expect(sweptBy(report.reports, sweep).sort()).toEqual(sorted(well));
    expect(scopes.filter((scope) => recordsOf(scope).length === 1)).toEqual(well);
    expect(incompleteError(report)?.message).toMatch(
      /^5 scopes and 0 jobs .*scope 000000000003#us-east-1: Not allowed/,
    );

    ill.clear();
    deps.bedrockOf = bedrock.bedrockOf;
    const next = await run('active', scopes);
    expect(next.errors).toEqual([]);
    // The backfill of a scope begins by itself once it can be reached; the others' are done.
    expect(sweptBy(next.reports, 'full').sort()).toEqual(sorted(failed));
    expect(scopes.every((scope) => recordsOf(scope).length === 1)).toBe(true);
  });

  it('gives each scope its turn if their backfills are too large for one run', async () => {
    const tracker = trackerOnFakes(
      ...scopes.flatMap((scope, number) =>
        Array.from({ length: 30 }, (_, job) => endedIn(scope, `${number}x${job}`, job)),
      ),
    );
    const { gets, slowGets, run, jobs } = tracker;
    slowGets(1_000);
    const accounts = new Set<string | undefined>();
    // Each run has time for about 70 jobs, fewer than four scopes have.
    for (let runs = 0; runs < 5; runs += 1) {
      await run('active', scopes, 40);
      for (const call of gets()) accounts.add(/:us-east-1:(\d{12}):/.exec(call)?.[1]);
    }
    expect(accounts.size).toBe(scopes.length);
    for (let runs = 0; runs < 40 && jobs.records.size < 600; runs += 1) await run('active', scopes, 40);
    expect(jobs.records.size).toBe(600);
  });

  it('starts nothing after its deadline, and leaves the full sweeps to the next run', async () => {
    const { bedrock, run, fullStateOf } = trackerOnFakes(...scopes.map((scope) => endedIn(scope, '1')));
    await run('full', scopes);
    for (const sweep of ['active', 'full'] as const) {
      const { reports, errors } = await run(sweep, scopes, 0);
      expect(bedrock.calls).toEqual([]);
      expect(errors).toEqual([]);
      expect(sweptBy(reports, sweep).sort()).toEqual(sorted(scopes));
      expect(reports.every(({ finished }) => !finished)).toBe(true);
    }
    expect(scopes.map((scope) => fullStateOf(scope))).toEqual(
      scopes.map(() => expect.objectContaining({ unfinished: true }) as unknown),
    );
    const next = await run('active', scopes);
    expect(sweptBy(next.reports, 'full').sort()).toEqual(sorted(scopes));
    expect(next.reports.every(({ finished }) => finished)).toBe(true);
  });
});

describe('a new scope among others', () => {
  it('is backfilled by the next run of active sweeps', async () => {
    const { run, recordsOf } = trackerOnFakes(endedIn(at(0), '1'), endedIn(at(1), '2'));
    await run('active', [at(0)]);
    const { reports } = await run('active', [at(0), at(1)]);
    expect(sweptBy(reports, 'full')).toEqual([formatScope(at(1))]);
    expect(recordsOf(at(1))).toMatchObject([{ observed_via: 'backfill' }]);
  });
});
