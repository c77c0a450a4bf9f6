import { describe, expect, it, jest } from '@jest/globals';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { makeHandler } from '../../../lambdas/track-job/handler.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { emfOf, readingsOf } from '../../support/emf.ts';
import { readFixture } from '../../support/fixtures.ts';
import { memoryJobStore } from '../../support/memory-stores.ts';
import { lambdaContext, sqsEvent } from '../../support/sqs-event.ts';

const NOW = Date.parse('2026-01-02T00:00:00.000Z');
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

/** A function whose clock stands still, and what it prints for batches, each by itself. */
const setUp = () => {
  const bedrock = fakeBedrock(runningJob('1'), runningJob('2'));
  const jobs = memoryJobStore();
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const allPrintedFor = async (...bodies: readonly unknown[]): Promise<string[]> =>
    readingsOf(
      await emfOf(async (metrics) => {
        const deps = { bedrockOf: bedrock.bedrockOf, jobs, clock: () => new Date(NOW), log, metrics };
        const handler = middy<SQSEvent, unknown>().use(logMetrics(metrics)).handler(makeHandler(deps));
        await handler(sqsEvent(...bodies), lambdaContext());
      }),
    );
  const printedFor = async (...bodies: readonly unknown[]) =>
    (await allPrintedFor(...bodies)).filter((reading) => !reading.startsWith('EventsMissed '));
  const eventsFor = async (...bodies: readonly unknown[]) =>
    (await allPrintedFor(...bodies)).filter((reading) => reading.startsWith('EventsMissed '));
  return { bedrock, jobs, printedFor, eventsFor };
};

const aboutJob = (id: string, time: unknown = ago(0)) => ({
  ...(readFixture('events/state-change-completed.json') as Record<string, unknown>),
  region: 'us-east-1',
  detail: { jobArn: arnOf(id), jobName: `job-${id}` },
  time,
});

describe('track-job measures', () => {
  it('a record that is new, and how long after the event it was there', async () => {
    expect(await setUp().printedFor(aboutJob('1', ago(2_500)))).toEqual([
      'JobsTracked Count{service=tracker-a,outcome=created} 1',
      'EventToRecordLatency Milliseconds{service=tracker-a} 2500',
    ]);
  });

  it('a change, and how long after its event the record showed it', async () => {
    const { bedrock, printedFor } = setUp();
    await printedFor(aboutJob('1'));
    bedrock.answers.set(arnOf('1'), runningJob('1', 0, { status: 'Stopping', lastModifiedTime: new Date(NOW) }));
    expect(await printedFor(aboutJob('1', ago(400)))).toEqual([
      'JobsTracked Count{service=tracker-a,outcome=updated} 1',
      'EventToRecordLatency Milliseconds{service=tracker-a} 400',
    ]);
  });

  it('no latency of a look that wrote nothing: the record showed it before', async () => {
    const { printedFor } = setUp();
    await printedFor(aboutJob('1'));
    expect(await printedFor(aboutJob('1', ago(1_000)))).toEqual([
      'JobsTracked Count{service=tracker-a,outcome=unchanged} 1',
    ]);
  });

  it('a look that brings nothing but old news as stale', async () => {
    const { bedrock, printedFor } = setUp();
    const ended = { status: 'Completed', endTime: new Date(NOW), lastModifiedTime: new Date(NOW) };
    bedrock.answers.set(arnOf('1'), runningJob('1', 0, ended));
    await printedFor(aboutJob('1'));
    bedrock.answers.set(arnOf('1'), runningJob('1'));
    // The first look back in time adds what it alone saw; the second has nothing to add.
    await printedFor(aboutJob('1'));
    expect(await printedFor(aboutJob('1'))).toEqual(['JobsTracked Count{service=tracker-a,outcome=stale} 1']);
  });

  it('one look that answers several messages once, from the earliest event', async () => {
    const times = [ago(100), ago(9_000), 'no time', ago(300)];
    expect(await setUp().printedFor(...times.map((time) => aboutJob('1', time)))).toEqual([
      'JobsTracked Count{service=tracker-a,outcome=created} 1',
      'EventToRecordLatency Milliseconds{service=tracker-a} 9000',
    ]);
  });

  it('each job of a batch by itself', async () => {
    expect(await setUp().printedFor(aboutJob('1', ago(100)), aboutJob('2', ago(200)))).toEqual([
      'JobsTracked Count{service=tracker-a,outcome=created} 1 1',
      'EventToRecordLatency Milliseconds{service=tracker-a} 100 200',
    ]);
  });

  it('an event of the next second as one of now: clocks differ', async () => {
    expect(await setUp().printedFor(aboutJob('1', ago(-750)))).toContain(
      'EventToRecordLatency Milliseconds{service=tracker-a} 0',
    );
  });

  it('no latency from an event without a time', async () => {
    expect(await setUp().printedFor(aboutJob('1', 'yesterday'))).toEqual([
      'JobsTracked Count{service=tracker-a,outcome=created} 1',
    ]);
  });

  it('a look that failed, once for all of its messages', async () => {
    const { bedrock, printedFor } = setUp();
    bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new Error('not allowed'));
    expect(await printedFor(aboutJob('1'), aboutJob('1'), aboutJob('2', ago(1)))).toEqual([
      'JobsTracked Count{service=tracker-a,outcome=failed} 1',
      'JobsTracked Count{service=tracker-a,outcome=created} 1',
      'EventToRecordLatency Milliseconds{service=tracker-a} 1',
    ]);
  });

  it('nothing of messages that lead to no job', async () => {
    const { printedFor } = setUp();
    expect(await printedFor('nonsense', readFixture('events/cloudtrail-create-denied.json'))).toEqual([]);
  });
});

describe('track-job counts the events that came', () => {
  const CREATED = 'EventsMissed Count{service=tracker-a,event=creation}';
  const CHANGED = 'EventsMissed Count{service=tracker-a,event=state-change}';
  const create = (id: string) => ({
    ...(readFixture('events/cloudtrail-create.json') as { detail: object }),
    region: 'us-east-1',
    detail: {
      ...(readFixture('events/cloudtrail-create.json') as { detail: object }).detail,
      responseElements: { jobArn: arnOf(id) },
    },
  });
  const stopping = (id: string) => runningJob(id, 0, { status: 'Stopping', lastModifiedTime: new Date(NOW) });

  it('by what each tells, also where a sweep was faster', async () => {
    const { bedrock, eventsFor } = setUp();
    expect(await eventsFor(create('1'))).toEqual([`${CREATED} 0`]);
    bedrock.answers.set(arnOf('1'), stopping('1'));
    expect(await eventsFor(aboutJob('1'), aboutJob('1'))).toEqual([`${CHANGED} 0 0`]);
  });

  it('as of its creation while a job is InProgress, as it was created', async () => {
    expect(await setUp().eventsFor(aboutJob('1'))).toEqual([`${CREATED} 0`]);
  });

  it('but not those whose look failed: they come again', async () => {
    const { bedrock, eventsFor } = setUp();
    bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new Error('not allowed'));
    expect(await eventsFor(aboutJob('1'))).toEqual([]);
  });
});
