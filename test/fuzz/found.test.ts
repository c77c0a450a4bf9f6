/** What the fuzz tests found, each by its name. */
import { describe, expect, it } from '@jest/globals';
import { parseStreamRecord } from '../../lambdas/publish-transitions/parse-stream-record.ts';
import { parseMessage } from '../../lambdas/track-job/parse-message.ts';
import { outputFolderOf } from '../../lib/operator/loss-curves/index.ts';
import { timeOrAge } from '../../lib/cli/flags.ts';
import { runCommandLine } from '../../lib/cli/program.ts';
import { createRequestOf } from '../../lib/cli/spec/create-request.ts';
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
import { streamRecord } from '../support/stream-event.ts';
import { nested } from './support/hostile.ts';
import * as web from '../../lib/dashboard/web/logic/addresses.ts';

const ESCAPE = '\u001b[31m';
const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('It refused nothing.');
};

describe('a message of an error', () => {
  it('has no control characters, whatever it quotes, and no more than 20,000 characters', () => {
    const { message } = new TrackerError('BAD_REQUEST', `${ESCAPE}a\u202eb\ud800c\nd${'x'.repeat(30_000)}`);
    expect(message).toMatch(/^\ufffd\[31ma\ufffdb\ufffdc\ndx+…$/);
    expect(message).toHaveLength(20_000);
  });

  it('quotes a value on one line, cut where it goes on', () => {
    expect(oneLine('a\n\u0007 b', 10)).toBe('a b');
    expect(oneLine('a'.repeat(11), 10)).toBe(`${'a'.repeat(9)}…`);
    expect(oneLine('a'.repeat(10), 10)).toBe('a'.repeat(10));
    expect(oneLine(' '.repeat(1000), 10)).toBe('…');
  });

  it('quotes a body that is no JSON without the line breaks and sequences of the body', () => {
    const message = messageOf(() => parseMessage(`${ESCAPE}\n`));
    expect(message).not.toContain('\u001b');
    expect(message).not.toContain('\n');
  });

  it('names a few of the members that a request cannot have, and counts the others', () => {
    const request = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`x\n${n}`, n]));
    expect(messageOf(() => parseListRequest(request))).toContain('x 0, x 1, x 2, x 3, x 4 and 94 more; the members are');
  });

  it('names a few of the things that are wrong with an event, and counts the others', () => {
    expect(messageOf(() => parseTransition({ resources: Array(100).fill(1) }))).toMatch(/; and \d+ more\.$/);
  });

  it('quotes a name that is no ARN on one line', async () => {
    const jobs = createJobsClient({ send: () => Promise.resolve({}) } as never, { tableName: 'jobs', scopes: [] });
    await expect(jobs.getJob('arn:\n')).rejects.toThrow('Invalid request: arn: is not the ARN');
  });

  it('quotes the ARN of a job without an output location on one line', () => {
    const job = { job_arn: 'arn\r\nx', job_id: 'abcdefghijkl' } as never;
    expect(messageOf(() => outputFolderOf(job))).toMatch(/^arn x has no output location in S3/);
  });

  it('of a wrong record of the stream has no value of the record', () => {
    const NewImage = { transitions: { L: [{ M: { via: { S: 'secret' } } }] }, job_id: { N: '4711' } };
    const message = messageOf(() => parseStreamRecord(streamRecord('INSERT', { NewImage })));
    expect(message).toContain('transitions.0.via: must be event, sweep or backfill');
    expect(message).not.toMatch(/secret|4711/);
  });

  it('of the command line shows what was typed, and no sequence of it', async () => {
    const { context, told } = testContext();
    await runCommandLine([`${ESCAPE}x\ud800`], context, { loadHandlers: () => Promise.reject(new Error()) });
    expect(told[0]).toBe("error: unknown command 'x\ufffd'");
    expect(visible('\ud800')).toBe('\ufffd');
  });

  it('of the CDK context shows what was given, and no sequence of it', () => {
    const node = { tryGetContext: (key: string) => (key === 'accounts' ? `${ESCAPE}\n1` : undefined) };
    const message = messageOf(() => propsFromContext(node as never, { account: '1', region: 'a' }));
    expect(message).toContain('the account " [31m 1"');
  });
});

describe('what crashed', () => {
  it('a job whose id is an object without a text has no loss curve', () => {
    const job = { job_arn: 'arn', job_id: { toString: 'x' }, output_data_config: { s3_uri: 's3://bucket/' } } as never;
    expect(() => outputFolderOf(job)).toThrow('has no output location');
  });

  it.each(['NewImage', 'OldImage'])('a record of the stream whose %s is null is not understood', (which) => {
    const change = { NewImage: { job_arn: { S: 'x' } }, OldImage: {}, [which]: null } as never;
    expect(() => parseStreamRecord(streamRecord('MODIFY', change))).toThrow('Not a write of the jobs table');
  });

  it('a record of the stream whose eventName is an object without a text is not understood', () => {
    const record = { eventName: Object.create(null) as never };
    expect(() => parseStreamRecord(record)).toThrow('its eventName is not a string');
  });

  it.each(['jobTags', 'customModelTags'])('a spec of which one of %s is null is refused, naming it', (member) => {
    const spec = { name: 'job.yaml', text: `${member}: [null, { key: a, value: b }]` };
    expect(() => createRequestOf(spec, {})).toThrow(`${member}[0]`);
  });

  it('an address with the earliest time of all is one without a time', () => {
    expect(web.parseJobsQuery('createdBefore=-271821-04-20')).toEqual({});
    expect(web.lastDay(web.parseJobsQuery('createdBefore=2026-11-21'))).toBe('2026-11-20');
  });

  it('a context of lists within lists is refused', () => {
    const node = { tryGetContext: (key: string) => (key === 'accounts' ? nested(50_000) : undefined) };
    const read = () => propsFromContext(node as never, { account: '1', region: 'a' });
    expect(read).toThrow('accounts is not a text or a list of texts: it takes account ids');
  });
});

describe('what was answered wrongly', () => {
  it.each(['2026-02-30', '2026-02-29T00:00:00Z', '2026-04-31T04:36:24+02:00'])('%s is no day', (time) => {
    expect(() => timeOrAge(time)).toThrow('It must be a UTC day');
    expect(() => parseListRequest({ createdAfter: time })).toThrow('createdAfter must be a time');
    expect(() => parseJobsQuery({ createdAfter: [time] })).toThrow('createdAfter must be a day or a time');
    expect(web.parseJobsQuery(`createdAfter=${encodeURIComponent(time)}`)).toEqual({});
  });

  it('a port is written in digits', async () => {
    const { context, told } = testContext();
    await runCommandLine(['local', '--port', '0x10'], context, { loadHandlers: () => Promise.reject(new Error()) });
    expect(told[0]).toContain('It must be a whole number from 0 to 65535.');
  });

  it('the 29th of February of a leap year is a day', () => {
    expect(timeOrAge('2028-02-29')(new Date(0)).toISOString()).toBe('2028-02-29T00:00:00.000Z');
  });

  it('a field that is called as a member of every object is a part of the snapshot', () => {
    const snapshot = { ...snapshotOf('fine-tuning-completed'), constructor: 'x' };
    const first = advance(undefined, snapshot);
    if (!('record' in first)) throw new Error('nothing was created');
    expect(advance(first.record, snapshot as never).outcome).toBe('unchanged');
  });
});
