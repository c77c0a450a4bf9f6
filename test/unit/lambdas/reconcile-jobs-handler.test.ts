import { describe, expect, it, jest } from '@jest/globals';
import { makeHandler } from '../../../lambdas/reconcile-jobs/handler.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memoryJobStore, memorySweepStore } from '../../support/memory-stores.ts';
import { lambdaContext } from '../../support/sqs-event.ts';

const setUp = (sweeps = memorySweepStore()) => {
  const bedrock = fakeBedrock(runningJob('1'), runningJob('2', 1));
  const jobs = memoryJobStore();
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const handler = makeHandler({
    bedrockOf: bedrock.bedrockOf,
    jobs,
    sweeps,
    scopes: [SCOPE],
    tagRefreshDays: 30,
    clock: () => new Date(),
    log,
    metrics: { add: jest.fn() },
  });
  return { bedrock, jobs, log, handler };
};

describe('the reconcile-jobs handler', () => {
  it('answers and logs what each sweep counted', async () => {
    const { handler, log } = setUp();
    // A backfill corrects nothing.
    const counts = { listed: 2, drifted: 2, corrected: 0, missing: 0, failed: 0 };
    expect(await handler({ sweep: 'full' }, lambdaContext())).toEqual([
      { scope: '123456789012#us-east-1', sweep: 'full', finished: true, counts },
    ]);
    expect(log.info).toHaveBeenCalledWith('scope swept', {
      scope: '123456789012#us-east-1',
      sweep: 'full',
      finished: true,
      ...counts,
    });
  });

  it('finishes the others, then fails naming the job that it could not track', async () => {
    const { handler, bedrock, jobs, log } = setUp();
    bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new Error('not allowed'));
    await expect(handler({ sweep: 'full' }, lambdaContext())).rejects.toThrow(`${arnOf('1')}: not allowed`);
    expect([...jobs.records.keys()]).toEqual([arnOf('2')]);
    expect(log.error).toHaveBeenCalledWith('job not tracked', expect.objectContaining({ job_arn: arnOf('1') }));
  });

  it('logs what it released, as an error where that failed, and then fails', async () => {
    const sweeps = memorySweepStore();
    sweeps.states.set('210987654321#eu-west-1/full', { finished_at: '2026-01-01T00:00:00.000Z' });
    const { handler, log } = setUp(sweeps);
    await handler({ sweep: 'active' }, lambdaContext());
    const scope = '210987654321#eu-west-1';
    expect(log.info).toHaveBeenCalledWith('scope released', { scope, finished: true, marked: 0, failed: 0 });

    const acquire = sweeps.acquire.bind(sweeps);
    sweeps.states.delete(`${scope}/full`);
    sweeps.states.set(`${scope}/active`, {});
    const broken = setUp({
      ...sweeps,
      acquire: (of, ...rest) =>
        of.accountId === '210987654321' ? Promise.reject(new Error('no lease')) : acquire(of, ...rest),
    });
    await expect(broken.handler({ sweep: 'active' }, lambdaContext())).rejects.toThrow(`release of scope ${scope}`);
    expect(broken.log.error).toHaveBeenCalledWith(
      'scope not released',
      expect.objectContaining({ scope, finished: false, error_message: 'no lease' }),
    );
  });

  it('begins nothing that could outlast the time of the function', async () => {
    const { handler, bedrock } = setUp();
    expect(await handler({ sweep: 'full' }, lambdaContext(0))).toMatchObject([{ finished: false }]);
    expect(bedrock.calls.filter((call) => call.startsWith('Get'))).toEqual([]);
  });

  it('refuses an input of any depth', async () => {
    const sweep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    await expect(setUp().handler({ sweep }, lambdaContext())).rejects.toThrow('which this one is not.');
  });

  it.each([undefined, null, {}, { sweep: 'everything' }, 'active'])(
    'refuses the input %j, saying what it takes',
    async (input) => {
      await expect(setUp().handler(input, lambdaContext())).rejects.toThrow(
        'The input must be {"sweep":"active"} or {"sweep":"full"}',
      );
    },
  );
});
