import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { ENV } from '../../../lib/contract.ts';
import { closeAfterEach, eventually, ownTransitions } from '../../support/integration/suite.ts';
import { activeJob, arnOf, finishedJob } from '../../support/integration/jobs.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';

const opened = closeAfterEach();
const KEPT = '123456789012#us-east-1';
const REMOVED = '123456789012#eu-west-1';
const inRemoved = (id: string) => arnOf(id, '123456789012', 'eu-west-1');

const activeJobs = async ({ tables: { client, jobsTable } }: SimulatedTracker, scope: string): Promise<unknown[]> => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: jobsTable,
      IndexName: 'active',
      KeyConditionExpression: 'active_scope = :scope',
      ExpressionAttributeValues: { ':scope': scope },
    }),
  );
  return Items.map((item) => item['job_arn'] as unknown);
};

describe('a scope that is taken from the configuration', () => {
  it('keeps its records, marked; tracked again it is brought to its truth, with nothing lost of its history', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false, scopes: [KEPT, REMOVED] }));
    const running = activeJob(2, { jobArn: inRemoved('2') });
    const ended = finishedJob(3, { jobArn: inRemoved('3') });
    tracker.simulator.load([activeJob(1), running, ended]);
    await tracker.sweep('active');
    await tracker.expectEveryTruth();
    const before = await tracker.record(ended.job.jobArn);
    expect(await activeJobs(tracker, REMOVED)).toEqual([running.job.jobArn]);

    const without = tracker.anotherInstance({ [ENV.scopes]: KEPT });
    tracker.bedrock.forget();
    expect(await without.sweep('active')).toMatchObject([{ scope: KEPT, counts: { listed: 1, drifted: 0 } }]);
    expect(tracker.bedrock.counts()).toEqual({ ListModelCustomizationJobs: 2 });
    await eventually(() =>
      expect(tracker.log).toContainEqual(
        expect.objectContaining({ message: 'scope released', scope: REMOVED, finished: true, marked: 2, failed: 0 }),
      ),
    );
    const { revision = 0, ...kept } = before ?? {};
    const mark = expect.stringMatching(/^\d{4}-.*Z$/) as unknown;
    expect(await tracker.record(ended.job.jobArn)).toEqual({ ...kept, revision: revision + 1, untracked_since: mark });
    expect(await tracker.record(running.job.jobArn)).toMatchObject({ status: 'InProgress', untracked_since: mark });
    expect(await activeJobs(tracker, REMOVED)).toEqual([]);
    expect(await activeJobs(tracker, KEPT)).toHaveLength(1);

    tracker.dynamoDb.forget();
    for (const kind of ['active', 'full'] as const) await without.sweep(kind);
    expect(tracker.dynamoDb.counts()).toMatchObject({ 'Scan sweeps': 2, 'Query jobs': 2 });
    expect(tracker.dynamoDb.counts()).not.toHaveProperty('PutItem jobs');

    const end = {
      status: 'Stopped',
      lastModifiedTime: '2024-03-01T00:00:00.000Z',
      endTime: '2024-03-01T00:00:00.000Z',
    };
    const created = activeJob(4, { jobArn: inRemoved('4') });
    tracker.simulator.load([activeJob(2, { jobArn: inRemoved('2'), ...end }), created]);
    const reports = await tracker.anotherInstance().sweep('active');
    expect(reports.filter(({ scope }) => scope === REMOVED)).toMatchObject([
      { sweep: 'active', finished: true },
      { sweep: 'full', finished: true },
    ]);
    await tracker.expectEveryTruth();
    expect(await activeJobs(tracker, REMOVED)).toEqual([created.job.jobArn]);
    expect((await tracker.record(ended.job.jobArn))?.transitions).toEqual(before?.transitions);
    const back = await tracker.record(running.job.jobArn);
    expect(ownTransitions(back)).toEqual(['null > InProgress', 'InProgress > Stopped']);
  });

  it('has its messages dead-lettered, as before: the scope may have been left out by mistake', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    const job = activeJob(2, { jobArn: inRemoved('2') });
    tracker.simulator.load([job]);
    tracker.send({
      account: '123456789012',
      region: 'eu-west-1',
      source: 'aws.bedrock',
      'detail-type': 'Model Customization Job State Change',
      detail: { jobArn: job.job.jobArn },
    });
    await tracker.drained();
    expect(tracker.queue.depths()).toMatchObject({ dead: 1 });
    await eventually(() =>
      expect(tracker.log).toContainEqual(expect.objectContaining({ error_code: 'SCOPE_NOT_TRACKED' })),
    );
  });
});
