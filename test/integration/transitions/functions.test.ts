import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from '@jest/globals';
import type { DynamoDBRecord } from 'aws-lambda';
import { METRIC, METRIC_NAMESPACE } from '../../../lib/contract.ts';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { startFunctions, type LogLine } from '../../support/integration/functions.ts';
import { jsonAnswer, serve, type HttpAnswer, type HttpRequest } from '../../support/integration/http.ts';
import { delivered, newRecord, streamEvent, writeOf } from '../../support/transitions.ts';

const closing = closeAfterEach();
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:topic';

type Entry = PutEventsRequestEntry;
const entriesOf = ({ body }: HttpRequest): Entry[] => (JSON.parse(body) as { Entries: Entry[] }).Entries;

/** EventBridge and SNS on the wire, as far as the functions use them. EventBridge refuses what the test wants refused. */
const startAws = async (refuses: (entry: Entry, request: number) => boolean = () => false) => {
  const puts: Entry[][] = [];
  const mails: URLSearchParams[] = [];
  const putEvents = (request: HttpRequest): HttpAnswer => {
    const entries = entriesOf(request);
    puts.push(entries);
    const results = entries.map((entry, n) =>
      refuses(entry, puts.length)
        ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' }
        : { EventId: `event-${n}` },
    );
    return jsonAnswer(200, {
      FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
      Entries: results,
    });
  };
  const publish = ({ body }: HttpRequest): HttpAnswer => {
    mails.push(new URLSearchParams(body));
    const xml = '<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>';
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: xml };
  };
  const server = await closing(
    serve((request) =>
      Promise.resolve(
        request.headers['x-amz-target'] === 'AWSEvents.PutEvents' ? putEvents(request) : publish(request),
      ),
    ),
  );
  const lines: LogLine[] = [];
  const functions = startFunctions(
    {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_EVENTBRIDGE: server.url,
      AWS_ENDPOINT_URL_SNS: server.url,
      POWERTOOLS_SERVICE_NAME: 'bedrock-job-tracker',
      TRANSITIONS_BUS: 'default',
      NOTIFICATIONS_TOPIC_ARN: TOPIC,
    },
    (line) => lines.push(line),
  );
  await closing(Promise.resolve({ close: functions.kill }));
  const publishWrites = async (...writes: DynamoDBRecord[]) =>
    (await functions.invoke('publish-transitions', streamEvent(...writes), 60_000)) as {
      batchItemFailures: { itemIdentifier: string }[];
    };
  return { functions, puts, mails, lines, publishWrites };
};

const failed = newRecord('fine-tuning-failed', {}, { tags: { team: 'marketing' } });
const many = Array.from({ length: 12 }, (_, n) =>
  writeOf(undefined, { ...failed, job_arn: failed.job_arn.replace(/.{2}$/, String(n).padStart(2, '0')) }),
);

describe('the built functions', () => {
  it('turn a write into events, and the event of a failed job into a mail', async () => {
    const { functions, puts, mails, lines, publishWrites } = await startAws();
    expect(await publishWrites(writeOf(undefined, failed))).toEqual({ batchItemFailures: [] });
    expect(puts.flat().map(({ Detail = '' }) => (JSON.parse(Detail) as { to: string; task?: string }).task)).toEqual(
      failed.transitions.map(({ task }) => task),
    );

    const event = puts.flat().find(({ Detail = '' }) => !Detail.includes('"task"'));
    await functions.invoke('notify-transition', delivered(event ?? {}), 30_000);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.get('TopicArn')).toBe(TOPIC);
    expect(mails[0]?.get('Subject')).toBe('Bedrock job marketing-copy-ft-3 failed in us-east-1');
    expect(mails[0]?.get('Message')).toContain('Why:           Could not validate GetObject permissions');

    // The worker's lines come by another way than its answers.
    await eventually(() => {
      expect(lines).toContainEqual(
        expect.objectContaining({
          service: 'bedrock-job-tracker',
          [METRIC.transitionsPublished]: failed.transitions.length,
          _aws: expect.objectContaining({
            CloudWatchMetrics: [expect.objectContaining({ Namespace: METRIC_NAMESPACE })],
          }),
        }),
      );
      expect(lines).toContainEqual(expect.objectContaining({ message: 'notification sent', to: 'Failed' }));
    });
  });

  it('give back the writes whose events EventBridge refused, and lose none when they come again', async () => {
    const { puts, publishWrites } = await startAws((_, request) => request === 2);
    const { batchItemFailures } = await publishWrites(...many);
    expect(puts.map((entries) => entries.length)).toEqual([10, 10, 4]);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['s5', 's6', 's7', 's8', 's9']);
    expect(await publishWrites(...many.slice(5))).toEqual({ batchItemFailures: [] });
    const ids = (requests: readonly Entry[][]) =>
      requests.flat().map(({ Detail = '' }) => (JSON.parse(Detail) as { transition_id: string }).transition_id);
    expect(new Set(ids(puts.toSpliced(1, 1))).size).toBe(24);
  });

  it('fail an event that is no transition, so that Lambda dead-letters it', async () => {
    const { functions, mails } = await startAws();
    await expect(functions.invoke('notify-transition', { source: 'aws.bedrock' }, 30_000)).rejects.toMatchObject({
      code: 'NOT_A_TRANSITION',
    });
    expect(mails).toEqual([]);
  });
});
