import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { startBedrockSimulator } from '../../../lib/simulator/index.ts';
import { closeAfterEach, expectTruth, ownTransitions } from '../../support/integration/suite.ts';
import { activeJob, finishedJob } from '../../support/integration/jobs.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';

const opened = closeAfterEach();

const activeIndex = async ({ tables: { client, jobsTable } }: SimulatedTracker): Promise<unknown[]> => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: jobsTable,
      IndexName: 'active',
      KeyConditionExpression: 'active_scope = :scope',
      ExpressionAttributeValues: { ':scope': '123456789012#us-east-1' },
    }),
  );
  return Items.map((item) => item['job_arn'] as unknown);
};

describe('a job that Bedrock no longer knows', () => {
  it('keeps its record, marked since when, outside of the active index, and is not asked for again', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    const [gone, ended, stays] = [activeJob(1), finishedJob(2), activeJob(3)];
    tracker.simulator.load([gone, ended, stays]);
    await tracker.sweep('active');
    const before = await tracker.record(gone.job.jobArn);
    expect(await activeIndex(tracker)).toHaveLength(2);

    const fresh = await opened(startBedrockSimulator());
    fresh.load([stays]);
    tracker.bedrock.target = fresh.url;
    expect(await tracker.sweep('active')).toMatchObject([{ counts: { missing: 1, failed: 0 } }]);
    expect(await tracker.sweep('full')).toMatchObject([{ counts: { missing: 1, failed: 0 } }]);

    const { active_scope, revision, ...kept } = before ?? {};
    const marked = await tracker.record(gone.job.jobArn);
    expect(marked).toEqual({ ...kept, revision: (revision ?? 0) + 1, missing_since: expect.stringMatching(/Z$/) });
    expect(active_scope).toBeDefined();
    expect(await tracker.record(ended.job.jobArn)).toMatchObject({
      status: 'Completed',
      missing_since: expect.any(String),
    });
    expect(await activeIndex(tracker)).toEqual([stays.job.jobArn]);

    tracker.bedrock.forget();
    tracker.dynamoDb.forget();
    await tracker.sweep('active');
    await tracker.sweep('full');
    expect(tracker.bedrock.counts()).toEqual({ ListModelCustomizationJobs: 3 });
    expect(tracker.dynamoDb.counts()).not.toHaveProperty('PutItem jobs');

    fresh.load([gone]);
    await tracker.sweep('active');
    const back = await tracker.record(gone.job.jobArn);
    expectTruth(back, fresh.truth(gone.job.jobArn));
    expect(ownTransitions(back)).toEqual(['null > InProgress']);
  });
});
