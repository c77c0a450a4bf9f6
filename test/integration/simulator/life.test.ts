import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BedrockSimulator, type SimulatedEvent, startBedrockSimulator } from '../../../lib/simulator/index.ts';
import { DAY } from '../../../lib/domain/time.ts';
import { VirtualClock } from '../../../lib/simulator/clock.ts';
import { callsOf, clientOf, errorOf, start, startStill } from '../../support/integration/simulator.ts';
import { eventually } from '../../support/integration/suite.ts';

/** What a listener hears: `InProgress a-job`, `TagResource`, `StopModelCustomizationJob ConflictException`. */
const hear = (simulator: BedrockSimulator) => {
  const heard: string[] = [];
  const events: SimulatedEvent[] = [];
  const unsubscribe = simulator.onEvent((event) => {
    const { jobStatus, jobName, eventName, errorCode } = event.detail as Record<string, string>;
    events.push(event);
    heard.push([jobStatus ?? eventName, jobName ?? errorCode].filter(Boolean).join(' '));
  });
  return { heard, events, unsubscribe };
};

describe('a life', () => {
  it('goes to its end by itself, by the real clock', async () => {
    const simulator = await start({ speed: 1e6 });
    const { create, get } = callsOf(clientOf(simulator));
    const { heard } = hear(simulator);
    await create('quick');
    await eventually(() => {
      expect(heard).toEqual(['InProgress quick', 'CreateModelCustomizationJob', 'Completed quick']);
    });
    expect(await get('quick')).toMatchObject({
      status: 'Completed',
      outputModelArn: expect.any(String),
      trainingMetrics: { trainingLoss: expect.any(Number) },
    });
  });

  it('announces each change of the job’s own status once, at its time, and each change that was asked for', async () => {
    const { simulator, create, get, stop, tag, tagsOf, untag, time } = await startStill();
    const { heard, events } = hear(simulator);
    const { jobArn } = await create('told');
    await tag(jobArn, [{ key: 'a', value: 'b' }]);
    await untag(jobArn, ['a']);
    await tagsOf(jobArn);
    await get('told');
    await time.advance(1_000_000);
    await stop(jobArn);
    await time.advance(DAY);
    await errorOf(stop('told'));
    await errorOf(create('told'));
    expect(heard).toEqual([
      'InProgress told',
      'CreateModelCustomizationJob',
      'TagResource',
      'UntagResource',
      'Stopping told',
      'StopModelCustomizationJob',
      'Stopped told',
      'StopModelCustomizationJob ConflictException',
      'CreateModelCustomizationJob ValidationException',
    ]);
    expect(events[1]?.detail).toMatchObject({ responseElements: { jobArn }, requestParameters: { jobName: 'told' } });
    expect(events[5]?.detail).toMatchObject({ responseElements: null, requestParameters: { jobIdentifier: jobArn } });
    const ended = simulator.truth(jobArn ?? '')?.job;
    expect(events[6]).toMatchObject({ time: `${ended?.endTime?.slice(0, 19) ?? ''}Z`, resources: [jobArn] });
  });

  it('tells of calls that were denied or throttled, too', async () => {
    const { simulator, create, tag } = await startStill({ faults: { accessDenied: ['TagResource'] } });
    const { heard, events } = hear(simulator);
    await errorOf(tag('identifier-of-something', []));
    simulator.faults = { throttle: { ratePerSecond: 0, burst: 0 } };
    await errorOf(create('late'));
    expect(heard).toEqual(['TagResource AccessDenied', 'CreateModelCustomizationJob ThrottlingException']);
    for (const { detail } of events)
      expect(detail).toMatchObject({ responseElements: null, errorMessage: expect.any(String) });
  });

  it('tells of the documented short ARNs where asked, of the steering’s end, and nothing to who unsubscribed', async () => {
    const { simulator, create, steer } = await startStill({ faults: { events: { shortArns: true } } });
    const { heard, events, unsubscribe } = hear(simulator);
    const { jobArn = '' } = await create('short');
    await steer('short', 'Failed', { failureMessage: 'x' });
    const short = jobArn.replace(/model-customization-job\/.*\//, 'model-customization-job/');
    expect(events[2]).toMatchObject({ resources: [short], detail: { jobArn: short, failureMessage: 'x' } });
    unsubscribe();
    await create('unheard');
    expect(heard).toEqual(['InProgress short', 'CreateModelCustomizationJob', 'Failed short']);
  });
});

describe('a state file', () => {
  let directory: string;
  let stateFile: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'simulator-'));
    stateFile = join(directory, 'nested', 'state.json');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('lets lives, tags, tokens and pages go on after a restart; what happened meanwhile sends no event', async () => {
    const time = new VirtualClock();
    const startOn = async () => {
      const started = await startStill({ stateFile, clock: time });
      return { ...started, ...hear(started.simulator), jobs: () => [...started.simulator.jobs()] };
    };
    const first = await startOn();
    const more = { clientRequestToken: 'token', jobTags: [{ key: 'a', value: 'b' }] };
    const { jobArn = '' } = await first.create('long', more);
    await first.create('halted');
    await first.create('ended');
    const { nextToken } = await first.page({ maxResults: 1 });
    await time.advance(700_000);
    await first.stop('halted');
    await first.steer('ended', 'Completed');
    const before = first.jobs();
    await first.simulator.close();
    expect(time.pending).toBe(0);

    const second = await startOn();
    expect(second.jobs()).toEqual(before);
    expect(before[0]?.job.jobName).toBe('long');
    expect((await second.create('long', more)).jobArn).toBe(jobArn);
    expect(await second.list({ maxResults: 5, nextToken })).toHaveLength(2);
    await second.simulator.close();

    await time.advance(DAY);
    const third = await startOn();
    expect(third.jobs().map(({ job }) => job.status)).toEqual(['Completed', 'Stopped', 'Completed']);
    expect(third.simulator.truth(jobArn)?.tags).toEqual({ a: 'b' });
    expect(await third.list({ statusEquals: 'Stopped' })).toHaveLength(1);
    await third.create('fresh');
    expect(third.heard).toEqual(['InProgress fresh', 'CreateModelCustomizationJob']);
    await time.advance(DAY);
    expect(third.heard).toContain('Completed fresh');
    expect(new Set(third.jobs().map(({ job }) => job.jobArn)).size).toBe(4);
    await third.simulator.close();
  });

  it('is written soon after a change, whole, and leaves no other file behind', async () => {
    const jobs = () => (JSON.parse(readFileSync(stateFile, 'utf8')) as { jobs: unknown[] }).jobs;
    const simulator = await start({ stateFile, speed: 1 });
    expect(jobs()).toEqual([]);
    const { create } = callsOf(clientOf(simulator));
    await Promise.all(Array.from({ length: 20 }, (_, n) => create(`job-${n}`)));
    await eventually(() => {
      expect(jobs()).toHaveLength(20);
    });
    await simulator.close();
    expect(readdirSync(join(directory, 'nested'))).toEqual(['state.json']);
  });

  const noScope = '{"scope":{"accountId":"1","region":"x"}}';
  it.each([
    ['is cut off', '{"format":"bedrock-simulator/1","jobs":['],
    ['is something else', '{"name":"package"}'],
    ['is empty', ''],
    ['holds a broken job', `{"format":"bedrock-simulator/1","random":1,"tokens":[],"jobs":[${noScope}]}`],
  ])('that %s is refused with one error that names it and says what to do, and stays as it is', async (_, contents) => {
    const file = join(directory, 'state.json');
    writeFileSync(file, contents);
    const error = (await errorOf(startBedrockSimulator({ stateFile: file }))) as Error;
    expect(error.message).toContain(`The simulator's state file ${file} cannot be used (`);
    expect(error.message).toContain('Move it away or delete it');
    expect(readFileSync(file, 'utf8')).toBe(contents);
  });

  it('that cannot be written is refused at the start', async () => {
    writeFileSync(join(directory, 'nested'), '');
    await expect(startBedrockSimulator({ stateFile })).rejects.toThrow(/state file .* cannot be used/);
  });
});

describe('starting and closing', () => {
  it('rejects with Node’s own error where the port is taken', async () => {
    const { port } = await start();
    await expect(startBedrockSimulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('frees its port, its connections and its timers', async () => {
    const { simulator, create, time } = await startStill();
    await create('one');
    const { port } = simulator;
    await simulator.close();
    expect(time.pending).toBe(0);
    expect((await start({ port })).url).toBe(`http://127.0.0.1:${port}`);
  });
});
