import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { describe, expect, it, jest } from '@jest/globals';
import middy from '@middy/core';
import { makeHandler, type SweptScopes } from '../../../lambdas/reconcile-jobs/handler.ts';
import type { SweepKind, SweepMessage } from '../../../lib/contract.ts';
import type { MetricPart, MetricRecorder } from '../../../lib/runtime/metrics.ts';
import type { ListedJob } from '../../../lib/domain/drift.ts';
import { hear } from '../../../lib/tracking/hear.ts';
import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import { DAY, MINUTE } from '../../../lib/domain/time.ts';
import { trackJob } from '../../../lib/tracking/track-job.ts';
import { emfOf, readingsOf } from '../../support/emf.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { customModel, fakeModels, modelArn, throughput, throughputArn } from '../../support/fake-models.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memoryJobStore, memoryModelStore, memorySweepStore } from '../../support/memory-stores.ts';
import { lambdaContext } from '../../support/sqs-event.ts';
import { PERIODS } from '../../support/tracker-on-fakes.ts';

const OTHER: Scope = { ...SCOPE, region: 'us-west-2' };
const CALL_MS = 100;

/** A function over two scopes on fakes; each list takes a tenth of a second of a clock that nothing else moves. */
const setUp = () => {
  const bedrock = fakeBedrock();
  const sweeps = memorySweepStore();
  const jobs = memoryJobStore();
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const refused = new Set<string>();
  let now = Date.parse('2026-01-02T00:00:00.000Z');
  let listAs = (job: ListedJob): ListedJob => job;
  async function* list(listed: AsyncIterable<ListedJob>) {
    for await (const job of listed) yield listAs(job);
  }
  const bedrockOf = (scope: Scope) => {
    const real = bedrock.bedrockOf(scope);
    return {
      ...real,
      listJobs: (query: Parameters<typeof real.listJobs>[0]) => {
        if (refused.has(`${scope.region} ${query.status === undefined ? 'full' : 'active'}`)) throw new Error('denied');
        now += CALL_MS;
        return list(real.listJobs(query));
      },
    };
  };
  const { scopes: registry } = sweeps;
  const clock = () => new Date(now);
  const deps = { bedrockOf, jobs, sweeps, scopes: registry, periods: PERIODS, tagRefreshDays: 30, clock, log };
  const scopes = [SCOPE, OTHER];
  return {
    bedrock,
    jobs,
    sweeps,
    deps,
    log,
    scopes,
    refused,
    /** What the function answers, without metrics. */
    handle: (event: unknown, remainingMs = 600_000): Promise<SweptScopes> =>
      makeHandler({ ...deps, named: scopes, metrics: { add: jest.fn() } })(
        event,
        lambdaContext(remainingMs),
      ) as Promise<SweptScopes>,
    /** The metrics of a run, whatever becomes of it. */
    measure: async (sweep: SweepKind, ...names: readonly string[]): Promise<string[]> => {
      const lines = await emfOf(async (metrics) => {
        const handler = middy<unknown, unknown>()
          .use(logMetrics(metrics))
          .handler(makeHandler({ ...deps, named: scopes, metrics }));
        await handler({ sweep }, lambdaContext(600_000)).catch(() => undefined);
      });
      return readingsOf(lines)
        .filter((reading) => names.length === 0 || names.some((name) => reading.startsWith(`${name} `)))
        .sort();
    },
    /** A job created a second ago, without an event. */
    create: (id: string, change: Record<string, unknown> = {}, scope = SCOPE): void => {
      const jobArn = arnOf(id, scope);
      bedrock.answers.set(jobArn, runningJob(id, 0, { jobArn, creationTime: new Date(now - 1_000), ...change }));
    },
    listAs: (change: typeof listAs) => (listAs = change),
    advance: (ms: number) => (now += ms),
  };
};

/** Of all scopes together, or of each sweep by itself. */
const coverage = (percents: Partial<Record<SweepKind, number | string>>) =>
  Object.entries(percents).map(
    ([sweep, percent]) => `SweepCompleteness Percent{service=tracker-a,sweep=${sweep}} ${percent}`,
  );

type MetricReading = { name: string; value: number } & MetricPart;

describe('the reconcile-jobs handler', () => {
  it('answers and logs what each sweep counted', async () => {
    const { handle, create, log } = setUp();
    create('1');
    create('2');
    const counts = { listed: 2, drifted: 2, corrected: 0, missing: 0, failed: 0 };
    const swept = { scope: '123456789012#us-east-1', sweep: 'full', finished: true };
    expect(await handle({ sweep: 'full' })).toContainEqual({ ...swept, counts });
    expect(log.info).toHaveBeenCalledWith('scope swept', { ...swept, ...counts });
  });

  it('finishes the other jobs, then fails with the name of the job that failed', async () => {
    const { handle, create, bedrock, jobs, log } = setUp();
    create('1');
    create('2');
    bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new Error('not allowed'));
    await expect(handle({ sweep: 'full' })).rejects.toThrow(`${arnOf('1')}: not allowed`);
    expect([...jobs.records.keys()]).toEqual([arnOf('2')]);
    expect(log.error).toHaveBeenCalledWith('job not tracked', expect.objectContaining({ job_arn: arnOf('1') }));
  });

  it('logs which model it could not track, and whose use it could not measure', async () => {
    const { deps, scopes, log } = setUp();
    const models = fakeModels(customModel('1'));
    models.serve('provisioned_throughputs', throughput('2', modelArn('1')));
    const store = memoryModelStore();
    const run = (sweep: SweepKind) =>
      makeHandler({
        ...deps,
        named: scopes,
        metrics: { add: jest.fn() },
        models: { bedrockModelsOf: models.bedrockModelsOf, models: store },
        usage: {
          useOf: () => ({ read: ({ arns }) => Promise.resolve(new Map(arns.map((arn) => [arn, new Error('late')]))) }),
          idleAfterMs: DAY,
        },
      })({ sweep }, lambdaContext(600_000));
    models.refusals.set(`ListTagsForResource ${modelArn('1')}`, new Error('not allowed'));
    await expect(run('models')).rejects.toThrow('0 scopes and 1 resource could not be swept');
    expect(log.error).toHaveBeenCalledWith('model not tracked', expect.objectContaining({ model_arn: modelArn('1') }));

    models.refusals.clear();
    await run('models');
    await expect(run('usage')).rejects.toThrow('0 scopes and 1 resource could not be swept');
    const resource = throughputArn('2');
    expect(log.error).toHaveBeenCalledWith('use not measured', expect.objectContaining({ resource }));
  });

  it('logs what it released, and fails if a release failed', async () => {
    const { handle, deps, sweeps, log } = setUp();
    const scope = '210987654321#eu-west-1';
    const register = () => hear(deps, { accountId: '210987654321', region: 'eu-west-1' }, 'named');
    sweeps.states.set(`${scope}/full`, { finished_at: '2026-01-01T00:00:00.000Z' });
    await register();
    await handle({ sweep: 'active' });
    expect(log.info).toHaveBeenCalledWith('scope released', { scope, finished: true, marked: 0, failed: 0 });

    sweeps.states.set(`${scope}/full`, {});
    const acquire = sweeps.acquire.bind(sweeps);
    deps.sweeps.acquire = (of, ...rest) =>
      formatScope(of) === scope ? Promise.reject(new Error('no lease')) : acquire(of, ...rest);
    await expect(handle({ sweep: 'active' })).rejects.toThrow(`scope ${scope}: no lease`);
    expect(log.error).toHaveBeenCalledWith(
      'scope not swept',
      expect.objectContaining({ scope, sweep: 'full', error_message: 'no lease' }),
    );
  });

  it('refuses to sweep a scope by hand that is neither registered nor named, and asks Bedrock nothing', async () => {
    const { handle, bedrock } = setUp();
    const asked = handle({ sweep: 'full', scope: '999999999999#us-east-1' });
    await expect(asked).rejects.toThrow('Account 999999999999, Region us-east-1 is not registered and not named');
    expect(bedrock.calls).toEqual([]);
  });

  it('starts nothing that could outlast the function', async () => {
    const { handle, create, bedrock } = setUp();
    create('1');
    expect(await handle({ sweep: 'full' }, 0)).toMatchObject([{ finished: false }, { finished: false }]);
    expect(bedrock.calls).toEqual([]);
  });

  it.each([undefined, null, {}, { sweep: 'everything' }, 'active'])(
    'refuses %j, and says what it takes',
    async (input) => {
      await expect(setUp().handle(input)).rejects.toThrow(
        'The input must be {"sweep":"due"} or {"sweep":"active"} or {"sweep":"full"}',
      );
    },
  );
});

describe('a hub', () => {
  const messageOf = (body: unknown, messageId = 'm0') => ({ messageId, body: JSON.stringify(body) });

  const hub = () => {
    const world = setUp();
    const sent: SweepMessage[] = [];
    const send = (messages: readonly SweepMessage[]) => Promise.resolve(void sent.push(...messages));
    const readings: MetricReading[] = [];
    const metrics: MetricRecorder = { add: (name, value, part = {}) => void readings.push({ name, value, ...part }) };
    const handle = makeHandler({ ...world.deps, named: world.scopes, metrics, send });
    return {
      ...world,
      sent,
      readings,
      handle: (event: unknown) => handle(event, lambdaContext(600_000)),
      receive: (...bodies: readonly unknown[]) =>
        handle({ Records: bodies.map((body, at) => messageOf(body, `m${at}`)) }, lambdaContext(600_000)),
    };
  };

  it('sends a message for each scope that is due, and sweeps the scope of a message once', async () => {
    const { handle, receive, sent, jobs, create, bedrock } = hub();
    create('1');
    expect(await handle({ sweep: 'due' })).toEqual({ sent: 2 });
    expect(sent).toEqual([SCOPE, OTHER].map((scope) => ({ scope: formatScope(scope) })));
    expect(bedrock.calls).toEqual([]);
    expect(await receive(...sent)).toEqual({ batchItemFailures: [] });
    expect([...jobs.records.keys()]).toEqual([arnOf('1')]);
    bedrock.calls.length = 0;
    // Delivered again, and sent again by a second run: nothing is due.
    expect(await receive(...sent)).toEqual({ batchItemFailures: [] });
    expect(await handle({ sweep: 'due' })).toEqual({ sent: 0 });
    expect(bedrock.calls).toEqual([]);
  });

  it('sends what is asked by hand whatever is due, to every scope or to one', async () => {
    const { handle, sent } = hub();
    expect(await handle({ sweep: 'full' })).toEqual({ sent: 2 });
    expect(await handle({ sweep: 'active', scope: formatScope(OTHER) })).toEqual({ sent: 1 });
    expect(sent.map(({ sweep }) => sweep)).toEqual(['full', 'full', 'active']);
    await expect(handle({ sweep: 'models' })).rejects.toThrow('There are no models sweeps here');
    expect(sent).toHaveLength(3);
    await expect(handle({ sweep: 'full', scope: 'us-west-2' })).rejects.toThrow('"scope": "<account id>#<Region>"');
  });

  it('is done with the message of a scope that is denied, names the scope, and asks it again soon', async () => {
    const { handle, receive, refused, log, readings, advance, sent } = hub();
    refused.add('us-west-2 active');
    expect(await receive({ scope: formatScope(OTHER) }, { scope: formatScope(SCOPE) })).toEqual({
      batchItemFailures: [],
    });
    await handle({ sweep: 'due' });
    await receive(...sent);
    expect(log.error).toHaveBeenCalledWith('scope not swept', expect.objectContaining({ scope: formatScope(OTHER) }));
    advance(5 * MINUTE);
    sent.length = 0;
    await handle({ sweep: 'due' });
    expect(sent.map(({ scope }) => scope)).toContain(formatScope(OTHER));
    const failing = readings.filter(({ name, value }) => name === 'ScopesFailing' && value === 1);
    expect(failing).toEqual([
      { name: 'ScopesFailing', value: 1 },
      { name: 'ScopesFailing', value: 1, scope: formatScope(OTHER) },
    ]);
  });

  it('counts a scope as released once, when the last pass over its records has ended', async () => {
    const { handle, receive, deps, readings, advance, sent } = hub();
    await hear(deps, { accountId: '210987654321', region: 'eu-west-1' }, 'heartbeat');
    const turn = async (ms: number) => {
      advance(ms);
      sent.length = 0;
      await handle({ sweep: 'due' });
      await receive(...sent);
    };
    await turn(0);
    for (const ms of [DAY + MINUTE, 30 * MINUTE, 35 * MINUTE, DAY]) await turn(ms);
    expect(readings.filter(({ name }) => name === 'ScopesReleased')).toEqual([
      { name: 'ScopesReleased', value: 1 },
      { name: 'ScopesReleased', value: 1, scope: '210987654321#eu-west-1' },
    ]);
  });

  it.each([{}, 'text', { scope: 'nowhere' }, { scope: formatScope(SCOPE), sweep: 'everything' }, null])(
    'leaves the message %j in the queue alone, and does the others',
    async (body) => {
      const { handle, receive, log, bedrock } = hub();
      await handle({ sweep: 'due' });
      const answer = await receive(body, { scope: formatScope(SCOPE) });
      expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
      expect(log.error).toHaveBeenCalledWith('message failed', expect.objectContaining({ message_id: 'm0' }));
      expect(bedrock.calls.length).toBeGreaterThan(0);
    },
  );

  it('leaves a message in the queue while the sweeps table cannot be read', async () => {
    const { receive, deps } = hub();
    deps.scopes.read = () => Promise.reject(new Error('no table'));
    expect(await receive({ scope: formatScope(SCOPE) })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });
});

describe('the metrics of an active sweep', () => {
  it('are those of both sweeps with the first run, and of its own then', async () => {
    const { measure, create, advance } = setUp();
    expect(await measure('active', 'SweepCompleteness')).toEqual(coverage({ active: 100, full: '100 100' }));
    advance(1_000);
    create('1');
    create('2');
    expect(await measure('active')).toEqual([
      'ActiveJobs Count{service=tracker-a} 2',
      'OldestActiveJobAge Seconds{service=tracker-a} 1.4',
      ...coverage({ active: 100 }),
      'SweepDuration Milliseconds{service=tracker-a,sweep=active} 200 400',
    ]);
  });

  it('have the age of the oldest job of all scopes, 0 without a job', async () => {
    const { measure, create } = setUp();
    const age = (seconds: number) => [`OldestActiveJobAge Seconds{service=tracker-a} ${seconds}`];
    expect(await measure('active', 'OldestActiveJobAge')).toEqual(age(0));
    create('1');
    create('2', { creationTime: new Date('2025-12-31T23:00:00.000Z') }, OTHER);
    expect(await measure('active', 'OldestActiveJobAge')).toEqual(age(90_001));
  });

  it('of a scope that failed say only that it is not covered', async () => {
    const { measure, create, refused } = setUp();
    await measure('active');
    create('1');
    refused.add('us-west-2 active');
    expect(await measure('active')).toEqual([
      'ActiveJobs Count{service=tracker-a} 1',
      'OldestActiveJobAge Seconds{service=tracker-a} 1.2',
      ...coverage({ active: 50 }),
      'SweepDuration Milliseconds{service=tracker-a,sweep=active} 200',
    ]);
    refused.add('us-east-1 active');
    expect(await measure('active', 'SweepCompleteness')).toEqual(coverage({ active: 0 }));
  });
});

describe('the metrics of a full sweep', () => {
  it('say nothing about active jobs', async () => {
    const { measure, create } = setUp();
    await measure('full');
    create('1');
    expect(await measure('full')).toEqual([
      ...coverage({ full: '100 100' }),
      'SweepDuration Milliseconds{service=tracker-a,sweep=full} 100 200',
    ]);
  });

  it('count looks without a change, if there are any', async () => {
    const { measure, create, listAs } = setUp();
    create('1');
    create('2');
    expect(await measure('full', 'LooksWithoutChange')).toEqual([]);
    listAs((job) => ({ ...job, last_modified_time: '2027-01-01T00:00:00.000Z' }));
    expect(await measure('full', 'LooksWithoutChange')).toEqual(['LooksWithoutChange Count{service=tracker-a} 2']);
  });

  it('show 0 % of a scope that could not be swept, and 100 % of the same when it could', async () => {
    const { measure, advance, refused } = setUp();
    await measure('full');
    advance(DAY);
    refused.add('us-west-2 full');
    expect(await measure('full', 'SweepCompleteness')).toEqual(coverage({ full: '0 100' }));
    expect(await measure('active', 'SweepCompleteness')).toEqual(coverage({ active: 100, full: 0 }));
    refused.clear();
    expect(await measure('active', 'SweepCompleteness')).toEqual(coverage({ active: 100, full: 100 }));
    expect(await measure('active', 'SweepCompleteness')).toEqual(coverage({ active: 100 }));
  });
});

describe('the metric of missed events', () => {
  const CREATION = 'EventsMissed Count{service=tracker-a,event=creation} 1';
  const CHANGE = 'EventsMissed Count{service=tracker-a,event=state-change} 1';

  it.each<SweepKind>(['active', 'full'])('counts a change of a status once, by the %s sweep', async (sweep) => {
    const { measure, create } = setUp();
    create('1');
    create('2');
    // A backfill misses nothing.
    expect(await measure('active', 'EventsMissed')).toEqual([]);
    create('1', { status: 'Completed' });
    expect(await measure(sweep, 'EventsMissed')).toEqual([CHANGE]);
    expect(await measure(sweep, 'EventsMissed')).toEqual([]);
  });

  it('counts a job that came and went as one change', async () => {
    const { measure, create, advance } = setUp();
    await measure('active');
    advance(MINUTE);
    create('1', { status: 'Completed' });
    expect(await measure('full', 'EventsMissed')).toEqual([CHANGE]);
  });

  it('leaves out the backfill of a new scope, and not the other scopes', async () => {
    const { measure, create, sweeps } = setUp();
    create('1');
    await measure('active');
    sweeps.states.set(`${formatScope(OTHER)}/full`, {});
    create('1', { status: 'Stopping' });
    create('2', { status: 'Stopping' }, OTHER);
    expect(await measure('active', 'EventsMissed')).toEqual([CHANGE]);
  });

  it('counts creations for a week after the last creation event, none in an account without a trail', async () => {
    const { measure, create, deps, advance } = setUp();
    await measure('active');
    create('0');
    expect(await measure('active', 'EventsMissed')).toEqual([]);
    create('1');
    await trackJob(deps, { scope: SCOPE, jobIdentifier: arnOf('1'), via: 'event' });
    expect(await measure('active', 'EventsMissed')).toEqual([]);
    create('2');
    expect(await measure('active', 'EventsMissed')).toEqual([CREATION]);
    advance(7 * DAY);
    create('3');
    expect(await measure('active', 'EventsMissed')).toEqual([]);
  });
});
