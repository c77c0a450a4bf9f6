import { fc, test } from '@fast-check/jest';
import { describe, expect, it } from '@jest/globals';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import type { ObservedVia } from '../../../lib/domain/record.ts';
import { trackJob } from '../../../lib/tracking/track-job.ts';
import { arnOf } from '../../support/fake-bedrock.ts';
import { memorySweepStore } from '../../support/memory-stores.ts';
import { endedIn, runningIn, scopeOf, trackerOnFakes } from '../../support/tracker-on-fakes.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const scope = scopeOf(1);
/** The first run of `trackerOnFakes` begins then. */
const FIRST_SWEPT = '2026-01-02T00:01:00.000Z';

const createdAt = (job: BedrockAnswer, time: string | Date): BedrockAnswer => ({
  ...job,
  creationTime: new Date(time),
  lastModifiedTime: new Date(time),
});
const failed = (id: string, time: string): BedrockAnswer => ({
  ...createdAt(endedIn(scope, id), time),
  status: 'Failed',
  endTime: new Date(time),
});

const setUp = (...answers: readonly BedrockAnswer[]) => {
  const tracker = trackerOnFakes(...answers);
  const viasOf = (id: string) =>
    tracker.jobs.records.get(arnOf(id, scope))?.transitions.map(({ to, via }): [string, ObservedVia] => [to, via]);
  const put = (answer: BedrockAnswer) => tracker.bedrock.answers.set(String(answer['jobArn']), answer);
  /** A run whose full sweep stops before it has looked at anything: its active sweep is done. */
  const runWithoutFull = async () => {
    const { bedrockOf, clock } = tracker.deps;
    tracker.deps.bedrockOf = (of) => {
      const real = bedrockOf(of);
      return {
        ...real,
        listJobs: (query) => {
          if (query.status === undefined) tracker.advanceClock(20 * MINUTE);
          return real.listJobs(query);
        },
      };
    };
    const report = await tracker.run('active', [scope]);
    Object.assign(tracker.deps, { bedrockOf, clock });
    expect(report.reports.find(({ sweep }) => sweep === 'full')).toMatchObject({ finished: false });
    return report;
  };
  return { ...tracker, viasOf, put, runWithoutFull };
};

describe('while the first full sweep of a scope is unfinished', () => {
  it('a job that fails counts as missed by events, whether it had a record or began since', async () => {
    const { runWithoutFull, put, viasOf } = setUp(runningIn(scope, 'old'), endedIn(scope, 'ended', 1));
    await runWithoutFull();
    put({ ...failed('old', '2026-01-02T00:30:00Z'), creationTime: new Date('2026-01-01T00:00:00Z') });
    put(createdAt(runningIn(scope, 'new'), '2026-01-02T00:05:00Z'));
    await runWithoutFull();
    put(failed('new', '2026-01-02T00:05:00Z'));
    const { reports } = await runWithoutFull();
    expect(viasOf('old')).toEqual([
      ['InProgress', 'backfill'],
      ['Failed', 'sweep'],
    ]);
    expect(viasOf('new')).toEqual([
      ['InProgress', 'sweep'],
      ['Failed', 'sweep'],
    ]);
    expect(reports[0]?.counts.corrected).toBe(1);
  });

  it('a job that began and failed since is not a backfill for the full sweep either', async () => {
    const { runWithoutFull, run, put, viasOf } = setUp(endedIn(scope, 'ended'));
    await runWithoutFull();
    put(failed('new', '2026-01-02T00:05:00Z'));
    await run('active', [scope]);
    expect(viasOf('new')).toEqual([['Failed', 'sweep']]);
    expect(viasOf('ended')).toEqual([['Completed', 'backfill']]);
  });
});

describe('a backfill', () => {
  it('includes a job older than the first sweep that could not be tracked until now', async () => {
    const { run, bedrock, viasOf, fullStateOf } = setUp(endedIn(scope, 'ended'));
    const call = `GetModelCustomizationJob ${arnOf('ended', scope)}`;
    bedrock.refusals.set(call, new Error('not now'));
    await run('full', [scope]);
    expect(fullStateOf(scope)).toMatchObject({ first_swept_at: FIRST_SWEPT });
    bedrock.refusals.delete(call);
    await run('full', [scope]);
    expect(viasOf('ended')).toEqual([['Completed', 'backfill']]);
    expect(fullStateOf(scope)).toMatchObject({ first_swept_at: FIRST_SWEPT });
  });

  it('leaves out the jobs of an existing table, as after a restore', async () => {
    const tracker = setUp(runningIn(scope, 'known'), endedIn(scope, 'same', 1));
    await tracker.run('full', [scope]);
    // The same records, and nothing known of the sweeps: as after a restore.
    const sweeps = memorySweepStore();
    Object.assign(tracker.deps, { sweeps, scopes: sweeps.scopes });
    tracker.put({ ...failed('known', '2026-01-02T00:01:30Z'), creationTime: new Date('2026-01-01T00:00:00Z') });
    tracker.put(failed('between', '2026-01-02T00:01:30Z'));
    const writes = tracker.jobs.records.get(arnOf('same', scope))?.revision;
    await tracker.run('active', [scope]);
    expect(tracker.viasOf('known')).toEqual([
      ['InProgress', 'backfill'],
      ['Failed', 'sweep'],
    ]);
    expect(tracker.viasOf('between')).toEqual([['Failed', 'backfill']]);
    expect(tracker.jobs.records.get(arnOf('same', scope))?.revision).toBe(writes);
  });

  it('starts again if a scope is tracked again after its release', async () => {
    const { run, put, viasOf, fullStateOf } = setUp(endedIn(scope, 'known'));
    await run('active', [scope]);
    await run('active', [scopeOf(2)]);
    put(failed('meanwhile', '2026-01-02T00:02:30Z'));
    await run('active', [scope]);
    expect(viasOf('meanwhile')).toEqual([['Failed', 'backfill']]);
    expect(fullStateOf(scope)).toMatchObject({ first_swept_at: '2026-01-02T00:03:00.000Z' });
  });

  it('is over for a scope that an older version of the tracker swept', async () => {
    const { run, put, viasOf, sweeps, fullStateOf } = setUp();
    await run('active', [scope]);
    const { first_swept_at: _, ...older } = fullStateOf(scope) ?? {};
    await sweeps.save(scope, 'full', older);
    put(endedIn(scope, 'found'));
    await run('full', [scope]);
    expect(viasOf('found')).toEqual([['Completed', 'sweep']]);
  });

  const time = fc.date({ min: new Date('2026-01-01'), max: new Date('2026-01-03'), noInvalidDate: true });
  test.prop([time, fc.option(time, { nil: undefined }), fc.constantFrom('event', 'sweep'), fc.boolean()])(
    'is exactly what a sweep sees of a job without a record from before the first sweep',
    async (created, firstSwept, via, isKnown) => {
      const { deps, jobs } = setUp(createdAt(runningIn(scope, 'a'), created));
      const request = { scope, jobIdentifier: arnOf('a', scope) };
      if (isKnown) await trackJob(deps, { ...request, via: 'event' });
      const outcome = await trackJob(deps, { ...request, via, firstSweptAt: firstSwept?.toISOString() });
      const isBackfill = via === 'sweep' && !isKnown && firstSwept !== undefined && created < firstSwept;
      expect(outcome.via).toBe(isBackfill ? 'backfill' : via);
      const [record] = jobs.records.values();
      expect(record?.transitions[0]?.via).toBe(isKnown ? 'event' : outcome.via);
    },
  );
});
