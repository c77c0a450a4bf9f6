import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { JobAnswer } from '../../../lib/simulator/life.ts';
import {
  type ApiCall,
  apiCallEvent,
  Delivery,
  type SimulatedEvent,
  stateChangeEvent,
} from '../../../lib/simulator/events.ts';
import { type FaultsInput, parseFaults } from '../../../lib/simulator/faults.ts';
import { seededRandom } from '../../../lib/simulator/random.ts';
import { VirtualClock } from '../../../lib/simulator/clock.ts';

const fixture = (path: string) => JSON.parse(readFileSync(`test/fixtures/${path}.json`, 'utf8')) as never;
const event = (name: string): SimulatedEvent => fixture(`events/${name}`);
const job = (name: string): JobAnswer => fixture(`jobs/${name}`);
const scope = { accountId: '123456789012', region: 'us-west-2' };

describe('Model Customization Job State Change', () => {
  it.each([
    ['completed', 'us-west-2'],
    ['stopped', 'us-east-1'],
  ])('is the observed event of a %s job', (status, region) => {
    const { id: _, ...observed } = event(`state-change-${status}`);
    const { id, ...made } = stateChangeEvent(
      job(`fine-tuning-${status}`),
      { ...scope, region },
      Date.parse(observed.time),
      false,
    );
    expect(made).toEqual(observed);
    expect(id).toMatch(/^[\da-f-]{36}$/);
  });

  it('has the documented short ARNs where asked', () => {
    const observed = event('state-change-failed-documented-shape');
    const truth: JobAnswer = {
      ...job('fine-tuning-failed'),
      validationDataConfig: { validators: [{ s3Uri: 's3://acme-ml-training-use1/copy/val.jsonl' }] },
    };
    const made = stateChangeEvent(truth, { ...scope, region: 'us-east-1' }, Date.parse(observed.time), true);
    // The sample writes its numbers in another way.
    const { hyperParameters: _, ...detail } = observed.detail;
    expect(made.resources).toEqual(observed.resources);
    expect(made.detail).toMatchObject(detail);
    expect(Object.keys(made.detail).sort()).toEqual(Object.keys(observed.detail).sort());
  });

  it('has no end, model or message before there is one', () => {
    const { detail } = stateChangeEvent(job('continued-pre-training-in-progress'), scope, 0, false);
    for (const absent of ['endTime', 'outputModelArn', 'failureMessage', 'validationDataConfig', 'status'])
      expect(detail).not.toHaveProperty(absent);
  });
});

describe('AWS API Call via CloudTrail', () => {
  const keysOf = (value: unknown, path = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, member]) => [`${path}${key}`, ...keysOf(member, `${path}${key}.`)])
      : [];
  const call = (observed: SimulatedEvent): ApiCall => {
    const { detail } = observed as unknown as {
      detail: Pick<ApiCall, 'requestParameters' | 'responseElements'> & {
        eventName: ApiCall['operation'];
        errorCode?: string;
      };
    };
    return {
      caller: { ...scope, accessKeyId: 'AKIA' },
      operation: detail.eventName,
      at: Date.parse(observed.time),
      requestId: 'request',
      userAgent: 'agent',
      requestParameters: detail.requestParameters,
      responseElements: detail.responseElements,
      ...(detail.errorCode !== undefined && {
        error: { code: detail.errorCode, message: 'The provided job name is currently in use.' },
      }),
    };
  };
  it.each([
    'cloudtrail-create',
    'cloudtrail-create-denied',
    'cloudtrail-stop-by-arn',
    'cloudtrail-stop-by-name',
    'cloudtrail-tag',
    'cloudtrail-untag',
  ])('has exactly the members of %s', (name) => {
    const observed = event(name);
    const made = apiCallEvent(call(observed));
    expect(keysOf(made).sort()).toEqual(keysOf(observed).sort());
    const told = [
      'eventName',
      'eventSource',
      'errorCode',
      'errorMessage',
      'requestParameters',
      'responseElements',
      'eventTime',
    ];
    for (const key of told) expect(made.detail[key]).toEqual(observed.detail[key]);
    expect(made).toMatchObject({
      source: observed.source,
      'detail-type': observed['detail-type'],
      time: observed.time,
    });
  });
});

describe('delivery', () => {
  const numbered = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...event('scheduled'), id: String(index) }));
  const deliver = async (faults: NonNullable<FaultsInput['events']>, count: number, wait = 0) => {
    const time = new VirtualClock();
    const heard: string[] = [];
    const delivery = new Delivery(seededRandom(5), time, () => parseFaults({ events: faults }).events);
    delivery.subscribe(({ id }) => heard.push(id));
    for (const each of numbered(count)) delivery.send(each);
    await time.advance(wait);
    return { heard, time, delivery };
  };

  it('hands on every event once, in order, and never before the sender is done', async () => {
    const delivery = new Delivery(seededRandom(1), new VirtualClock(), () => parseFaults({}).events);
    const heard: string[] = [];
    delivery.subscribe(({ id }) => heard.push(id));
    for (const each of numbered(3)) delivery.send(each);
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard).toEqual(['0', '1', '2']);
  });
  it('loses all of them when it is off, or as many as asked', async () => {
    expect((await deliver({ enabled: false }, 10)).heard).toEqual([]);
    const { length } = (await deliver({ dropProbability: 0.3 }, 1000)).heard;
    expect(length).toBeGreaterThan(640);
    expect(length).toBeLessThan(760);
  });
  it.each<[what: string, faults: NonNullable<FaultsInput['events']>, count: number, wait: number, heard: string]>([
    ['repeats as many as asked, with the same id', { duplicateProbability: 1 }, 2, 0, '0011'],
    ['holds one back behind the next', { reorderProbability: 1 }, 4, 0, '1032'],
    ['holds the last one back for a while', { reorderProbability: 1 }, 1, 0, ''],
    ['does not hold the last one back for ever', { reorderProbability: 1 }, 1, 1000, '0'],
    ['delays by the simulated time', { delayMs: 500 }, 2, 499, ''],
    ['delays no longer than that', { delayMs: 500 }, 2, 500, '01'],
  ])('%s', async (_what, faults, count, wait, heard) => {
    expect((await deliver(faults, count, wait)).heard.join('')).toBe(heard);
  });
  it('is silent once closed or unsubscribed, and leaves no timer behind', async () => {
    const { heard, time, delivery } = await deliver({ delayMs: 500 }, 2);
    delivery.close();
    expect(time.pending).toBe(0);
    await time.advance(1000);
    expect(heard).toEqual([]);
  });
});
