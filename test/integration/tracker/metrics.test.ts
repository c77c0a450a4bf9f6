import { describe, expect, it } from '@jest/globals';
import { isEmf, readingsOf, type EmfLine } from '../../support/emf.ts';
import { readFixture } from '../../support/fixtures.ts';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { activeJob } from '../../support/integration/jobs.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';

const opened = closeAfterEach();
/** Enough for the lists and a job; then, as the simulator's clock stands still, none until the throttle is lifted. */
const THROTTLE = { ratePerSecond: 1, burst: 5 };
const JOBS = Array.from({ length: 6 }, (_, number) => activeJob(number));
const THROTTLED_OPERATIONS = ['GetModelCustomizationJob', 'ListTagsForResource'] as const;

const start = async (faults: object = {}): Promise<SimulatedTracker> => {
  const tracker = await opened(startSimulatedTracker({ events: false, metrics: true, simulator: { faults } }));
  tracker.simulator.load(JOBS);
  return tracker;
};

const linesOf = (tracker: SimulatedTracker): EmfLine[] => tracker.log.filter(isEmf);

/** The sum of each metric that is split by operation, for the operations that occurred. */
const sumsOf = (tracker: SimulatedTracker, name: string): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { [name]: values, operation } of linesOf(tracker)) {
    for (const value of [values ?? []].flat() as number[])
      sums[String(operation)] = (sums[String(operation)] ?? 0) + value;
  }
  return sums;
};

const stateChange = (jobArn: string): object => ({
  ...(readFixture('events/state-change-completed.json') as object),
  region: 'us-east-1',
  time: new Date(Date.now() - 1_000).toISOString(),
  detail: { jobArn },
});

describe('the functions, as they are built', () => {
  it.each<[what: string, work: (tracker: SimulatedTracker) => Promise<unknown>]>([
    ['a sweep', (tracker) => tracker.sweep('active')],
    [
      'messages',
      (tracker) => {
        for (const { job } of JOBS) tracker.send(stateChange(job.jobArn));
        return tracker.drained();
      },
    ],
  ])('count every request of %s that reached Bedrock, and every one that it throttled', async (_what, work) => {
    const tracker = await start({ throttle: THROTTLE });
    const working = work(tracker);
    await eventually(() => {
      for (const operation of THROTTLED_OPERATIONS) {
        expect(tracker.simulator.counts().throttled[operation]).toBeGreaterThan(0);
      }
    });
    tracker.simulator.faults = {};
    await working;
    const { received, throttled } = tracker.simulator.counts();
    console.log('requests:', JSON.stringify({ received, throttled }));
    const called = Object.entries(received).filter(([, count]) => count > 0);
    const throttledOf = Object.entries(throttled).filter(([name]) => called.some(([operation]) => operation === name));
    // What a function prints arrives a moment after its answer.
    await eventually(() => {
      expect(sumsOf(tracker, 'BedrockCalls')).toEqual(Object.fromEntries(called));
      expect(sumsOf(tracker, 'BedrockThrottles')).toEqual(Object.fromEntries(throttledOf));
    });
  });

  it('print what a sweep did also where it fails in the end', async () => {
    const tracker = await start({ accessDenied: ['GetModelCustomizationJob:job-4'] });
    await expect(tracker.sweep('full')).rejects.toMatchObject({ code: 'SWEEP_INCOMPLETE' });
    await eventually(() => {
      expect(readingsOf(linesOf(tracker))).toEqual(
        expect.arrayContaining(['SweepCompleteness Percent{service=bedrock-job-tracker,sweep=full} 0']),
      );
    });
  });

  it('print outcomes and latencies of messages', async () => {
    const tracker = await start();
    for (const { job } of JOBS.slice(0, 3)) tracker.send(stateChange(job.jobArn));
    await tracker.drained();
    await eventually(() => {
      const lines = linesOf(tracker);
      const outcomes = lines
        .filter(({ outcome }) => outcome === 'created')
        .flatMap((line) => [line['JobsTracked']].flat());
      expect(outcomes).toEqual([1, 1, 1]);
      const latencies = lines.flatMap((line) => [line['EventToRecordLatency'] ?? []].flat() as number[]);
      expect(latencies).toHaveLength(3);
      for (const latency of latencies) expect(latency).toBeGreaterThanOrEqual(1_000);
    });
  });

  it('print no metrics where they are switched off', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    await tracker.sweep('active');
    await eventually(() => expect(tracker.log).toContainEqual(expect.objectContaining({ message: 'scope swept' })));
    expect(linesOf(tracker)).toEqual([]);
  });
});
