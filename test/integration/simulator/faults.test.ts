import { describe, expect, it } from '@jest/globals';
import { DAY } from '../../../lib/domain/time.ts';
import { callsOf, clientOf, errorOf, startStill } from '../../support/integration/simulator.ts';

describe('faults', () => {
  it('throttle each scope by its own bucket, and count what was throttled', async () => {
    const { simulator, list, get, time } = await startStill();
    const other = callsOf(clientOf(simulator, '111111111111'));
    simulator.faults = { throttle: { ratePerSecond: 2, burst: 2 } };
    await list();
    await list();
    expect(await errorOf(list())).toMatchObject({
      name: 'ThrottlingException',
      message: 'Too many requests, please wait before trying again.',
      $metadata: { httpStatusCode: 429 },
    });
    await other.list();
    await time.advance(500);
    await errorOf(get('nobody'));
    const counts = `${simulator.url}/_simulator/counts`;
    const told = async () => (await (await fetch(counts)).json()) as unknown;
    expect(simulator.counts()).toMatchObject({
      received: { ListModelCustomizationJobs: 4, GetModelCustomizationJob: 1 },
      throttled: { ListModelCustomizationJobs: 1, GetModelCustomizationJob: 0 },
    });
    expect(await told()).toEqual(simulator.counts());
    await fetch(`${counts}/reset`, { method: 'POST' });
    expect(await told()).toMatchObject({ received: { ListModelCustomizationJobs: 0, GetModelCustomizationJob: 0 } });
    await errorOf(list());
    simulator.resetCounts();
    expect(simulator.counts().received.ListModelCustomizationJobs).toBe(0);
  });

  it('deny an operation, or an operation on one job however it is named', async () => {
    const { simulator, create, get, list, tagsOf } = await startStill();
    const { jobArn } = await create('secret');
    await create('open');
    simulator.faults = {
      accessDenied: [
        'GetModelCustomizationJob:secret',
        'ListTagsForResource:secret',
        'CreateModelCustomizationJob:new',
        'ListModelCustomizationJobs',
      ],
    };
    for (const call of [get('secret'), get(jobArn), tagsOf(jobArn), create('new'), list()])
      expect(await errorOf(call)).toHaveProperty('name', 'AccessDeniedException');
    expect(await get('open')).toHaveProperty('jobName', 'open');
    await create('newer');
  });

  it('fail as many calls as asked, by the seed', async () => {
    const outcomes = async (seed: number) => {
      const { list } = await startStill({ seed, faults: { failProbability: 0.5 } });
      const errors: (Error | undefined)[] = [];
      for (let count = 0; count < 30; count += 1) errors.push((await errorOf(list())) as Error | undefined);
      return errors.map((error) => error?.name);
    };
    const first = await outcomes(1);
    expect(new Set(first)).toEqual(new Set([undefined, 'InternalServerException']));
    expect(await outcomes(1)).toEqual(first);
    expect(await outcomes(2)).not.toEqual(first);
  });

  it('do not change the lives that the seed gives', async () => {
    const livesWith = async (faults: object) => {
      const { create, simulator, time } = await startStill({ seed: 4, failureRate: 0.5, faults });
      for (let count = 0; count < 5; count += 1) await create(`job-${count}`, { clientRequestToken: `${count}` });
      await time.advance(DAY);
      return [...simulator.jobs()];
    };
    expect(await livesWith({ events: { dropProbability: 0.5, duplicateProbability: 0.5 } })).toEqual(
      await livesWith({}),
    );
  });

  describe('let List and Get tell the times of the same job differently:', () => {
    const creationTime = '2026-08-01T10:00:00.121Z';
    const lastModifiedTime = '2026-08-01T10:00:00.122Z';
    const endTime = '2026-08-01T10:00:00.123Z';
    const exact = [creationTime, lastModifiedTime, endTime, creationTime, lastModifiedTime].map(Date.parse);
    const toTheSecond = exact.map((time) => time - (time % 1000));
    const modified = (ms: number) => exact.with(1, Date.parse(lastModifiedTime) + ms);
    it.each([
      [{}, exact, exact],
      [{ list: { timePrecision: 'seconds' as const } }, toTheSecond, exact],
      [{ get: { timePrecision: 'seconds' as const } }, exact, toTheSecond],
      [{ list: { modifiedOffsetMs: -90_000 } }, modified(-90_000), exact],
      [{ list: { modifiedOffsetMs: 1 } }, modified(1), exact],
    ])('%j', async (faults, inList, inGet) => {
      const { simulator, create, get, list } = await startStill({ faults });
      await create('job');
      const statusDetails = { trainingDetails: { status: 'Completed', creationTime, lastModifiedTime } };
      const ended = { status: 'Completed', creationTime, lastModifiedTime, endTime, statusDetails };
      simulator.load([...simulator.jobs()].map(({ job }) => ({ job: { ...job, ...ended } })));
      const told = [(await list())[0], await get('job')].map((job) => {
        const training = job?.statusDetails?.trainingDetails;
        const times = [job?.creationTime, job?.lastModifiedTime, job?.endTime];
        return [...times, training?.creationTime, training?.lastModifiedTime].map((time) => time?.getTime());
      });
      expect(told).toEqual([inList, inGet]);
    });
  });

  it('slow calls down', async () => {
    const { list } = await startStill({ faults: { latencyMs: 60 } });
    const started = performance.now();
    await list();
    expect(performance.now() - started).toBeGreaterThanOrEqual(55);
  });

  it('are read and replaced over HTTP, whole or not at all', async () => {
    const { simulator } = await startStill();
    const url = `${simulator.url}/_simulator/faults`;
    const put = async (body: unknown) => {
      const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
      return { status: answer.status, body: (await answer.json()) as unknown };
    };
    expect((await put({ latencyMs: 3, throttle: { ratePerSecond: 5, burst: 9 } })).status).toBe(200);
    expect((await put({ failProbability: 0.25 })).body).toEqual(simulator.faults);
    expect(simulator.faults).toMatchObject({ failProbability: 0.25, latencyMs: 0, throttle: null });
    expect(await put({ latencyMs: 1, failProbability: 7 })).toEqual({
      status: 400,
      body: { message: 'These faults are not valid: failProbability must be between 0 and 1.' },
    });
    expect(await (await fetch(url)).json()).toEqual(simulator.faults);
    expect(simulator.faults).toMatchObject({ failProbability: 0.25, latencyMs: 0 });
    expect(() => (simulator.faults = { latencyMs: -1 })).toThrow(TypeError);
  });
});
