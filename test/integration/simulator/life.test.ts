import { describe, expect, it } from '@jest/globals';
import {
  CreateModelCustomizationJobCommand as Create,
  GetModelCustomizationJobCommand as Get,
  ListModelCustomizationJobsCommand as List,
  StopModelCustomizationJobCommand as Stop,
  ListTagsForResourceCommand as ListTags,
  TagResourceCommand as Tag,
  UntagResourceCommand as Untag,
} from '@aws-sdk/client-bedrock';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BedrockSimulator, type SimulatedEvent, startBedrockSimulator } from '../../../lib/simulator/index.ts';
import { DAY } from '../../../lib/domain/time.ts';
import { VirtualClock } from '../../../lib/simulator/clock.ts';
import { clientOf, jobInput, start, startStill, until } from '../../support/integration/simulator.ts';

/** What a listener hears: `InProgress a-job`, `TagResource`, `StopModelCustomizationJob ConflictException`. */
const hear = (simulator: BedrockSimulator) => {
  const heard: string[] = [];
  const events: SimulatedEvent[] = [];
  simulator.onEvent((event) => {
    const { jobStatus, jobName, eventName, errorCode } = event.detail as Record<string, string>;
    events.push(event);
    heard.push([jobStatus ?? eventName, jobName ?? errorCode].filter(Boolean).join(' '));
  });
  return { heard, events };
};

describe('a life', () => {
  it('goes to its end by itself, by the real clock', async () => {
    const simulator = await start({ speed: 1e6 });
    const client = clientOf(simulator);
    const { heard } = hear(simulator);
    await client.send(new Create(jobInput('quick')));
    await until(() => (heard.includes('Completed quick') ? true : undefined));
    expect(await client.send(new Get({ jobIdentifier: 'quick' }))).toMatchObject({
      status: 'Completed',
      outputModelArn: expect.any(String),
      trainingMetrics: { trainingLoss: expect.any(Number) },
    });
    expect(heard).toEqual(['InProgress quick', 'CreateModelCustomizationJob', 'Completed quick']);
  });

  it('announces each change of the job’s own status once, at its time, and each change that was asked for', async () => {
    const { simulator, client, time } = await startStill();
    const { heard, events } = hear(simulator);
    const { jobArn: resourceARN } = await client.send(new Create(jobInput('told')));
    await client.send(new Tag({ resourceARN, tags: [{ key: 'a', value: 'b' }] }));
    await client.send(new Untag({ resourceARN, tagKeys: ['a'] }));
    await client.send(new ListTags({ resourceARN }));
    await client.send(new Get({ jobIdentifier: 'told' }));
    await time.advance(1_000_000);
    await client.send(new Stop({ jobIdentifier: resourceARN }));
    await time.advance(DAY);
    await client.send(new Stop({ jobIdentifier: 'told' })).catch(() => undefined);
    await client.send(new Create(jobInput('told'))).catch(() => undefined);
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
    expect(events[1]?.detail).toMatchObject({
      responseElements: { jobArn: resourceARN },
      requestParameters: { jobName: 'told' },
    });
    expect(events[5]?.detail).toMatchObject({
      responseElements: null,
      requestParameters: { jobIdentifier: resourceARN },
    });
    const ended = simulator.truth(resourceARN ?? '')?.job;
    expect(events[6]).toMatchObject({ time: `${ended?.endTime?.slice(0, 19) ?? ''}Z`, resources: [resourceARN] });
  });

  it('tells of calls that were denied or throttled, too', async () => {
    const { simulator, client } = await startStill({ faults: { accessDenied: ['TagResource'] } });
    const { heard, events } = hear(simulator);
    await client.send(new Tag({ resourceARN: 'identifier-of-something', tags: [] })).catch(() => undefined);
    simulator.faults = { throttle: { ratePerSecond: 0, burst: 0 } };
    await client.send(new Create(jobInput('late'))).catch(() => undefined);
    expect(heard).toEqual(['TagResource AccessDenied', 'CreateModelCustomizationJob ThrottlingException']);
    for (const { detail } of events)
      expect(detail).toMatchObject({ responseElements: null, errorMessage: expect.any(String) });
  });

  it('sends the documented short ARNs where asked, and the steering’s end', async () => {
    const { simulator, client } = await startStill({ faults: { events: { shortArns: true } } });
    const { heard, events } = hear(simulator);
    const { jobArn = '' } = await client.send(new Create(jobInput('short')));
    await fetch(`${simulator.url}/_simulator/jobs/short`, {
      method: 'POST',
      body: '{"status":"Failed","failureMessage":"x"}',
    });
    expect(heard).toEqual(['InProgress short', 'CreateModelCustomizationJob', 'Failed short']);
    const short = jobArn.replace(/model-customization-job\/.*\//, 'model-customization-job/');
    expect(events[2]).toMatchObject({ resources: [short], detail: { jobArn: short, failureMessage: 'x' } });
  });

  it('tells a listener that unsubscribed nothing more', async () => {
    const { simulator, client } = await startStill();
    const heard: string[] = [];
    const unsubscribe = simulator.onEvent(({ id }) => heard.push(id));
    await client.send(new Create(jobInput('one')));
    unsubscribe();
    await client.send(new Create(jobInput('two')));
    expect(heard).toHaveLength(2);
  });
});

describe('a state file', () => {
  const withDirectory = async (test: (stateFile: string, directory: string) => Promise<void>) => {
    const directory = await mkdtemp(join(tmpdir(), 'simulator-'));
    try {
      await test(join(directory, 'nested', 'state.json'), directory);
    } finally {
      await rm(directory, { recursive: true });
    }
  };
  const startOn = async (stateFile: string, time: VirtualClock) => {
    const simulator = await startBedrockSimulator({
      stateFile,
      speed: 1,
      failureRate: 0,
      clock: time,
    });
    return { simulator, client: clientOf(simulator), ...hear(simulator) };
  };

  it('lets lives, tags, tokens and pages go on after a restart; what happened meanwhile sends no event', () =>
    withDirectory(async (stateFile) => {
      const time = new VirtualClock();
      const first = await startOn(stateFile, time);
      const input = jobInput('long', { clientRequestToken: 'token', jobTags: [{ key: 'a', value: 'b' }] });
      const { jobArn = '' } = await first.client.send(new Create(input));
      await first.client.send(new Create(jobInput('halted')));
      await first.client.send(new Create(jobInput('ended')));
      const { nextToken } = await first.client.send(new List({ maxResults: 1 }));
      await time.advance(700_000);
      await first.client.send(new Stop({ jobIdentifier: 'halted' }));
      await fetch(`${first.simulator.url}/_simulator/jobs/ended`, { method: 'POST', body: '{"status":"Completed"}' });
      const before = [...first.simulator.jobs()];
      await first.simulator.close();
      expect(time.pending).toBe(0);

      const second = await startOn(stateFile, time);
      expect([...second.simulator.jobs()]).toEqual(before);
      const [{ jobName: running } = {}] = [...second.simulator.jobs()].map(({ job }) => job);
      expect(running).toBe('long');
      expect((await second.client.send(new Create(input))).jobArn).toBe(jobArn);
      expect(
        (await second.client.send(new List({ maxResults: 5, nextToken }))).modelCustomizationJobSummaries,
      ).toHaveLength(2);
      await second.simulator.close();

      await time.advance(DAY);
      const third = await startOn(stateFile, time);
      expect([...third.simulator.jobs()].map(({ job }) => job.status)).toEqual(['Completed', 'Stopped', 'Completed']);
      expect(third.simulator.truth(jobArn)?.tags).toEqual({ a: 'b' });
      expect(
        (await third.client.send(new List({ statusEquals: 'Stopped' }))).modelCustomizationJobSummaries,
      ).toHaveLength(1);
      await third.client.send(new Create(jobInput('fresh')));
      expect(third.heard).toEqual(['InProgress fresh', 'CreateModelCustomizationJob']);
      await time.advance(DAY);
      expect(third.heard).toContain('Completed fresh');
      const arns = [...third.simulator.jobs()].map(({ job }) => job.jobArn);
      expect(new Set(arns).size).toBe(4);
      await third.simulator.close();
    }));

  it('is written soon after a change, whole, and leaves no other file behind', () =>
    withDirectory(async (stateFile, directory) => {
      const simulator = await start({ stateFile, speed: 1 });
      expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toMatchObject({ jobs: [] });
      const client = clientOf(simulator);
      await Promise.all(Array.from({ length: 20 }, (_, n) => client.send(new Create(jobInput(`job-${n}`)))));
      await until(() =>
        (JSON.parse(readFileSync(stateFile, 'utf8')) as { jobs: unknown[] }).jobs.length === 20 ? true : undefined,
      );
      await simulator.close();
      expect(readdirSync(join(directory, 'nested'))).toEqual(['state.json']);
    }));

  it.each([
    ['is cut off', '{"format":"bedrock-simulator/1","jobs":['],
    ['is something else', '{"name":"package"}'],
    ['is empty', ''],
    [
      'holds a broken job',
      '{"format":"bedrock-simulator/1","random":1,"tokens":[],"jobs":[{"scope":{"accountId":"1","region":"x"}}]}',
    ],
  ])('that %s is refused with one error that names it and says what to do, and stays as it is', (_, contents) =>
    withDirectory(async (_nested, directory) => {
      const stateFile = join(directory, 'state.json');
      writeFileSync(stateFile, contents);
      const starting = startBedrockSimulator({ stateFile });
      await expect(starting).rejects.toThrow(`The simulator's state file ${stateFile} cannot be used (`);
      await expect(starting).rejects.toThrow('Move it away or delete it');
      expect(readFileSync(stateFile, 'utf8')).toBe(contents);
    }),
  );

  it('that cannot be written is refused at the start', () =>
    withDirectory(async (_nested, directory) => {
      writeFileSync(join(directory, 'file'), '');
      await expect(startBedrockSimulator({ stateFile: join(directory, 'file', 'state.json') })).rejects.toThrow(
        /state file .* cannot be used/,
      );
    }));
});

describe('starting and closing', () => {
  it('rejects with Node’s own error where the port is taken', async () => {
    const { port } = await start();
    await expect(startBedrockSimulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
  it('frees its port, its connections and its timers', async () => {
    const { simulator, client, time } = await startStill();
    await client.send(new Create(jobInput('one')));
    const { port } = simulator;
    await simulator.close();
    expect(time.pending).toBe(0);
    const again = await startBedrockSimulator({ port });
    expect(again.url).toBe(`http://127.0.0.1:${port}`);
    await again.close();
  });
});
