import { describe, expect, it } from '@jest/globals';
import type { FaultsInput } from '../../../lib/simulator/faults.ts';
import { closeAfterEach } from '../../support/integration/suite.ts';
import { finishedJob } from '../../support/integration/jobs.ts';
import { startSimulatedTracker } from '../../support/integration/tracker.ts';

const JOBS = 20;
const opened = closeAfterEach();

describe('full sweeps of finished jobs', () => {
  it.each<[what: string, faults: FaultsInput, looks: number]>([
    ['the list tells a later lastModifiedTime', { list: { modifiedOffsetMs: 1 } }, JOBS],
    ['the list tells it an hour later', { list: { modifiedOffsetMs: 3_600_000 } }, JOBS],
    ['the list tells an earlier one', { list: { modifiedOffsetMs: -1 } }, 0],
    ['the list tells times to the second', { list: { timePrecision: 'seconds' } }, 0],
    ['Get tells times to the second', { get: { timePrecision: 'seconds' } }, JOBS],
  ])('ask for no job again where %s', async (_what, faults, looks) => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    // Times with milliseconds, which a list or an answer may leave out.
    const jobs = Array.from({ length: JOBS }, (_, number) => finishedJob(number)).map(({ job }) => ({
      job: {
        ...job,
        creationTime: job.creationTime.replace('.000Z', '.700Z'),
        lastModifiedTime: job.lastModifiedTime?.replace('.000Z', '.700Z') ?? '',
      },
    }));
    tracker.simulator.load(jobs);
    tracker.simulator.faults = faults;
    const gets = async (): Promise<number> => {
      tracker.bedrock.forget();
      await tracker.sweep('full');
      return tracker.bedrock.counts()['GetModelCustomizationJob'] ?? 0;
    };
    expect(await gets()).toBe(JOBS);
    expect(await gets()).toBe(looks);
    expect(await gets()).toBe(0);
    expect(await tracker.records()).toHaveLength(JOBS);
  });
});
