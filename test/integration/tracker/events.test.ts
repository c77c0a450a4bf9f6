import {
  CreateModelCustomizationJobCommand as Create,
  StopModelCustomizationJobCommand as Stop,
  TagResourceCommand as Tag,
  UntagResourceCommand as Untag,
} from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { readFixture } from '../../support/fixtures.ts';
import { closeAfterEach, eventually, expectTruth, ownTransitions } from '../../support/integration/suite.ts';
import { arnOf, createInput } from '../../support/integration/jobs.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const opened = closeAfterEach();

const create = async ({ client }: SimulatedTracker, name: string): Promise<string> => {
  const { jobArn = '' } = await client.send(new Create(createInput(name)));
  return jobArn;
};

describe('events alone', () => {
  it.each([
    ['full ARNs', false],
    ['the short ARNs of the documented sample', true],
  ])('keep the record equal to Bedrock through Create, Tag, Untag and Stop with %s', async (_which, shortArns) => {
    const tracker = await opened(startSimulatedTracker({ simulator: { faults: { events: { shortArns } } } }));
    const { simulator, client, time } = tracker;
    const resourceARN = await create(tracker, 'followed');
    const follows = () =>
      eventually(async () => {
        expectTruth(await tracker.record(resourceARN), simulator.truth(resourceARN));
      });
    await follows();
    expect(await tracker.record(resourceARN)).toMatchObject({
      status: 'InProgress',
      tags: { Team: 'Search', 'Cost-Center': '' },
      observed_via: 'event',
      account_id: '123456789012',
      region: 'us-east-1',
      active_scope: '123456789012#us-east-1',
    });
    await client.send(new Tag({ resourceARN, tags: [{ key: 'stage', value: 'prod' }] }));
    await follows();
    expect(await tracker.record(resourceARN)).toHaveProperty('tags.stage', 'prod');
    await client.send(new Untag({ resourceARN, tagKeys: ['Team'] }));
    await follows();
    await time.advance(HOUR / 4);
    await client.send(new Stop({ jobIdentifier: resourceARN }));
    await follows();
    expect(await tracker.record(resourceARN)).toHaveProperty('status', 'Stopping');
    await time.advance(HOUR);
    await follows();
    const record = await tracker.record(resourceARN);
    expect(record).toMatchObject({ tags: { 'Cost-Center': '', stage: 'prod' } });
    expect(ownTransitions(record)).toEqual(['null > InProgress', 'InProgress > Stopping', 'Stopping > Stopped']);
    expect(tracker.queue.depths().dead).toBe(0);
  });

  it('bring a completed job’s model, metrics and end, which no event carries', async () => {
    const tracker = await opened(startSimulatedTracker());
    const jobArn = await create(tracker, 'completes');
    await tracker.drained();
    await tracker.time.advance(5 * HOUR);
    await tracker.drained();
    const record = await tracker.record(jobArn);
    expectTruth(record, tracker.simulator.truth(jobArn));
    expect(record).toMatchObject({
      status: 'Completed',
      output_model_arn: expect.stringContaining(':custom-model/'),
      training_metrics: { training_loss: expect.any(Number) },
      status_details: { training_details: { status: 'Completed' } },
    });
    expect(ownTransitions(record)).toEqual(['null > InProgress', 'InProgress > Completed']);
  });

  it('end in the truth when each comes twice, many in the wrong order, and all late', async () => {
    const events = { duplicateProbability: 1, reorderProbability: 0.5, delayMs: 700 };
    const tracker = await opened(startSimulatedTracker({ simulator: { seed: 7, faults: { events } } }));
    const names = ['a1', 'b2', 'c3', 'd4', 'e5', 'f6'];
    const arns: string[] = [];
    for (const name of names) arns.push(await create(tracker, name));
    await tracker.time.advance(500);
    for (const resourceARN of arns.slice(0, 3)) {
      await tracker.client.send(new Stop({ jobIdentifier: resourceARN }));
      await tracker.client.send(new Tag({ resourceARN, tags: [{ key: 'stopped', value: 'yes' }] }));
      await tracker.time.advance(100);
    }
    await tracker.time.advance(5 * HOUR);
    await tracker.drained();
    await tracker.expectEveryTruth();
    expect(tracker.deliveries.length).toBeGreaterThan(2 * (names.length * 3 + 3));
    expect(tracker.deliveries.filter(({ failed }) => failed)).toEqual([]);
  });

  it('cost one look at a job, however many messages about it a batch holds', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    const jobArn = await create(tracker, 'asked-once');
    const event = readFixture('events/state-change-in-progress.json') as { detail: object };
    for (let copy = 0; copy < 10; copy += 1) {
      tracker.send({ ...event, detail: { ...event.detail, jobArn, jobName: 'asked-once' } });
    }
    await tracker.drained();
    expect(tracker.bedrock.counts()).toEqual({ GetModelCustomizationJob: 1, ListTagsForResource: 1 });
    expectTruth(await tracker.record(jobArn), tracker.simulator.truth(jobArn));
  });

  it('that cannot be followed end as dead letters after their tries with what was wrong, while the rest is written', async () => {
    const tracker = await opened(startSimulatedTracker({ maxReceiveCount: 4 }));
    const stateChange = readFixture('events/state-change-in-progress.json') as { detail: object };
    const about = (jobArn: string) => ({
      ...stateChange,
      detail: { ...stateChange.detail, jobArn, jobName: 'nobody' },
    });
    const bad: readonly (readonly [code: string, message: unknown])[] = [
      ['MESSAGE_NOT_UNDERSTOOD', 'not JSON at all'],
      ['MESSAGE_NOT_UNDERSTOOD', { hello: 'world' }],
      ['MESSAGE_NOT_UNDERSTOOD', { ...stateChange, detail: {} }],
      ['JOB_NOT_FOUND', about(arnOf('unknown'))],
      ['SCOPE_NOT_TRACKED', about(arnOf('foreign', '999999999999'))],
    ];
    const good = await Promise.all(['g1', 'g2', 'g3'].map((name) => create(tracker, name)));
    for (const [, message] of bad) tracker.send(message);
    await tracker.drained();
    for (const jobArn of good) expectTruth(await tracker.record(jobArn), tracker.simulator.truth(jobArn));
    expect(tracker.queue.depths()).toEqual({ waiting: 0, inFlight: 0, dead: bad.length });
    for (const [, message] of bad) {
      const body = typeof message === 'string' ? message : JSON.stringify(message);
      const tries = tracker.deliveries.filter((delivery) => delivery.body === body);
      expect(tries.map(({ receiveCount, failed }) => ({ receiveCount, failed }))).toEqual(
        [1, 2, 3, 4].map((receiveCount) => ({ receiveCount, failed: true })),
      );
    }
    await eventually(() => {
      const codes = tracker.log.flatMap((line) => line['error_code'] ?? []);
      expect(codes.sort()).toEqual(bad.flatMap(([code]) => [code, code, code, code]).sort());
    });
    expect(await tracker.records()).toHaveLength(good.length);
  });
});
