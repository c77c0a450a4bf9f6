import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ENV } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { sqsRecord } from '../../../lib/simulator/queue.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { stsError } from '../../support/fake-sts.ts';
import { eventually } from '../../support/integration/suite.ts';
import { InvocationError, startFunctions, type Functions, type LogLine } from '../../support/integration/functions.ts';
import { jsonAnswer, serve, type HttpAnswer, type HttpServer } from '../../support/integration/http.ts';
import { EVENTS, JOBS, MARK, quoting, SCOPES, startTellingBedrock, type TellingBedrock } from './telling-bedrock.ts';
import { detailOf, eventOf, streamEvent, streamRecord, writeOf } from '../../support/transitions.ts';

jest.setTimeout(120_000);

const FOREIGN = '999988887777#us-east-1';
const TIME_MS = 50_000;

/** A run of all functions at the level of a deployed tracker: what they said, on whatever stream, and what Lambda adds. */
const said: string[] = [];
const lines: LogLine[] = [];
let tables: EmbeddedTables;
let bedrock: TellingBedrock;
let others: HttpServer;
/** What EventBridge, SNS and STS answer. */
let answer: (body: string) => HttpAnswer;
let functions: Functions;

const published = (): HttpAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: '<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>',
});
const entries = (body: string, entry: object): HttpAnswer =>
  jsonAnswer(200, { Entries: (JSON.parse(body) as { Entries: object[] }).Entries.map(() => entry) });
const others200 = (body: string): HttpAnswer => {
  if (body.includes('Action=AssumeRole')) return stsError(403, 'AccessDenied', 'Not authorized to assume the role');
  return body.startsWith('{') ? entries(body, { EventId: 'e' }) : published();
};

beforeAll(async () => {
  tables = await startEmbeddedTables();
  bedrock = await startTellingBedrock();
  others = await serve(({ body }) => Promise.resolve(answer(body)));
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: `AKIA${MARK.toUpperCase()}EXAMPLE`,
    AWS_SECRET_ACCESS_KEY: `${MARK}-secret`,
    AWS_SESSION_TOKEN: `${MARK}-token`,
    AWS_ENDPOINT_URL_BEDROCK: bedrock.url,
    AWS_ENDPOINT_URL_DYNAMODB: tables.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: others.url,
    AWS_ENDPOINT_URL_SNS: others.url,
    AWS_ENDPOINT_URL_STS: others.url,
    POWERTOOLS_SERVICE_NAME: 'bedrock-job-tracker',
    [ENV.jobsTable]: tables.jobsTable,
    [ENV.sweepsTable]: tables.sweepsTable,
    [ENV.sweepMinutes]: 'active=5,idle=5,empty=5,full=1440,models=60,usage=1440',
    [ENV.scopes]: [...SCOPES, FOREIGN].join(','),
    [ENV.homeAccount]: '123456789012',
    [ENV.spokeRoleArn]: 'arn:aws:iam::{account}:role/bedrock-job-tracker-spoke-{region}',
    [ENV.spokeExternalId]: `${MARK}-external-id`,
    [ENV.transitionsBus]: 'default',
    [ENV.notificationsTopic]: 'arn:aws:sns:us-east-1:123456789012:topic',
  };
  functions = startFunctions(
    environment,
    (line) => lines.push(line),
    (line) => said.push(line),
  );
});

afterAll(async () => {
  await functions.kill();
  await bedrock.close();
  await others.close();
  await tables.close();
});

beforeEach(() => {
  answer = others200;
  bedrock.refusal = undefined;
  said.length = 0;
  lines.length = 0;
});

let flushed = 0;
/** Waits until all that was said so far has arrived, on standard output and on standard error. */
const heard = async (): Promise<void> => {
  const ids = [`heard-${(flushed += 1)}`, `heard-${(flushed += 1)}`];
  const bodies = ['', JSON.stringify(EVENTS.find((event) => JSON.stringify(event).includes('"errorCode"')))];
  const messages = bodies.map((body, number) => sqsRecord({ messageId: ids[number] ?? '', body, receiveCount: 1 }));
  await functions.invoke('track-job', { Records: messages }, TIME_MS);
  await eventually(() => {
    expect(lines.map((line) => line['message_id'])).toEqual(expect.arrayContaining(ids));
  });
};

/** What no log may hold, in whatever case and however it is written. */
const leaks = (): string[] => said.filter((line) => line.toLowerCase().includes(MARK));
const levels = (level: string): string[] =>
  lines.filter((line) => line['level'] === level).map((line) => String(line['message']));

afterEach(async () => {
  await heard();
  expect(leaks()).toEqual([]);
});

const invoke = async (...[name, event]: [Parameters<Functions['invoke']>[0], unknown]): Promise<unknown> => {
  try {
    return await functions.invoke(name, event, TIME_MS);
  } catch (error) {
    if (!(error instanceof InvocationError)) throw error;
    said.push(error.logged);
    return error;
  }
};
const queue = (...bodies: readonly string[]) => ({
  Records: bodies.map((body, number) => sqsRecord({ messageId: `m${number}`, body, receiveCount: 1 })),
});
const send = (...bodies: readonly string[]) => invoke('track-job', queue(...bodies));
const records = async (): Promise<JobRecord[]> => {
  const pages = await Array.fromAsync(paginateScan({ client: tables.client }, { TableName: tables.jobsTable }));
  return JSON.parse(JSON.stringify(pages.flatMap(({ Items }) => Items ?? []))) as JobRecord[];
};

describe('the functions log no hyperparameter, data location, tag, failure message or credential', () => {
  it('where sweeps and events write every fixture, whose records hold all of it', async () => {
    await invoke('reconcile-jobs', { sweep: 'full' });
    await invoke('reconcile-jobs', { sweep: 'active' });
    await send(...EVENTS.map((event) => JSON.stringify(event)));
    const written = await records();
    expect(written.map(({ job_arn }) => job_arn).sort()).toEqual(JOBS.map(({ jobArn }) => jobArn).sort());
    for (const record of written) expect(JSON.stringify(record).split(MARK).length).toBeGreaterThan(8);
    await heard();
    expect(levels('INFO')).toEqual(expect.arrayContaining(['scope swept', 'job tracked', 'message ignored']));
    // The scope of another account, whose role nobody may assume.
    expect(levels('ERROR')).toContain('scope not swept');
  });

  it('where transitions are published and people are told of them', async () => {
    for (const record of await records()) {
      const answered = await invoke('publish-transitions', streamEvent(writeOf(undefined, record)));
      expect(answered).toEqual({ batchItemFailures: [] });
      await invoke('notify-transition', eventOf(detailOf(record)));
    }
    await heard();
    expect(levels('INFO')).toEqual(expect.arrayContaining(['transition published', 'notification sent']));
  });

  it.each([
    [400, 'ValidationException', 'Could not read s3://… (arn:…:s3:…'],
    [403, 'AccessDeniedException', 'Could not read s3://… (arn:…:s3:…'],
    [400, 'InvalidSignatureException', 'S3 bucket: … at key …'],
    [404, 'ResourceNotFoundException', 'Bedrock has no customization job'],
    [418, 'SomethingNew', 'x-amz-security-token:…'],
  ])('where Bedrock answers with %i %s and quotes data’s location and the token', async (status, type, named) => {
    bedrock.refusal = quoting(status, type);
    expect(await send(...EVENTS.map((event) => JSON.stringify(event)))).not.toEqual({ batchItemFailures: [] });
    expect(await invoke('reconcile-jobs', { sweep: 'full' })).toBeInstanceOf(InvocationError);
    await heard();
    expect(levels('ERROR')).toEqual(expect.arrayContaining(['message failed', 'scope not swept']));
    expect(said.join('\n')).toContain(named);
  });

  it('where EventBridge and SNS quote what they refuse', async () => {
    const [record] = await records();
    if (record === undefined) throw new Error('nothing was written');
    const quoted = `Could not take s3://${MARK}-data/train.jsonl`;
    answer = (body) => entries(body, { ErrorCode: 'InternalFailure', ErrorMessage: quoted });
    await invoke('publish-transitions', streamEvent(writeOf(undefined, record)));
    await heard();
    expect(levels('ERROR')).toContain('transitions not published');
  });

  it.each([
    ['is cut off', `{"detail":{"trainingDataConfig":{"s3Uri":"s3://${MARK}-data/train.jsonl"`],
    ['is no JSON', `${MARK} AWS_SECRET_ACCESS_KEY=${MARK}-secret`],
    ['is a text', JSON.stringify(MARK)],
    ['has its detail as a text', JSON.stringify({ ...EVENTS[0], detail: `{"s3Uri":"s3://${MARK}"}` })],
    ['has another account', JSON.stringify({ ...EVENTS[0], account: MARK })],
    ['names its job by an address', JSON.stringify({ ...EVENTS[0], detail: { jobName: `s3://${MARK}/a` } })],
    ['has a number for a Region', JSON.stringify({ ...EVENTS[0], region: [MARK] })],
  ])('where a message %s', async (_what, body) => {
    expect(await send(body)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    await heard();
    expect(lines).toContainEqual(expect.objectContaining({ message_id: 'm0', error_code: 'MESSAGE_NOT_UNDERSTOOD' }));
  });

  it('where a sweep, a transition or a write of the table is none', async () => {
    await invoke('reconcile-jobs', { sweep: MARK, trainingDataConfig: `s3://${MARK}` });
    await invoke('notify-transition', { detail: { status: [MARK], tags: MARK, via: MARK, job_arn: 7 }, source: MARK });
    const attributes = { job_arn: { S: 'x' }, tags: { S: MARK }, transitions: { L: [{ M: { via: { S: MARK } } }] } };
    await invoke(
      'publish-transitions',
      streamEvent(
        streamRecord('INSERT', { NewImage: attributes }),
        streamRecord('INSERT', { NewImage: { tags: { [MARK]: MARK } } as never }),
      ),
    );
    await heard();
    expect(levels('ERROR').filter((message) => message === 'transitions not published')).toHaveLength(2);
    expect(said.some((line) => line.includes('MESSAGE_NOT_UNDERSTOOD'))).toBe(true);
    expect(said.some((line) => line.includes('NOT_A_TRANSITION'))).toBe(true);
  });
});

describe('a log line', () => {
  /** What ends a line, clears a terminal, or pretends to be a line of its own. */
  const FORGED = '\r\n\u001b[2J\u0007{"level":"INFO","message":"forged"}\n';

  it('is one line of JSON, whatever Bedrock and the events hold', async () => {
    bedrock.refusal = jsonAnswer(
      403,
      { message: `denied${FORGED}for ever${FORGED}` },
      { 'x-amzn-errortype': 'AccessDeniedException' },
    );
    const detail = { jobArn: `arn:${FORGED}`, jobName: `name${FORGED}` };
    await send(
      ...EVENTS.map((event) => JSON.stringify(event)),
      `{"cut off${FORGED}`,
      JSON.stringify({ ...EVENTS.find((event) => JSON.stringify(event).includes('State Change')), detail }),
      JSON.stringify({ 'detail-type': FORGED }),
    );
    await invoke('reconcile-jobs', { sweep: FORGED });
    await invoke('reconcile-jobs', { sweep: 'active' });
    await heard();
    expect(said.length).toBeGreaterThan(10);
    for (const line of said) {
      expect(JSON.parse(line)).toMatchObject({});
      // eslint-disable-next-line no-control-regex -- these are what is looked for
      expect(line).not.toMatch(/[\u0000-\u001f\u007f]/);
    }
    expect(levels('INFO')).not.toContain('forged');
    expect(said.some((line) => line.includes('forged'))).toBe(true);
  });
});
