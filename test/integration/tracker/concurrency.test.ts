import {
  CreateModelCustomizationJobCommand as Create,
  StopModelCustomizationJobCommand as Stop,
} from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { createInput } from '../../support/integration/jobs.ts';
import { passOn, type Around, type Passed } from '../../support/integration/http.ts';
import { startSimulatedTracker } from '../../support/integration/tracker.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const opened = closeAfterEach();

const keyOf = ({ body }: Passed): string => {
  const { Key, Item } = JSON.parse(body) as Record<'Key' | 'Item', { job_arn: { S: string } } | undefined>;
  return (Key ?? Item)?.job_arn.S ?? '';
};

/** Holds the first write of each record until a second writer has read it: then one of the two must lose. */
const collide = () => {
  const reads = new Map<string, number>();
  const held = new Set<string>();
  let conflicts = 0;
  const around: Around = async (request, forward) => {
    if (request.operation === 'GetItem jobs') {
      const answer = await forward();
      reads.set(keyOf(request), (reads.get(keyOf(request)) ?? 0) + 1);
      return answer;
    }
    if (request.operation !== 'PutItem jobs') return forward();
    const key = keyOf(request);
    if (!held.has(key)) {
      held.add(key);
      await eventually(() => {
        if ((reads.get(key) ?? 0) < 2) throw new Error('no second reader yet');
      }, 3_000);
    }
    const answer = await forward();
    if (answer.body.includes('ConditionalCheckFailed')) conflicts += 1;
    return answer;
  };
  return { around, conflicts: () => conflicts };
};

describe('two reconcilers and the event path at once on the same jobs', () => {
  it('end in the truth, with no transition twice', async () => {
    const tracker = await opened(startSimulatedTracker());
    const others = [tracker.anotherInstance(), tracker.anotherInstance()];
    const arns: string[] = [];
    const together = async () => {
      const collision = collide();
      tracker.dynamoDb.around = collision.around;
      await Promise.all(others.flatMap(({ sweep }) => [sweep('active'), sweep('full')]));
      await tracker.drained();
      tracker.dynamoDb.around = passOn;
      return collision.conflicts();
    };
    for (let number = 0; number < 10; number += 1) {
      arns.push((await tracker.client.send(new Create(createInput(`job-${number}`)))).jobArn ?? '');
    }
    let conflicts = await together();
    await tracker.expectEveryTruth();
    for (const jobIdentifier of arns) await tracker.client.send(new Stop({ jobIdentifier }));
    conflicts += await together();
    await tracker.expectEveryTruth();
    await tracker.time.advance(HOUR);
    conflicts += await together();
    await tracker.expectEveryTruth();
    console.log(`${conflicts} writes lost the race and were decided anew`);
    expect(conflicts).toBeGreaterThan(0);
    expect(tracker.queue.depths().dead).toBe(0);
  });

  it('leave a full sweep to the one that began it', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    await tracker.client.send(new Create(createInput('once')));
    const other = tracker.anotherInstance();
    let during: unknown;
    tracker.bedrock.around = async (_request, forward) => {
      tracker.bedrock.around = passOn;
      during = await other.sweep('full');
      return forward();
    };
    expect(await tracker.sweep('full')).toMatchObject([{ sweep: 'full', finished: true }]);
    expect(during).toEqual([]);
    expect(tracker.bedrock.counts()).toMatchObject({ ListModelCustomizationJobs: 1 });
  });
});
