import {
  CreateModelCustomizationJobCommand as Create,
  StopModelCustomizationJobCommand as Stop,
} from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../lib/simulator/clock.ts';
import { closeAfterEach, expectTruth } from '../../support/integration/suite.ts';
import { activeJob, createInput, finishedJob } from '../../support/integration/jobs.ts';
import { startSimulatedTracker } from '../../support/integration/tracker.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const opened = closeAfterEach();

describe('when Bedrock', () => {
  it('throttles, a backfill loses no job', async () => {
    // Slower than any machine that runs this: eight jobs at once ask for more in the first moment.
    const throttle = { ratePerSecond: 15, burst: 4 };
    // The token bucket fills by the simulator's clock.
    const simulator = { clock: systemClock, faults: { throttle } };
    const tracker = await opened(startSimulatedTracker({ events: false, simulator }));
    tracker.simulator.load(Array.from({ length: 30 }, (_, number) => finishedJob(number)));
    await tracker.sweep('full');
    await tracker.expectEveryTruth();
    const { received, throttled } = tracker.simulator.counts();
    console.log('throttled backfill:', JSON.stringify({ received, throttled }));
    expect(throttled.GetModelCustomizationJob + throttled.ListTagsForResource).toBeGreaterThan(0);
  });

  it.each(['GetModelCustomizationJob', 'ListTagsForResource'] as const)(
    'denies %s on one job, the others are written and the sweep fails, naming it',
    async (operation) => {
      const tracker = await opened(startSimulatedTracker({ events: false }));
      const jobs = [activeJob(1), activeJob(2), finishedJob(3), finishedJob(4)];
      tracker.simulator.load(jobs);
      tracker.simulator.faults = { accessDenied: [`${operation}:job-2`, `${operation}:job-3`] };
      const failure: unknown = await tracker.sweep('full').catch((error: unknown) => error);
      const [first, second, third, fourth] = jobs.map(({ job }) => job.jobArn);
      expect(failure).toMatchObject({ code: 'SWEEP_INCOMPLETE' });
      expect(String(failure)).toContain(`bedrock:${operation}`);
      expect(String(failure)).toContain(second);
      expect(String(failure)).toContain(third);
      expect(String(failure)).not.toContain(first);
      for (const jobArn of [first, fourth]) {
        expectTruth(await tracker.record(jobArn ?? ''), tracker.simulator.truth(jobArn ?? ''));
      }
      expect(await tracker.records()).toHaveLength(2);
      await expect(tracker.sweep('active')).rejects.toMatchObject({ code: 'SWEEP_INCOMPLETE' });

      tracker.simulator.faults = {};
      await tracker.sweep('full');
      await tracker.expectEveryTruth();
    },
  );

  it('denies the list, the sweep fails naming the scope and the call, and marks no record as missing', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    tracker.simulator.load([activeJob(1), finishedJob(2)]);
    await tracker.sweep('active');
    tracker.simulator.faults = { accessDenied: ['ListModelCustomizationJobs'] };
    for (const kind of ['active', 'full'] as const) {
      const failure: unknown = await tracker.sweep(kind).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'SWEEP_INCOMPLETE' });
      expect(String(failure)).toMatch(/123456789012#us-east-1.*bedrock:ListModelCustomizationJobs/);
    }
    await tracker.expectEveryTruth();
  });

  it('fails three calls in ten, one active and one full sweep after it make every record true', async () => {
    const tracker = await opened(startSimulatedTracker({ simulator: { seed: 5, failureRate: 0.3 } }));
    const arns: string[] = [];
    for (let number = 0; number < 12; number += 1) {
      arns.push((await tracker.client.send(new Create(createInput(`job-${number}`)))).jobArn ?? '');
      await tracker.time.advance(1000);
    }
    tracker.simulator.faults = { failProbability: 0.3, events: { dropProbability: 0.3 } };
    const sweeping = [tracker.sweep('full'), tracker.sweep('active')];
    for (const jobIdentifier of arns.slice(0, 4)) {
      await tracker.client.send(new Stop({ jobIdentifier })).catch(() => undefined);
      await tracker.time.advance(HOUR / 10);
    }
    await Promise.allSettled(sweeping);
    await tracker.time.advance(2 * HOUR);
    await tracker.sweep('active').catch(() => undefined);
    await tracker.drained();
    tracker.simulator.faults = {};
    await tracker.sweep('active');
    await tracker.sweep('full');
    await tracker.expectEveryTruth();
  });
});
