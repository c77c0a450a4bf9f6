/** Bugs that the fuzz tests found. */
import { describe, expect, it } from '@jest/globals';
import { parseStreamRecord } from '../../lambdas/publish-transitions/parse-stream-record.ts';
import { parseMessage } from '../../lambdas/track-job/parse-message.ts';
import { outputFolderOf } from '../../lib/operator/loss-curves/index.ts';
import { tagsOf } from '../../lib/cli/commands/tag.ts';
import { timeOrAge } from '../../lib/cli/flags.ts';
import { runCommandLine } from '../../lib/cli/program.ts';
import { createRequestOf } from '../../lib/operator/spec/create-request.ts';
import { visible } from '../../lib/cli/output/values.ts';
import { createJobsClient } from '../../lib/client/jobs-client.ts';
import { parseListRequest } from '../../lib/client/list/validate.ts';
import { parseTransition } from '../../lib/client/transition-event.ts';
import { parseJobsQuery } from '../../lib/dashboard/server/list-jobs.ts';
import { advance } from '../../lib/domain/advance.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { oneLine } from '../../lib/domain/text.ts';
import { propsFromContext } from '../../lib/infra/props/context.ts';
import { testContext } from '../support/command-context.ts';
import { snapshotOf } from '../support/fixtures.ts';
import { streamRecord } from '../support/transitions.ts';
import * as web from '../../lib/dashboard/web/logic/addresses.ts';
import { nested } from './support/inputs.ts';

const ESCAPE = '\u001b[31m';
const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('It refused nothing.');
};
const readAccounts = (accounts: unknown) => () =>
  propsFromContext({ tryGetContext: (key: string) => (key === 'accounts' ? accounts : undefined) } as never, {
    account: '1',
    region: 'a',
  });
const runCli = async (...argv: string[]): Promise<string | undefined> => {
  const { context, told } = testContext();
  await runCommandLine(argv, context, { loadHandlers: () => Promise.reject(new Error()) });
  return told[0];
};

describe('a message of an error', () => {
  it('has no control characters, whatever it quotes, and at most 20,000 characters', () => {
    const { message } = new TrackerError('BAD_REQUEST', `${ESCAPE}a\u202eb\ud800c\nd${'x'.repeat(30_000)}`);
    expect(message).toMatch(/^\ufffd\[31ma\ufffdb\ufffdc\ndx+…$/);
    expect(message).toHaveLength(20_000);
  });

  it.each([
    ['a\n\u0007 b', 'a b'],
    ['a'.repeat(11), `${'a'.repeat(9)}…`],
    ['a'.repeat(10), 'a'.repeat(10)],
    [' '.repeat(1000), '…'],
  ])('quotes %j on one line of ten characters', (text, quoted) => {
    expect(oneLine(text, 10)).toBe(quoted);
  });

  const manyMembers = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`x\n${n}`, n]));
  const withoutOutput = { job_arn: 'arn\r\nx', job_id: 'abcdefghijkl' } as never;
  const wrongImage = { transitions: { L: [{ M: { via: { S: 'secret' } } }] }, job_id: { N: '4711' } };
  it.each<[string, () => unknown, RegExp]>([
    ['quotes a body on one line', () => parseMessage(`${ESCAPE}\n`), /^[ -~…]*$/],
    [
      'names a few of many unknown members',
      () => parseListRequest(manyMembers),
      /x 0, x 1, x 2, x 3, x 4 and 94 more; the members are/,
    ],
    ['names a few of many problems', () => parseTransition({ resources: Array(100).fill(1) }), /; and \d+ more\.$/],
    ['quotes an ARN on one line', () => outputFolderOf(withoutOutput), /^arn x has no output location in S3/],
    [
      'repeats no value of a wrong record',
      () => parseStreamRecord(streamRecord('INSERT', { NewImage: wrongImage })),
      /^(?!.*(?:secret|4711)).*transitions\.0\.via: must be event, sweep or backfill/,
    ],
    ['quotes few of many hidden characters', () => tagsOf(Array(3).fill('\ufeff'.repeat(99))), /^[^]{1,600}$/],
    ['quotes the CDK context on one line', readAccounts(`${ESCAPE}\n1`), /the account " \[31m 1"/],
  ])('%s', (_, act, message) => {
    expect(messageOf(act)).toMatch(message);
  });

  it('quotes a name that is not an ARN on one line', async () => {
    const jobs = createJobsClient({ send: () => Promise.resolve({}) } as never, { tableName: 'jobs', scopes: [] });
    await expect(jobs.getJob('arn:\n')).rejects.toThrow('Invalid request: arn: is not the ARN');
  });

  it('shows an unknown command without its terminal sequences', async () => {
    expect(await runCli(`${ESCAPE}x\ud800`)).toBe("error: unknown command 'x\ufffd'");
    expect(visible('\ud800')).toBe('\ufffd');
  });
});

describe('a crash', () => {
  const job = { job_arn: 'arn', job_id: { toString: 'x' }, output_data_config: { s3_uri: 's3://bucket/' } } as never;
  const change = { NewImage: { job_arn: { S: 'x' } }, OldImage: {} };
  const modify = (image: object) => () => parseStreamRecord(streamRecord('MODIFY', { ...change, ...image }));
  const createWith = (member: string) => () =>
    createRequestOf({ name: 'job.yaml', text: `${member}: [null, { key: a, value: b }]` }, {});

  it.each<[string, () => unknown, string]>([
    ['a job whose id is an object', () => outputFolderOf(job), 'has no output location'],
    ['a stream record without a new image', modify({ NewImage: null }), 'Not a write of the jobs or models table'],
    ['a stream record without an old image', modify({ OldImage: null }), 'Not a write of the jobs or models table'],
    [
      'a stream record whose eventName is an object',
      () => parseStreamRecord({ eventName: Object.create(null) as never }),
      'its eventName is not a string',
    ],
    ['a tag of a job that is null', createWith('jobTags'), 'jobTags[0]'],
    ['a tag of a model that is null', createWith('customModelTags'), 'customModelTags[0]'],
    [
      'a context of lists within lists',
      readAccounts(nested(50_000)),
      'accounts is not a text or a list of texts: it takes account ids',
    ],
  ])('became a refusal of %s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  it('became an address without a time, for the earliest time of all', () => {
    expect(web.parseJobsQuery('createdBefore=-271821-04-20')).toEqual({});
    expect(web.lastDay(web.parseJobsQuery('createdBefore=2026-11-21'))).toBe('2026-11-20');
  });
});

describe('a wrong answer', () => {
  it.each(['2026-02-30', '2026-02-29T00:00:00Z', '2026-04-31T04:36:24+02:00'])('became a refusal of %s', (time) => {
    expect(() => timeOrAge(time)).toThrow('It must be a day, a month or a year in UTC');
    expect(() => parseListRequest({ createdAfter: time })).toThrow('createdAfter must be a time');
    expect(() => parseJobsQuery({ createdAfter: [time] })).toThrow('createdAfter must be a day or a time');
    expect(web.parseJobsQuery(`createdAfter=${encodeURIComponent(time)}`)).toEqual({});
  });

  it('became the 29th of February of a leap year', () => {
    expect(timeOrAge('2028-02-29')(new Date(0)).toISOString()).toBe('2028-02-29T00:00:00.000Z');
  });

  it('became a refusal of a port that is not in decimal digits', async () => {
    expect(await runCli('local', '--port', '0x10')).toContain('It must be a whole number from 0 to 65535.');
  });

  it('became a field of the snapshot that every object inherits', () => {
    const snapshot = { ...snapshotOf('fine-tuning-completed'), constructor: 'x' };
    const first = advance(undefined, snapshot);
    if (!('record' in first)) throw new Error('nothing was created');
    expect(advance(first.record, snapshot as never).outcome).toBe('unchanged');
  });
});
