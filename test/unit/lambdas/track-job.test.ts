import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import { describe, expect, it, jest } from '@jest/globals';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { makeHandler } from '../../../lambdas/track-job/handler.ts';
import { emfOf, readingsOf } from '../../support/emf.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { readFixture } from '../../support/fixtures.ts';
import { memoryJobStore, memorySweepStore } from '../../support/memory-stores.ts';
import { lambdaContext, sqsEvent } from '../../support/sqs-event.ts';

const NOW = Date.parse('2026-01-02T00:00:00.000Z');
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

/** A function whose clock stands still. */
const setUp = () => {
  const bedrock = fakeBedrock(runningJob('1'), runningJob('2'));
  const jobs = memoryJobStore();
  const { scopes } = memorySweepStore();
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  let failed: string[] = [];
  const readingsFor = async (...bodies: readonly unknown[]): Promise<string[]> =>
    readingsOf(
      await emfOf(async (metrics) => {
        const clock = () => new Date(NOW);
        const deps = { bedrockOf: bedrock.bedrockOf, jobs, scopes, clock, log, metrics };
        const handler = middy<SQSEvent, PartialItemFailureResponse>()
          .use(logMetrics(metrics))
          .handler(makeHandler(deps));
        const { batchItemFailures } = await handler(sqsEvent(...bodies), lambdaContext());
        failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
      }),
    );
  const isEvent = (reading: string) => reading.startsWith('EventsMissed ');
  return {
    bedrock,
    jobs,
    log,
    gets: () => bedrock.calls.filter((call) => call.startsWith('Get')),
    /** The ids of the messages of a batch that failed: m0, m1 and so on. */
    handle: async (...bodies: readonly unknown[]) => {
      await readingsFor(...bodies);
      return failed;
    },
    looksFor: async (...bodies: readonly unknown[]) => (await readingsFor(...bodies)).filter((one) => !isEvent(one)),
    eventsFor: async (...bodies: readonly unknown[]) => (await readingsFor(...bodies)).filter(isEvent),
  };
};

type Event = Record<string, unknown> & { readonly detail: Record<string, unknown> };
const event = (name: string): Event => readFixture(`events/${name}.json`) as Event;
const withDetail = (name: string, detail: Record<string, unknown>, change: Record<string, unknown> = {}) => ({
  ...event(name),
  region: 'us-east-1',
  detail: { ...event(name).detail, ...detail },
  ...change,
});
const stateChange = (jobArn: string, jobName: string, time: unknown = ago(0)) =>
  withDetail('state-change-completed', { jobArn, jobName }, { time });
const aboutJob = (id: string, time?: unknown) => stateChange(arnOf(id), `job-${id}`, time);
const shortArn = (id: string) => arnOf(id).replace(/\/.*\//, '/');
const tagOf = (id: string) => withDetail('cloudtrail-tag', { requestParameters: { resourceARN: arnOf(id), tags: [] } });
const createOf = (id: string) => withDetail('cloudtrail-create', { responseElements: { jobArn: arnOf(id) } });

describe('a batch of messages', () => {
  it('writes what Bedrock says, not what the event says', async () => {
    const { handle, jobs } = setUp();
    expect(await handle(aboutJob('1'))).toEqual([]);
    expect(jobs.records.get(arnOf('1'))).toMatchObject({ status: 'InProgress', observed_via: 'event' });
  });

  it('costs one look for several messages about one job', async () => {
    const { handle, gets } = setUp();
    const short = stateChange(shortArn('1'), 'job-1');
    expect(await handle(aboutJob('1'), tagOf('1'), short, aboutJob('1'), aboutJob('2'))).toEqual([]);
    expect(gets()).toEqual(['1', '2'].map((id) => `GetModelCustomizationJob ${arnOf(id)}`));
  });

  it('asks by name for a job whose event has a short ARN', async () => {
    const { handle, gets, jobs } = setUp();
    await handle(stateChange(shortArn('1'), 'job-1'));
    expect(gets()).toEqual(['GetModelCustomizationJob job-1']);
    expect(jobs.records.has(arnOf('1'))).toBe(true);
  });

  it('fails a message whose name belongs to another job, and writes nothing for it', async () => {
    const { handle, jobs, bedrock, log } = setUp();
    expect(await handle(stateChange(shortArn('abcdefghwxyz'), 'job-1'), aboutJob('2'))).toEqual(['m0']);
    expect([...jobs.records.keys()]).toEqual([arnOf('2')]);
    expect(bedrock.calls).not.toContain(`ListTagsForResource ${arnOf('1')}`);
    expect(log.error).toHaveBeenCalledWith(
      'message failed',
      expect.objectContaining({
        error_code: 'ANOTHER_JOB',
        error_message: expect.stringMatching(/about job abcdefghwxyz .*000000000001 for its name "job-1"/) as unknown,
      }),
    );
  });

  it('looks at a name by itself: a message with an id and that name may be about another job', async () => {
    const { handle, jobs } = setUp();
    const byName = withDetail('cloudtrail-stop-by-name', { requestParameters: { jobIdentifier: 'job-1' } });
    expect(await handle(stateChange(arnOf('2'), 'job-1'), byName)).toEqual([]);
    expect([...jobs.records.keys()].sort()).toEqual([arnOf('1'), arnOf('2')]);
  });

  it.each<[what: string, bodies: unknown[], failed: string[], written: string[], code: string]>([
    [
      'it cannot read',
      ['nonsense', aboutJob('1'), {}, aboutJob('2')],
      ['m0', 'm2'],
      ['1', '2'],
      'MESSAGE_NOT_UNDERSTOOD',
    ],
    ['about an unknown job', [aboutJob('9'), aboutJob('1'), tagOf('9')], ['m0', 'm2'], ['1'], 'JOB_NOT_FOUND'],
    ['if all fail, without an error of the function', ['a', 'b'], ['m0', 'm1'], [], 'MESSAGE_NOT_UNDERSTOOD'],
  ])('fails only the messages %s, and logs why', async (_what, bodies, failed, written, code) => {
    const { handle, jobs, log } = setUp();
    expect(await handle(...bodies)).toEqual(failed);
    expect([...jobs.records.keys()].sort()).toEqual(written.map((id) => arnOf(id)));
    expect(log.error).toHaveBeenCalledWith(
      'message failed',
      expect.objectContaining({ message_id: failed[0], error_code: code }),
    );
  });

  it('ignores denied calls and other resources without a call', async () => {
    const { handle, bedrock } = setUp();
    expect(await handle(event('cloudtrail-create-denied'), event('cloudtrail-tag-other-resource'))).toEqual([]);
    expect(bedrock.calls).toEqual([]);
  });

  it('logs no hyperparameters, data locations or failure messages', async () => {
    const { handle, log } = setUp();
    await handle(aboutJob('1'), 'nonsense');
    expect(JSON.stringify([log.info.mock.calls, log.error.mock.calls])).not.toMatch(/s3:|hyper|learningRate/i);
  });
});

describe('the metrics of looks', () => {
  const looks = (outcome: string, ...values: number[]) =>
    `JobsTracked Count{service=tracker-a,outcome=${outcome}} ${values.join(' ')}`;
  const latency = (...values: number[]) => `EventToRecordLatency Milliseconds{service=tracker-a} ${values.join(' ')}`;

  it.each<[what: string, bodies: unknown[], readings: string[]]>([
    ['a new record, and its time since the event', [aboutJob('1', ago(2_500))], [looks('created', 1), latency(2_500)]],
    [
      'one look for several messages, and the time since the earliest event',
      [100, 9_000, undefined, 300].map((ms) => aboutJob('1', ms === undefined ? 'no time' : ago(ms))),
      [looks('created', 1), latency(9_000)],
    ],
    [
      'each job of a batch',
      [aboutJob('1', ago(100)), aboutJob('2', ago(200))],
      [looks('created', 1, 1), latency(100, 200)],
    ],
    [
      'an event of the next second as one of now, as clocks differ',
      [aboutJob('1', ago(-750))],
      [looks('created', 1), latency(0)],
    ],
    ['no latency without the time of an event', [aboutJob('1', 'yesterday')], [looks('created', 1)]],
    ['nothing for messages without a job', ['nonsense', event('cloudtrail-create-denied')], []],
  ])('count %s', async (_what, bodies, readings) => {
    expect(await setUp().looksFor(...bodies)).toEqual(readings);
  });

  it('count a change with its latency, and a look without a change without one', async () => {
    const { bedrock, looksFor } = setUp();
    await looksFor(aboutJob('1'));
    expect(await looksFor(aboutJob('1', ago(1_000)))).toEqual([looks('unchanged', 1)]);
    bedrock.answers.set(arnOf('1'), runningJob('1', 0, { status: 'Stopping', lastModifiedTime: new Date(NOW) }));
    expect(await looksFor(aboutJob('1', ago(400)))).toEqual([looks('updated', 1), latency(400)]);
  });

  it('count a look that sees only an older state as stale', async () => {
    const { bedrock, looksFor } = setUp();
    const ended = { status: 'Completed', endTime: new Date(NOW), lastModifiedTime: new Date(NOW) };
    bedrock.answers.set(arnOf('1'), runningJob('1', 0, ended));
    await looksFor(aboutJob('1'));
    bedrock.answers.set(arnOf('1'), runningJob('1'));
    // The first such look adds a transition, the second nothing.
    await looksFor(aboutJob('1'));
    expect(await looksFor(aboutJob('1'))).toEqual([looks('stale', 1)]);
  });

  it('count a failed look once for all of its messages', async () => {
    const { bedrock, looksFor } = setUp();
    bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new Error('not allowed'));
    expect(await looksFor(aboutJob('1'), aboutJob('1'), aboutJob('2', ago(1)))).toEqual([
      looks('failed', 1),
      looks('created', 1),
      latency(1),
    ]);
  });
});

describe('the metric of missed events', () => {
  const CREATED = 'EventsMissed Count{service=tracker-a,event=creation}';
  const CHANGED = 'EventsMissed Count{service=tracker-a,event=state-change}';

  it('counts 0 for each event that came, even if a sweep was faster', async () => {
    const { bedrock, eventsFor } = setUp();
    expect(await eventsFor(createOf('1'))).toEqual([`${CREATED} 0`]);
    bedrock.answers.set(arnOf('1'), runningJob('1', 0, { status: 'Stopping', lastModifiedTime: new Date(NOW) }));
    expect(await eventsFor(aboutJob('1'), aboutJob('1'))).toEqual([`${CHANGED} 0 0`]);
  });

  it('takes the state change of a job that is InProgress for its creation', async () => {
    expect(await setUp().eventsFor(aboutJob('1'))).toEqual([`${CREATED} 0`]);
  });

  it('leaves out events whose look failed, as they come again', async () => {
    const { bedrock, eventsFor } = setUp();
    bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new Error('not allowed'));
    expect(await eventsFor(aboutJob('1'))).toEqual([]);
  });
});
