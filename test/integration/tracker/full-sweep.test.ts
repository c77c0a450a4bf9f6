import { describe, expect, it } from '@jest/globals';
import { closeAfterEach } from '../../support/integration/suite.ts';
import { finishedJob, loadTable } from '../../support/integration/jobs.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';

/** More than one page of the list and more than two chunks of progress. */
const JOBS = 1_100;
/** Every third job has no record yet; the others are tracked, so that the test is quick. */
const UNTRACKED = Math.ceil(JOBS / 3);
/**
 * With 16 jobs at a time, all of them take 25 rounds of calls: 4 s, so that one run, which works for 3.2 s, cannot look at
 * all of them on any machine. What is in flight at the deadline ends in the fifth of the time that a run keeps in reserve.
 */
const CALL_MS = 160;
const SHORT_MS = 4_000;
const MAX_RUNS = 100;
const opened = closeAfterEach();

const listQueries = (tracker: SimulatedTracker): (string | null)[] =>
  tracker.bedrock.passed
    .filter(({ operation, path }) => operation === 'ListModelCustomizationJobs' && !path.includes('statusEquals'))
    .map(({ path }) => new URL(path, 'http://bedrock').searchParams)
    .filter((query) => !query.has('nextToken'))
    .map((query) => query.get('creationTimeBefore'));

describe('a full sweep', () => {
  it('that runs out of time goes on at its watermark, looks at no job twice, and ends complete', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    const jobs = Array.from({ length: JOBS }, (_, number) => finishedJob(number));
    tracker.simulator.load(jobs);
    tracker.simulator.faults = { latencyMs: CALL_MS };
    await loadTable(
      tracker.tables,
      jobs.filter((_, number) => number % 3 !== 0),
    );
    const watermarks: string[] = [];
    let runs = 0;
    for (let finished = false; !finished && runs < MAX_RUNS; runs += 1) {
      // Active sweeps go on with it too.
      const reports = await tracker.sweep(runs % 2 === 0 ? 'full' : 'active', SHORT_MS);
      finished = reports.find(({ sweep }) => sweep === 'full')?.finished === true;
      const state = await tracker.sweepState('full');
      if (!finished) watermarks.push((state?.['watermark'] as string | undefined) ?? '');
    }
    const reached = watermarks.filter((watermark) => watermark !== '');
    console.log(
      `full sweep of ${JOBS} jobs, ${UNTRACKED} of them untracked, in ${runs} runs of ${SHORT_MS} ms, watermarks ${[...new Set(reached)].join(' ')}`,
    );
    expect(watermarks.length).toBeGreaterThan(0);
    expect(reached).toEqual([...reached].sort().reverse());
    const expected = ['', ...watermarks].slice(0, runs).map((watermark) => (watermark === '' ? null : watermark));
    const asked = listQueries(tracker).map((before) =>
      before === null ? null : new Date(Date.parse(before) - 1_000).toISOString(),
    );
    // Each run lists from the watermark of the run before it, and that second again.
    expect(asked).toEqual(expected);
    await tracker.expectEveryTruth();
    expect(tracker.bedrock.counts()).toMatchObject({
      GetModelCustomizationJob: UNTRACKED,
      ListTagsForResource: UNTRACKED,
    });
    const state = await tracker.sweepState('full');
    expect(state).toMatchObject({ finished_at: expect.any(String), succeeded_at: expect.any(String) });
    expect(state).not.toHaveProperty('watermark');
    expect(state).not.toHaveProperty('unfinished');
    expect(state).not.toHaveProperty('lease_until');

    tracker.simulator.faults = {};
    tracker.bedrock.forget();
    await tracker.sweep('full');
    expect(tracker.bedrock.counts()).toEqual({ ListModelCustomizationJobs: Math.ceil(JOBS / 1000) });
  });
});
