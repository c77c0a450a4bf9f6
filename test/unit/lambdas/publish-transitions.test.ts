import { describe, expect, it, jest } from '@jest/globals';
import type { DynamoDBRecord } from 'aws-lambda';
import { makeHandler } from '../../../lambdas/publish-transitions/handler.ts';
import { parseStreamRecord } from '../../../lambdas/publish-transitions/parse-stream-record.ts';
import { hasCode } from '../../../lib/domain/errors.ts';
import { notificationOf } from '../../../lib/domain/notification.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import type { AnyDetail } from '../../../lib/domain/transition-event.ts';
import {
  DEPLOYMENT,
  image,
  modelDetailOf,
  newModel,
  newRecord,
  streamEvent,
  streamRecord,
  THROUGHPUT,
  writeOf,
} from '../../support/transitions.ts';

const setUp = (refused?: string, redactFailureMessages = false) => {
  const published: AnyDetail[] = [];
  const counts: number[] = [];
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const handler = makeHandler({
    bus: {
      publish: (details) => {
        const fails = ({ job_arn }: AnyDetail) => job_arn === refused;
        published.push(...details.filter((detail) => !fails(detail)));
        return Promise.resolve(details.map((detail) => (fails(detail) ? new Error('refused') : undefined)));
      },
    },
    redactFailureMessages,
    log,
    count: (n) => counts.push(n),
  });
  const handle = async (...records: readonly DynamoDBRecord[]) =>
    (await handler(streamEvent(...records))).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  return { published, counts, log, handle };
};

const running = newRecord('continued-pre-training-in-progress');
const failed = newRecord('fine-tuning-failed');
const completed = newRecord('fine-tuning-completed');
const unreadable = streamRecord('MODIFY', { Keys: { job_arn: { S: 'x' } }, NewImage: { job_arn: { S: 'x' } } });
const withTags = (record: JobRecord, tags: Record<string, string>): JobRecord => ({ ...record, tags });

describe('the publish-transitions handler', () => {
  it('publishes, logs and counts the transitions of a new and of a changed record', async () => {
    const { handle, published, counts, log } = setUp();
    const before = { ...failed, transitions: failed.transitions.slice(0, 1) };
    expect(await handle(writeOf(undefined, running), writeOf(before, failed))).toEqual([]);
    expect(published.map(({ job_arn, task, to }) => [job_arn, task, to])).toEqual([
      ...running.transitions.map(({ task, to }) => [running.job_arn, task, to]),
      [failed.job_arn, undefined, 'Failed'],
    ]);
    expect(counts).toEqual([published.length]);
    expect(log.info).toHaveBeenLastCalledWith('transition published', {
      job_arn: failed.job_arn,
      task: undefined,
      to: 'Failed',
      via: 'event',
    });
  });

  it('redacts failure messages in events, and so in mails, if configured', async () => {
    const quoted = /Could not validate|marketing-training-use1|s3:/;
    const texts = (details: readonly AnyDetail[]) =>
      details.map((detail) => JSON.stringify(detail) + notificationOf(detail).message);
    const open = setUp();
    await open.handle(writeOf(undefined, failed));
    expect(texts(open.published).some((text) => quoted.test(text))).toBe(true);

    const redacted = setUp(undefined, true);
    await redacted.handle(writeOf(undefined, failed), writeOf(undefined, completed));
    expect(texts(redacted.published).filter((text) => quoted.test(text))).toEqual([]);
    const messages = redacted.published.map(({ job_arn, failure_message }) => [job_arn, failure_message]);
    expect(messages).toContainEqual([failed.job_arn, 'Redacted. Read the record for the failure message.']);
    expect(messages).toContainEqual([completed.job_arn, undefined]);
  });

  it('publishes nothing for a removed record or a change of tags', async () => {
    const { handle, published, counts } = setUp();
    const removed = streamRecord('REMOVE', { Keys: {}, OldImage: image(failed) });
    expect(await handle(removed, writeOf(failed, withTags(failed, { a: 'b' })))).toEqual([]);
    expect(published).toEqual([]);
    expect(counts).toEqual([0]);
  });

  it('fails only an unreadable record, and says why', async () => {
    const { handle, published, log } = setUp();
    expect(await handle(writeOf(undefined, failed), unreadable, writeOf(undefined, completed))).toEqual(['s1']);
    expect(new Set(published.map(({ job_arn }) => job_arn))).toEqual(new Set([failed.job_arn, completed.job_arn]));
    expect(log.error).toHaveBeenCalledWith(
      'transitions not published',
      expect.objectContaining({ sequence_number: 's1', job_arn: 'x', error_code: 'MESSAGE_NOT_UNDERSTOOD' }),
    );
  });

  it('fails a record with a refused transition, and counts what was published', async () => {
    const { handle, counts, log } = setUp(failed.job_arn);
    expect(await handle(writeOf(undefined, failed), writeOf(undefined, completed))).toEqual(['s0']);
    expect(counts).toEqual([completed.transitions.length]);
    expect(log.error).toHaveBeenCalledWith(
      'transitions not published',
      expect.objectContaining({ job_arn: failed.job_arn, error_message: 'refused' }),
    );
  });

  it('returns every record if all fail, without an error of the function', async () => {
    const { handle } = setUp(failed.job_arn);
    expect(await handle(unreadable, writeOf(undefined, failed))).toEqual(['s0', 's1']);
  });

  it('accepts records as the AWS CLI reads them from the stream', async () => {
    const { handle, published } = setUp();
    const { eventSourceARN: _, ...record } = writeOf(undefined, failed);
    const asRead = {
      ...record,
      dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: '2026-08-09T21:23:10+00:00' },
    };
    expect(await handle(asRead as unknown as DynamoDBRecord)).toEqual([]);
    expect(published).toHaveLength(failed.transitions.length);
  });

  it('publishes the transitions of models and of what serves them, but nothing about a pointer', async () => {
    const { handle, published, log } = setUp();
    const before = newModel({ transitions: newModel().transitions.slice(0, -1) });
    const pointer = { model_arn: { S: THROUGHPUT }, serves_model_arn: { S: newModel().model_arn } };
    const Keys = { model_arn: { S: THROUGHPUT } };
    expect(
      await handle(
        streamRecord('INSERT', { Keys, NewImage: pointer }),
        writeOf(before, newModel()),
        streamRecord('MODIFY', { Keys, OldImage: pointer, NewImage: pointer }),
        streamRecord('REMOVE', { Keys, OldImage: pointer }),
        writeOf(undefined, failed),
      ),
    ).toEqual([]);
    expect(published.slice(0, 1)).toEqual([modelDetailOf()]);
    expect(published).toHaveLength(1 + failed.transitions.length);
    expect(log.info).toHaveBeenCalledWith('transition published', {
      model_arn: newModel().model_arn,
      resource: THROUGHPUT,
      job_arn: newModel().job_arn,
      task: 'use',
      to: 'Idle',
      via: 'sweep',
    });
  });

  it('names the model whose write could not be read', async () => {
    const { handle, log } = setUp();
    const NewImage = { ...image(newModel()), deployments: { S: 'none' } };
    expect(await handle(streamRecord('INSERT', { Keys: { model_arn: { S: 'm' } }, NewImage }))).toEqual(['s0']);
    expect(log.error).toHaveBeenCalledWith(
      'transitions not published',
      expect.objectContaining({
        model_arn: 'm',
        error_message: expect.stringContaining('deployments: must be a list'),
      }),
    );
  });

  it('logs no failure messages, tags or locations', async () => {
    const { handle, log } = setUp();
    await handle(writeOf(undefined, withTags(failed, { secret: 'tag' })), unreadable);
    expect(JSON.stringify([log.info.mock.calls, log.error.mock.calls])).not.toMatch(/secret|s3:|GetObject/);
  });
});

describe('a record of the stream', () => {
  it('is read whatever other fields the item has', () => {
    const odd = { ...image(failed), metrics_to_come: { NS: ['1', '99999999999999999999999'] } };
    expect(parseStreamRecord(streamRecord('INSERT', { NewImage: odd })).record).toMatchObject({
      job_arn: failed.job_arn,
      transitions: failed.transitions,
    });
  });

  it('is read with tags named like properties of objects', () => {
    const tags = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' };
    expect(parseStreamRecord(writeOf(undefined, withTags(failed, tags))).record?.tags).toEqual(tags);
  });

  it('of a model is read with what serves it', () => {
    expect(parseStreamRecord(writeOf(undefined, newModel())).record).toMatchObject({
      transitions: newModel().transitions,
      deployments: [{ arn: DEPLOYMENT, name: 'triage-on-demand' }],
      usage: { [THROUGHPUT]: { unused_since: '2026-11-06T02:00:00.000Z' } },
    });
  });

  it.each<[what: string, record: DynamoDBRecord, message: RegExp]>([
    ['without a new image', streamRecord('INSERT', {}), /no NewImage; the table's stream must have NEW_AND_OLD_IMAGES/],
    ['without an old image', streamRecord('MODIFY', { NewImage: image(failed) }), /no OldImage/],
    [
      'of another table',
      streamRecord('INSERT', { NewImage: { scope: { S: 'x' } } }),
      /NewImage is not a record \(.*job_arn: must be/,
    ],
    [
      'that is not an item',
      streamRecord('INSERT', { NewImage: { tags: { X: '' } as never } }),
      /NewImage is not an item/,
    ],
    ['of another kind', streamRecord(undefined, {}), /its eventName is not a string/],
  ])('%s is refused with the reason', (_what, record, message) => {
    expect(() => parseStreamRecord(record)).toThrow(message);
    try {
      parseStreamRecord(record);
    } catch (error) {
      expect(hasCode(error, 'MESSAGE_NOT_UNDERSTOOD')).toBe(true);
      expect((error as Error).message.length).toBeLessThan(2_500);
    }
  });
});
