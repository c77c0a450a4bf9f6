import { describe, expect, it } from '@jest/globals';
import { isEmf, readingsOf } from '../../support/emf.ts';
import { readFixture } from '../../support/fixtures.ts';
import { activeJob } from '../../support/integration/jobs.ts';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';

const opened = closeAfterEach();
/** Enough for the lists and a job; then, as the simulator's clock stands still, none until the throttle is lifted. */
const THROTTLE = { ratePerSecond: 1, burst: 5 };
const JOBS = Array.from({ length: 6 }, (_, number) => activeJob(number));
const THROTTLED_OPERATIONS = ['GetModelCustomizationJob', 'ListTagsForResource'] as const;

const start = async (faults: object): Promise<SimulatedTracker> => {
  const tracker = await opened(startSimulatedTracker({ events: false, metrics: true, simulator: { faults } }));
  tracker.simulator.load(JOBS);
  return tracker;
};

/** All values of a metric, with the operation that they are split by. */
const valuesOf = (tracker: SimulatedTracker, name: string) =>
  tracker.log
    .filter(isEmf)
    .flatMap((line) =>
      ([line[name] ?? []].flat() as number[]).map((value) => [String(line['operation']), value] as const),
    );

const sumsOf = (tracker: SimulatedTracker, name: string): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const [operation, value] of valuesOf(tracker, name)) sums[operation] = (sums[operation] ?? 0) + value;
  return sums;
};

const stateChange = (jobArn: string): object => ({
  ...(readFixture('events/state-change-completed.json') as object),
  region: 'us-east-1',
  time: new Date(Date.now() - 1_000).toISOString(),
  detail: { jobArn },
});

describe('the functions, as they are built', () => {
  it.each<[what: string, work: (tracker: SimulatedTracker) => Promise<unknown>, latencies: number]>([
    ['a sweep', (tracker) => tracker.sweep('active'), 0],
    [
      'messages',
      (tracker) => {
        for (const { job } of JOBS) tracker.send(stateChange(job.jobArn));
        return tracker.drained();
      },
      JOBS.length,
    ],
  ])('count each request of %s that Bedrock received or throttled, and lose no job', async (_what, work, latencies) => {
    const tracker = await start({ throttle: THROTTLE });
    const working = work(tracker);
    await eventually(() => {
      for (const operation of THROTTLED_OPERATIONS) {
        expect(tracker.simulator.counts().throttled[operation]).toBeGreaterThan(0);
      }
    });
    tracker.simulator.faults = {};
    await working;
    await tracker.expectEveryTruth();
    const { received, throttled } = tracker.simulator.counts();
    const called = Object.entries(received).filter(([, count]) => count > 0);
    const throttledOf = Object.entries(throttled).filter(([name]) => called.some(([operation]) => operation === name));
    // What a function prints arrives a moment after its answer.
    await eventually(() => {
      expect(sumsOf(tracker, 'BedrockCalls')).toEqual(Object.fromEntries(called));
      expect(sumsOf(tracker, 'BedrockThrottles')).toEqual(Object.fromEntries(throttledOf));
      expect(valuesOf(tracker, 'EventToRecordLatency').filter(([, ms]) => ms >= 1_000)).toHaveLength(latencies);
    });
  });

  it('print what a sweep did also where it fails in the end', async () => {
    const tracker = await start({ accessDenied: ['GetModelCustomizationJob:job-4'] });
    await expect(tracker.sweep('full')).rejects.toMatchObject({ code: 'SWEEP_INCOMPLETE' });
    await eventually(() => {
      expect(readingsOf(tracker.log.filter(isEmf))).toContain(
        'SweepCompleteness Percent{service=bedrock-job-tracker,sweep=full} 0',
      );
    });
  });
});
