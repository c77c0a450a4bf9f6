import { describe, expect, it } from '@jest/globals';
import {
  AccessDeniedException,
  CreateModelCustomizationJobCommand as Create,
  GetModelCustomizationJobCommand as Get,
  InternalServerException,
  ListModelCustomizationJobsCommand as List,
  ListTagsForResourceCommand as ListTags,
  ThrottlingException,
} from '@aws-sdk/client-bedrock';
import { clientOf, jobInput, startStill } from '../../support/integration/simulator.ts';
import { DAY } from '../../../lib/domain/time.ts';

describe('faults', () => {
  it('throttles each scope by its own bucket, and counts what was throttled', async () => {
    const { simulator, client, time } = await startStill();
    const other = clientOf(simulator, '111111111111');
    simulator.faults = { throttle: { ratePerSecond: 2, burst: 2 } };
    await client.send(new List({}));
    await client.send(new List({}));
    const error: unknown = await client.send(new List({})).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ThrottlingException);
    expect(error).toMatchObject({
      message: 'Too many requests, please wait before trying again.',
      $metadata: { httpStatusCode: 429 },
    });
    await other.send(new List({}));
    await time.advance(500);
    await client.send(new List({}));
    expect(simulator.counts()).toMatchObject({
      received: { ListModelCustomizationJobs: 5, GetModelCustomizationJob: 0 },
      throttled: { ListModelCustomizationJobs: 1, GetModelCustomizationJob: 0 },
    });
    simulator.resetCounts();
    expect(simulator.counts().received.ListModelCustomizationJobs).toBe(0);
  });

  it('denies an operation, or an operation on one job however it is named', async () => {
    const { simulator, client } = await startStill();
    const { jobArn } = await client.send(new Create(jobInput('secret')));
    await client.send(new Create(jobInput('open')));
    simulator.faults = {
      accessDenied: [
        'GetModelCustomizationJob:secret',
        'ListTagsForResource:secret',
        'CreateModelCustomizationJob:new',
        'ListModelCustomizationJobs',
      ],
    };
    const denied = [
      client.send(new Get({ jobIdentifier: 'secret' })),
      client.send(new Get({ jobIdentifier: jobArn })),
      client.send(new ListTags({ resourceARN: jobArn })),
      client.send(new Create(jobInput('new'))),
      client.send(new List({})),
    ];
    for (const call of await Promise.allSettled(denied))
      expect((call as PromiseRejectedResult).reason).toBeInstanceOf(AccessDeniedException);
    expect((await client.send(new Get({ jobIdentifier: 'open' }))).jobName).toBe('open');
    await client.send(new Create(jobInput('newer')));
  });

  it('fails as often as asked, by the seed', async () => {
    const outcomes = async (seed: number) => {
      const { client } = await startStill({ seed, faults: { failProbability: 0.5 } });
      const calls: string[] = [];
      for (let count = 0; count < 30; count += 1)
        calls.push(await client.send(new List({})).then(() => 'ok', (error: unknown) => (error instanceof InternalServerException ? 'failed' : 'other'))); // prettier-ignore
      return calls;
    };
    const first = await outcomes(1);
    expect(new Set(first)).toEqual(new Set(['ok', 'failed']));
    expect(await outcomes(1)).toEqual(first);
    expect(await outcomes(2)).not.toEqual(first);
  });

  it('does not change the lives that the seed gives', async () => {
    const lifeOf = async (faults: object) => {
      const { client, simulator, time } = await startStill({ seed: 4, failureRate: 0.5, faults });
      for (let count = 0; count < 5; count += 1)
        await client.send(new Create(jobInput(`job-${count}`, { clientRequestToken: `token-${count}` })));
      await time.advance(DAY);
      return [...simulator.jobs()];
    };
    expect(await lifeOf({ events: { dropProbability: 0.5, duplicateProbability: 0.5 } })).toEqual(await lifeOf({}));
  });

  it('lets List and Get tell the times of the same job differently', async () => {
    const { simulator, client } = await startStill();
    const creationTime = '2026-08-01T10:00:00.121Z';
    const lastModifiedTime = '2026-08-01T10:00:00.122Z';
    const endTime = '2026-08-01T10:00:00.123Z';
    const statusDetails = { trainingDetails: { status: 'Completed', creationTime, lastModifiedTime } };
    await client.send(new Create(jobInput('job')));
    const ended = { status: 'Completed', creationTime, lastModifiedTime, endTime, statusDetails };
    simulator.load([...simulator.jobs()].map(({ job }) => ({ job: { ...job, ...ended } })));
    const ask = async () => {
      const { modelCustomizationJobSummaries: [listed] = [] } = await client.send(new List({}));
      const got = await client.send(new Get({ jobIdentifier: 'job' }));
      return [listed, got].map((told) => {
        const training = told?.statusDetails?.trainingDetails;
        const ofJob = [told?.creationTime, told?.lastModifiedTime, told?.endTime];
        return [...ofJob, training?.creationTime, training?.lastModifiedTime].map((time) => time?.getTime());
      });
    };
    const exact = [creationTime, lastModifiedTime, endTime, creationTime, lastModifiedTime].map(Date.parse);
    const toTheSecond = exact.map((time) => time - (time % 1000));
    const modified = (ms: number) => exact.with(1, Date.parse(lastModifiedTime) + ms);
    expect(await ask()).toEqual([exact, exact]);
    simulator.faults = { list: { timePrecision: 'seconds' } };
    expect(await ask()).toEqual([toTheSecond, exact]);
    simulator.faults = { get: { timePrecision: 'seconds' } };
    expect(await ask()).toEqual([exact, toTheSecond]);
    simulator.faults = { list: { modifiedOffsetMs: -90_000 } };
    expect(await ask()).toEqual([modified(-90_000), exact]);
    simulator.faults = { list: { modifiedOffsetMs: 1 } };
    expect(await ask()).toEqual([modified(1), exact]);
  });

  it('slows calls down', async () => {
    const { simulator, client } = await startStill({ faults: { latencyMs: 60 } });
    const started = performance.now();
    await client.send(new List({}));
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
    simulator.faults = {};
    expect(simulator.faults.latencyMs).toBe(0);
  });

  it('is read and replaced over HTTP, whole or not at all', async () => {
    const { simulator } = await startStill();
    const url = `${simulator.url}/_simulator/faults`;
    const put = async (body: unknown) => {
      const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
      return { status: answer.status, body: (await answer.json()) as unknown };
    };
    expect((await put({ latencyMs: 3, throttle: { ratePerSecond: 5, burst: 9 } })).status).toBe(200);
    expect((await put({ failProbability: 0.25 })).body).toEqual(simulator.faults);
    expect(simulator.faults).toMatchObject({ failProbability: 0.25, latencyMs: 0, throttle: null });
    const refused = await put({ latencyMs: 1, failProbability: 7 });
    expect(refused).toEqual({
      status: 400,
      body: { message: 'These faults are not valid: failProbability must be between 0 and 1.' },
    });
    expect(await (await fetch(url)).json()).toEqual(simulator.faults);
    expect(simulator.faults).toMatchObject({ failProbability: 0.25, latencyMs: 0 });
    expect(() => (simulator.faults = { latencyMs: -1 })).toThrow(TypeError);
  });

  it('tells and resets counts over HTTP', async () => {
    const { simulator, client } = await startStill();
    await client.send(new List({}));
    await client.send(new Get({ jobIdentifier: 'nobody' })).catch(() => undefined);
    const counts = `${simulator.url}/_simulator/counts`;
    expect(await (await fetch(counts)).json()).toMatchObject({
      received: { ListModelCustomizationJobs: 1, GetModelCustomizationJob: 1 },
    });
    await fetch(`${counts}/reset`, { method: 'POST' });
    expect(await (await fetch(counts)).json()).toMatchObject({
      received: { ListModelCustomizationJobs: 0, GetModelCustomizationJob: 0 },
    });
  });
});
