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

/** What the event's makers decide: everything but ids. */
const comparable = ({ id: _, ...rest }: SimulatedEvent) => rest;

describe('Model Customization Job State Change', () => {
  it('is the observed event of a completed job', () => {
    const observed = event('state-change-completed');
    const made = stateChangeEvent(job('fine-tuning-completed'), scope, Date.parse(observed.time), false);
    expect(comparable(made)).toEqual(comparable(observed));
    expect(made.id).toMatch(/^[\da-f-]{36}$/);
  });

  it('is the observed event of a stopped job', () => {
    const observed = event('state-change-stopped');
    const made = stateChangeEvent(
      job('fine-tuning-stopped'),
      { ...scope, region: 'us-east-1' },
      Date.parse(observed.time),
      false,
    );
    expect(comparable(made)).toEqual(comparable(observed));
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
  it('repeats as many as asked, with the same id', async () => {
    expect((await deliver({ duplicateProbability: 1 }, 2)).heard).toEqual(['0', '0', '1', '1']);
  });
  it('holds one back behind the next', async () => {
    expect((await deliver({ reorderProbability: 1 }, 4)).heard).toEqual(['1', '0', '3', '2']);
  });
  it('does not hold the last one back for ever', async () => {
    const { heard, time } = await deliver({ reorderProbability: 1 }, 1);
    expect(heard).toEqual([]);
    await time.advance(1000);
    expect(heard).toEqual(['0']);
  });
  it('delays by the simulated time', async () => {
    const { heard, time } = await deliver({ delayMs: 500 }, 2, 499);
    expect(heard).toEqual([]);
    await time.advance(1);
    expect(heard).toEqual(['0', '1']);
  });
  it('is silent once closed or unsubscribed, and leaves no timer behind', async () => {
    const { heard, time, delivery } = await deliver({ delayMs: 500 }, 2);
    delivery.close();
    expect(time.pending).toBe(0);
    await time.advance(1000);
    expect(heard).toEqual([]);
  });
});
