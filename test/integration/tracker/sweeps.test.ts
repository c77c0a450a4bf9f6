import {
  CreateModelCustomizationJobCommand as Create,
  StopModelCustomizationJobCommand as Stop,
  TagResourceCommand as Tag,
  UntagResourceCommand as Untag,
} from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { closeAfterEach, ownTransitions } from '../../support/integration/suite.ts';
import { createInput } from '../../support/integration/jobs.ts';
import { startSimulatedTracker } from '../../support/integration/tracker.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const opened = closeAfterEach();

describe('sweeps alone, with no event arriving', () => {
  it('bring every job to its truth: created, moved on, stopped and ended by the active sweep, tagged by the full one', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    const { client, time, sweep } = tracker;
    const arns: string[] = [];
    for (const name of ['a1', 'b2', 'c3', 'd4']) {
      arns.push((await client.send(new Create(createInput(name)))).jobArn ?? '');
    }
    await sweep('active');
    await tracker.expectEveryTruth();
    expect((await tracker.records()).map(({ observed_via }) => observed_via)).toEqual(arns.map(() => 'backfill'));

    const [stopped = '', tagged = ''] = arns;
    await time.advance(HOUR / 4);
    await client.send(new Stop({ jobIdentifier: stopped }));
    await sweep('active');
    await tracker.expectEveryTruth();

    await time.advance(5 * HOUR);
    await client.send(new Create(createInput('e5')));
    await sweep('active');
    await tracker.expectEveryTruth();
    expect(ownTransitions(await tracker.record(stopped))).toEqual([
      'null > InProgress',
      'InProgress > Stopping',
      'Stopping > Stopped',
    ]);

    // Tags move nothing that a list shows.
    await client.send(new Tag({ resourceARN: tagged, tags: [{ key: 'stage', value: 'prod' }] }));
    await client.send(new Untag({ resourceARN: tagged, tagKeys: ['Team'] }));
    await sweep('full');
    await tracker.expectEveryTruth();
    expect(await tracker.record(tagged)).toHaveProperty('tags', { 'Cost-Center': '', stage: 'prod' });
    expect(tracker.deliveries).toEqual([]);
  });

  it('say in their answer what they did', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    await tracker.client.send(new Create(createInput('counted')));
    const scope = '123456789012#us-east-1';
    const none = { corrected: 0, drifted: 0, failed: 0, missing: 0 };
    expect(await tracker.sweep('active')).toEqual([
      { scope, sweep: 'active', finished: true, counts: { ...none, listed: 1, drifted: 1 } },
      { scope, sweep: 'full', finished: true, counts: { ...none, listed: 1 } },
    ]);
    expect(await tracker.sweep('active')).toEqual([
      { scope, sweep: 'active', finished: true, counts: { ...none, listed: 1 } },
    ]);
  });
});
