import { CreateModelCustomizationJobCommand as Create } from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { closeAfterEach } from '../../support/integration/suite.ts';
import { createInput, finishedJob } from '../../support/integration/jobs.ts';
import { passOn, refuseAfter, type Around, type Proxy } from '../../support/integration/http.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const opened = closeAfterEach();
const JOBS = 8;

/** Jobs of all ages, a part of them tracked, most of them moved on since. */
const start = async (): Promise<SimulatedTracker> => {
  const tracker = await opened(startSimulatedTracker({ events: false }));
  const create = (name: string) => tracker.client.send(new Create(createInput(name)));
  for (let number = 0; number < JOBS / 2; number += 1) await create(`old-${number}`);
  await tracker.sweep('active');
  await tracker.time.advance(5 * HOUR);
  for (let number = 0; number < JOBS / 2; number += 1) await create(`new-${number}`);
  tracker.simulator.load([finishedJob(1), finishedJob(2)]);
  return tracker;
};

/** Ends the instance when it makes its n-th call, which gets no answer. */
const killAt = (call: number, kill: () => Promise<void>): Around => {
  let seen = 0;
  return async (_request, forward) => {
    seen += 1;
    if (seen < call) return forward();
    await kill();
    throw new Error('nobody waits for this answer');
  };
};

const SIDES = ['bedrock', 'dynamoDb'] as const;
const POINTS = [1, 3, 8, 17];

describe('a sweep that is killed', () => {
  it.each(SIDES.flatMap((side) => POINTS.map((point) => [point, side] as const)))(
    'at call %i to %s leaves nothing that the next runs do not bring to its end',
    async (point, side) => {
      const tracker = await start();
      const proxy: Proxy = tracker[side];
      const victim = tracker.anotherInstance();
      proxy.around = killAt(point, victim.kill);
      await expect(victim.sweep('full')).rejects.toMatchObject({ code: 'KILLED' });
      proxy.around = passOn;
      await tracker.expireLease();
      await tracker.sweep('active');
      await tracker.sweep('full');
      await tracker.expectEveryTruth();
    },
  );

  it('holds its lease until it runs out, and is then gone on with by the active sweep', async () => {
    const tracker = await start();
    const victim = tracker.anotherInstance();
    tracker.bedrock.around = killAt(2, victim.kill);
    await expect(victim.sweep('full')).rejects.toMatchObject({ code: 'KILLED' });
    tracker.bedrock.around = passOn;
    expect((await tracker.sweep('active')).map(({ sweep }) => sweep)).toEqual(['active']);
    await tracker.expireLease();
    expect((await tracker.sweep('active')).map(({ sweep }) => sweep)).toEqual(['active', 'full']);
    await tracker.expectEveryTruth();
  });
});

describe('a sweep whose table refuses', () => {
  it.each([0, 2, 7])('after %i requests fails, and the next runs bring all to its end', async (allowed) => {
    const tracker = await start();
    tracker.dynamoDb.around = refuseAfter(allowed);
    await expect(tracker.sweep('full')).rejects.toMatchObject({ code: 'SWEEP_INCOMPLETE' });
    tracker.dynamoDb.around = passOn;
    await tracker.expireLease();
    await tracker.sweep('active');
    await tracker.sweep('full');
    await tracker.expectEveryTruth();
  });
});
