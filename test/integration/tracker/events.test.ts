import { describe, expect, it } from '@jest/globals';
import { readFixture } from '../../support/fixtures.ts';
import { arnOf, createInput } from '../../support/integration/jobs.ts';
import { closeAfterEach, eventually, expectTruth, ownTransitions } from '../../support/integration/suite.ts';
import { callsOf } from '../../support/integration/simulator.ts';
import { startSimulatedTracker } from '../../support/integration/tracker.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const opened = closeAfterEach();

describe('events alone', () => {
  it.each([
    ['full ARNs', false],
    ['the short ARNs of the documented sample', true],
  ])('keep the record equal to Bedrock through Create, Tag, Untag and Stop with %s', async (_which, shortArns) => {
    const tracker = await opened(startSimulatedTracker({ simulator: { faults: { events: { shortArns } } } }));
    const { simulator, time } = tracker;
    const { create, stop, tag, untag } = callsOf(tracker.client);
    const { jobArn = '' } = await create('followed', createInput('followed'));
    const follows = () =>
      eventually(async () => {
        const record = await tracker.record(jobArn);
        expectTruth(record, simulator.truth(jobArn));
        return record;
      });
    expect(await follows()).toMatchObject({
      status: 'InProgress',
      tags: { Team: 'Search', 'Cost-Center': '' },
      observed_via: 'event',
      account_id: '123456789012',
      region: 'us-east-1',
      active_scope: '123456789012#us-east-1',
    });
    await tag(jobArn, [{ key: 'stage', value: 'prod' }]);
    expect(await follows()).toHaveProperty('tags.stage', 'prod');
    await untag(jobArn, ['Team']);
    expect(await follows()).toHaveProperty('tags', { 'Cost-Center': '', stage: 'prod' });
    await time.advance(HOUR / 4);
    await stop(jobArn);
    expect(await follows()).toHaveProperty('status', 'Stopping');
    await time.advance(HOUR);
    const stopped = ['null > InProgress', 'InProgress > Stopping', 'Stopping > Stopped'];
    expect(ownTransitions(await follows())).toEqual(stopped);
    expect(tracker.queue.depths().dead).toBe(0);
  });

  it('bring a completed job’s model, metrics and end, which no event carries', async () => {
    const tracker = await opened(startSimulatedTracker());
    const { jobArn = '' } = await callsOf(tracker.client).create('completes', createInput('completes'));
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

  it('that cannot be followed end as dead letters after their tries, logged with what was wrong; the rest is written', async () => {
    const tracker = await opened(startSimulatedTracker({ maxReceiveCount: 4 }));
    const event = readFixture('events/state-change-in-progress.json') as { detail: object };
    const about = (jobArn: string) => ({ ...event, detail: { ...event.detail, jobArn, jobName: 'nobody' } });
    const bad: readonly (readonly [code: string, message: unknown])[] = [
      ['MESSAGE_NOT_UNDERSTOOD', 'not JSON at all'],
      ['MESSAGE_NOT_UNDERSTOOD', { hello: 'world' }],
      ['MESSAGE_NOT_UNDERSTOOD', { ...event, detail: {} }],
      ['JOB_NOT_FOUND', about(arnOf('unknown'))],
      ['SCOPE_NOT_TRACKED', about(arnOf('foreign', '999999999999'))],
    ];
    const { create } = callsOf(tracker.client);
    await Promise.all(['g1', 'g2', 'g3'].map((name) => create(name)));
    for (const [, message] of bad) tracker.send(message);
    await tracker.drained();
    await tracker.expectEveryTruth();
    expect(tracker.queue.depths()).toEqual({ waiting: 0, inFlight: 0, dead: bad.length });
    for (const [, message] of bad) {
      const body = typeof message === 'string' ? message : JSON.stringify(message);
      const tries = tracker.deliveries.filter((delivery) => delivery.body === body);
      expect(tries).toEqual([1, 2, 3, 4].map((receiveCount) => ({ body, receiveCount, failed: true })));
    }
    await eventually(() => {
      const codes = tracker.log.flatMap((line) => line['error_code'] ?? []);
      expect(codes.sort()).toEqual(bad.flatMap(([code]) => [code, code, code, code]).sort());
    });
  });
});
