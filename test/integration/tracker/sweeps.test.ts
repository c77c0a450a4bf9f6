import { describe, expect, it } from '@jest/globals';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { HOUR } from '../../../lib/domain/time.ts';
import { startBedrockSimulator } from '../../../lib/simulator/index.ts';
import { passOn, type Around, type Passed } from '../../support/integration/http.ts';
import { activeJob, createInput, finishedJob } from '../../support/integration/jobs.ts';
import { callsOf } from '../../support/integration/simulator.ts';
import { closeAfterEach, eventually, expectTruth, ownTransitions } from '../../support/integration/suite.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';

const opened = closeAfterEach();
const SCOPE = '123456789012#us-east-1';

/** A tracker that no event reaches. */
const start = async () => {
  const tracker = await opened(startSimulatedTracker({ events: false }));
  const calls = callsOf(tracker.client);
  const create = async (name: string) => (await calls.create(name, createInput(name))).jobArn ?? '';
  return { ...tracker, calls, create };
};

const activeIndex = async ({ tables: { client, jobsTable } }: SimulatedTracker): Promise<unknown[]> => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: jobsTable,
      IndexName: 'active',
      KeyConditionExpression: 'active_scope = :scope',
      ExpressionAttributeValues: { ':scope': SCOPE },
    }),
  );
  return Items.map((item) => item['job_arn'] as unknown);
};

describe('sweeps alone, with no event arriving', () => {
  it('bring every job to its truth: created, moved on, stopped and ended by the active sweep, tagged by the full one', async () => {
    const tracker = await start();
    const { calls, create, time, sweep } = tracker;
    const arns: string[] = [];
    for (const name of ['a1', 'b2', 'c3', 'd4']) arns.push(await create(name));
    const none = { corrected: 0, drifted: 0, failed: 0, missing: 0 };
    const swept = { scope: SCOPE, finished: true };
    expect(await sweep('active')).toEqual([
      { ...swept, sweep: 'active', counts: { ...none, listed: 4, drifted: 4 } },
      { ...swept, sweep: 'full', counts: { ...none, listed: 4 } },
    ]);
    await tracker.expectEveryTruth();
    expect((await tracker.records()).map(({ observed_via }) => observed_via)).toEqual(arns.map(() => 'backfill'));

    const [stopped = '', tagged = ''] = arns;
    await time.advance(HOUR / 4);
    await calls.stop(stopped);
    expect(await sweep('active')).toMatchObject([{ sweep: 'active', counts: { listed: 4 } }]);
    await tracker.expectEveryTruth();

    await time.advance(5 * HOUR);
    await create('e5');
    await sweep('active');
    await tracker.expectEveryTruth();
    const transitions = ['null > InProgress', 'InProgress > Stopping', 'Stopping > Stopped'];
    expect(ownTransitions(await tracker.record(stopped))).toEqual(transitions);

    // Tags move nothing that a list shows.
    await calls.tag(tagged, [{ key: 'stage', value: 'prod' }]);
    await calls.untag(tagged, ['Team']);
    await sweep('full');
    await tracker.expectEveryTruth();
    expect(await tracker.record(tagged)).toHaveProperty('tags', { 'Cost-Center': '', stage: 'prod' });
    expect(tracker.deliveries).toEqual([]);
  });

  it('mark a job that Bedrock no longer knows, ask for it no more, and take the mark back when it is there again', async () => {
    const tracker = await start();
    const [gone, ended, stays] = [activeJob(1), finishedJob(2), activeJob(3)];
    tracker.simulator.load([gone, ended, stays]);
    await tracker.sweep('active');
    const { active_scope, revision = 0, ...kept } = (await tracker.record(gone.job.jobArn)) ?? {};
    expect(active_scope).toBe(SCOPE);

    const fresh = await opened(startBedrockSimulator());
    fresh.load([stays]);
    tracker.bedrock.target = fresh.url;
    for (const kind of ['active', 'full'] as const)
      expect(await tracker.sweep(kind)).toMatchObject([{ counts: { missing: 1, failed: 0 } }]);
    const missing_since = expect.stringMatching(/Z$/) as unknown;
    expect(await tracker.record(gone.job.jobArn)).toEqual({ ...kept, revision: revision + 1, missing_since });
    expect(await tracker.record(ended.job.jobArn)).toMatchObject({ status: 'Completed', missing_since });
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

  it('write the other jobs where calls for some are denied, and fail naming these', async () => {
    const tracker = await start();
    const jobs = [activeJob(1), activeJob(2), finishedJob(3), finishedJob(4)];
    const [first = '', second = '', third = '', fourth = ''] = jobs.map(({ job }) => job.jobArn);
    tracker.simulator.load(jobs);
    tracker.simulator.faults = { accessDenied: ['GetModelCustomizationJob:job-2', 'ListTagsForResource:job-3'] };
    const failure: unknown = await tracker.sweep('full').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'SWEEP_INCOMPLETE' });
    for (const named of ['bedrock:GetModelCustomizationJob', 'bedrock:ListTagsForResource', second, third])
      expect(String(failure)).toContain(named);
    expect(String(failure)).not.toContain(first);
    for (const arn of [first, fourth]) expectTruth(await tracker.record(arn), tracker.simulator.truth(arn));
    expect(await tracker.records()).toHaveLength(2);

    tracker.simulator.faults = { accessDenied: ['ListModelCustomizationJobs'] };
    await expect(tracker.sweep('active')).rejects.toThrow(`${SCOPE}: Not allowed to call bedrock:List`);
    tracker.simulator.faults = {};
    await tracker.sweep('full');
    await tracker.expectEveryTruth();
  });
});

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
    const key = request.operation.endsWith('Item jobs') ? keyOf(request) : '';
    if (request.operation === 'PutItem jobs' && !held.has(key)) {
      held.add(key);
      await eventually(() => {
        if ((reads.get(key) ?? 0) < 2) throw new Error('no second reader yet');
      }, 3_000);
    }
    const answer = await forward();
    if (request.operation === 'GetItem jobs') reads.set(key, (reads.get(key) ?? 0) + 1);
    if (answer.body.includes('ConditionalCheckFailed')) conflicts += 1;
    return answer;
  };
  return { around, conflicts: () => conflicts };
};

it('two instances that sweep and the event path at once on the same jobs end in the truth, with no transition twice', async () => {
  const tracker = await opened(startSimulatedTracker());
  const { create, stop } = callsOf(tracker.client);
  const others = [tracker.anotherInstance(), tracker.anotherInstance()];
  let conflicts = 0;
  const sweepTogether = async () => {
    const collision = collide();
    tracker.dynamoDb.around = collision.around;
    await Promise.all(others.flatMap(({ sweep }) => [sweep('active'), sweep('full')]));
    await tracker.drained();
    tracker.dynamoDb.around = passOn;
    conflicts += collision.conflicts();
    await tracker.expectEveryTruth();
  };
  const arns: (string | undefined)[] = [];
  for (let number = 0; number < 6; number += 1) arns.push((await create(`job-${number}`)).jobArn);
  await sweepTogether();
  for (const arn of arns) await stop(arn);
  await sweepTogether();
  expect(conflicts).toBeGreaterThan(0);
  expect(tracker.queue.depths().dead).toBe(0);
});

describe('a sweep that is killed', () => {
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

  it.each([
    [2, 'bedrock'],
    [8, 'bedrock'],
    [14, 'dynamoDb'],
  ] as const)(
    'at call %i to %s holds its lease until that runs out; the next active sweep then brings all to its end',
    async (call, side) => {
      const tracker = await start();
      for (const name of ['old-1', 'old-2', 'old-3']) await tracker.create(name);
      await tracker.sweep('active');
      await tracker.time.advance(5 * HOUR);
      for (const name of ['new-1', 'new-2', 'new-3']) await tracker.create(name);
      tracker.simulator.load([finishedJob(1), finishedJob(2)]);

      const victim = tracker.anotherInstance();
      const proxy = tracker[side];
      proxy.around = killAt(call, victim.kill);
      await expect(victim.sweep('full')).rejects.toMatchObject({ code: 'KILLED' });
      proxy.around = passOn;
      expect((await tracker.sweep('active')).map(({ sweep }) => sweep)).toEqual(['active']);
      await tracker.expireLease();
      expect((await tracker.sweep('active')).map(({ sweep }) => sweep)).toEqual(['active', 'full']);
      await tracker.expectEveryTruth();
    },
  );
});
