import { describe, expect, it, jest } from '@jest/globals';
import { makeHandler } from '../../../lambdas/track-job/handler.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { readFixture } from '../../support/fixtures.ts';
import { memoryJobStore } from '../../support/memory-stores.ts';
import { lambdaContext, sqsEvent } from '../../support/sqs-event.ts';

const setUp = () => {
  const bedrock = fakeBedrock(runningJob('1'), runningJob('2'));
  const jobs = memoryJobStore();
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const metrics = { add: jest.fn() };
  const handler = makeHandler({ bedrockOf: bedrock.bedrockOf, jobs, clock: () => new Date(), log, metrics });
  const handle = async (...bodies: readonly unknown[]) =>
    (await handler(sqsEvent(...bodies), lambdaContext())).batchItemFailures.map((failure) => failure.itemIdentifier);
  return { bedrock, jobs, log, handle };
};

const stateChange = (detail: Record<string, unknown>) => ({
  ...(readFixture('events/state-change-completed.json') as Record<string, unknown>),
  region: 'us-east-1',
  detail,
});
const aboutJob = (id: string) => stateChange({ jobArn: arnOf(id), jobName: `job-${id}`, jobStatus: 'Completed' });
const tagOf = (id: string) => {
  const tag = readFixture('events/cloudtrail-tag.json') as { detail: Record<string, unknown> };
  return { ...tag, detail: { ...tag.detail, requestParameters: { resourceARN: arnOf(id), tags: [] } } };
};

describe('the track-job handler', () => {
  it('writes the record of what Bedrock says, not of what the event says', async () => {
    const { handle, jobs } = setUp();
    expect(await handle(aboutJob('1'))).toEqual([]);
    expect(jobs.records.get(arnOf('1'))).toMatchObject({ status: 'InProgress', observed_via: 'event' });
  });

  it('looks once at a job that several messages of a batch are about', async () => {
    const { handle, bedrock } = setUp();
    const short = stateChange({ jobArn: arnOf('1').replace(/\/.*\//, '/'), jobName: 'job-1' });
    expect(await handle(aboutJob('1'), tagOf('1'), short, aboutJob('1'), aboutJob('2'))).toEqual([]);
    expect(bedrock.calls.filter((call) => call.startsWith('Get'))).toEqual([
      `GetModelCustomizationJob ${arnOf('1')}`,
      `GetModelCustomizationJob ${arnOf('2')}`,
    ]);
  });

  it('asks by name for a job whose event carries a short ARN', async () => {
    const { handle, bedrock, jobs } = setUp();
    await handle(
      stateChange({
        jobArn: 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/000000000001',
        jobName: 'job-1',
      }),
    );
    expect(bedrock.calls[0]).toBe('GetModelCustomizationJob job-1');
    expect(jobs.records.has(arnOf('1'))).toBe(true);
  });

  it('fails a message whose name is that of another job, and writes nothing by it', async () => {
    const { handle, jobs, bedrock, log } = setUp();
    const short = stateChange({
      jobArn: 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/abcdefghwxyz',
      jobName: 'job-1',
    });
    expect(await handle(short, aboutJob('2'))).toEqual(['m0']);
    expect([...jobs.records.keys()]).toEqual([arnOf('2')]);
    expect(bedrock.calls).not.toContain(`ListTagsForResource ${arnOf('1')}`);
    expect(log.error).toHaveBeenCalledWith(
      'message failed',
      expect.objectContaining({
        error_code: 'ANOTHER_JOB',
        error_message: expect.stringMatching(/about job abcdefghwxyz .* "job-1" with \S+000000000001\./) as unknown,
      }),
    );
  });

  it('looks by name alone at what carries a name alone: an id beside that name may be another job', async () => {
    const { handle, jobs } = setUp();
    const stop = readFixture('events/cloudtrail-stop-by-name.json') as { detail: Record<string, unknown> };
    const byName = { ...stop, detail: { ...stop.detail, requestParameters: { jobIdentifier: 'job-1' } } };
    const other = stateChange({ jobArn: arnOf('2'), jobName: 'job-1' });
    expect(await handle(other, byName)).toEqual([]);
    expect([...jobs.records.keys()].sort()).toEqual([arnOf('1'), arnOf('2')]);
  });

  it('fails a message that it does not understand alone, saying why; the rest of the batch is written', async () => {
    const { handle, jobs, log } = setUp();
    expect(await handle('nonsense', aboutJob('1'), {}, aboutJob('2'))).toEqual(['m0', 'm2']);
    expect(jobs.records.size).toBe(2);
    expect(log.error).toHaveBeenCalledWith(
      'message failed',
      expect.objectContaining({ message_id: 'm0', error_code: 'MESSAGE_NOT_UNDERSTOOD' }),
    );
  });

  it('fails each message about a job that Bedrock does not know, and no other', async () => {
    const { handle, jobs, log } = setUp();
    expect(await handle(aboutJob('9'), aboutJob('1'), tagOf('9'))).toEqual(['m0', 'm2']);
    expect([...jobs.records.keys()]).toEqual([arnOf('1')]);
    expect(log.error).toHaveBeenCalledWith('message failed', expect.objectContaining({ error_code: 'JOB_NOT_FOUND' }));
  });

  it('gives every message back where all fail, without an error of the function', async () => {
    const { handle } = setUp();
    expect(await handle('a', 'b')).toEqual(['m0', 'm1']);
  });

  it('takes denied calls and other resources off the queue without asking Bedrock', async () => {
    const { handle, bedrock } = setUp();
    const ignored = ['cloudtrail-create-denied', 'cloudtrail-tag-other-resource'];
    expect(await handle(...ignored.map((name) => readFixture(`events/${name}.json`)))).toEqual([]);
    expect(bedrock.calls).toEqual([]);
  });

  it('logs no hyperparameters, data locations or failure messages', async () => {
    const { handle, log } = setUp();
    await handle(aboutJob('1'), 'nonsense');
    expect(JSON.stringify([log.info.mock.calls, log.error.mock.calls])).not.toMatch(/s3:|hyper|learningRate/i);
  });
});
