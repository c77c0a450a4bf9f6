import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { Ended } from '../../../../lib/cli/context.ts';
import { type BeforeCreateFlags, checkBeforeSending } from '../../../../lib/cli/data/before-create.ts';
import type { CreateRequest } from '../../../../lib/service-model/model.ts';
import { testContext } from '../../../support/command-context.ts';
import { awsError } from '../../../support/sdk-answers.ts';
import { jsonl, MODELS, RECORDS } from '../../../support/training-data.ts';

const s3 = mockClient(S3Client);
afterEach(() => {
  s3.reset();
  delete process.env['BEDROCK_JOBS_LOCAL'];
});

const TRAINING = 's3://acme/train.jsonl';
const VALIDATION = 's3://acme/validation.jsonl';
const REQUEST: CreateRequest = {
  jobName: 'tone',
  customModelName: 'tone',
  roleArn: 'arn:aws:iam::111122223333:role/Customization',
  baseModelIdentifier: MODELS.nova,
  trainingDataConfig: { s3Uri: TRAINING },
  validationDataConfig: { validators: [{ s3Uri: VALIDATION }] },
  outputDataConfig: { s3Uri: 's3://acme/output/' },
};
const NO_VALIDATION = { validationDataConfig: { validators: [] } };
const GOOD = Array.from({ length: 8 }, () => RECORDS.converse);

/** What the objects hold, or the name of the error that S3 answers with. */
const objects = (contents: Readonly<Record<string, readonly unknown[] | string>>): void => {
  s3.on(GetObjectCommand).callsFake(({ Bucket, Key }: { Bucket: string; Key: string }) => {
    const uri = `s3://${Bucket}/${Key}`;
    const content = contents[uri] ?? 'NoSuchKey';
    return typeof content === 'string'
      ? Promise.reject(awsError(content, content, { service: 'S3', operation: 'GetObject', resource: uri }))
      : Promise.resolve({ Body: Readable.from([jsonl(content)]) });
  });
};

const check = async (change: Partial<CreateRequest> = {}, flags: BeforeCreateFlags = {}) => {
  const { context, told, connectedBy } = testContext({ connection: { s3: () => new S3Client({}) } });
  let thrown: unknown;
  await checkBeforeSending({ ...REQUEST, ...change }, flags, context).catch((error: unknown) => {
    thrown = error;
  });
  return { told, thrown, connectedBy, read: s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input.Key) };
};

describe('the check before a request is sent', () => {
  it('reads training and validation data, and says in one line that they are fine', async () => {
    objects({ [TRAINING]: GOOD, [VALIDATION]: GOOD });
    expect(await check()).toMatchObject({
      told: ['Checked 16 lines of data: no problem was found.'],
      thrown: undefined,
      read: ['train.jsonl', 'validation.jsonl'],
    });
  });

  it('ends with the bad lines where a job with the data would fail', async () => {
    objects({ [TRAINING]: GOOD, [VALIDATION]: [...GOOD, {}] });
    const { told, thrown } = await check();
    expect(thrown).toEqual(new Ended(1));
    expect(told).toContain('  line 9: messages are missing');
    expect(told.at(-1)).toBe('Nothing was sent. Correct the data, or add --no-check to send the request as it is.');
  });

  it.each([
    ['DISTILLATION', { distillationConfig: {} }, /as DISTILLATION data/],
    ['REINFORCEMENT_FINE_TUNING', { rftConfig: {} }, /and REINFORCEMENT_FINE_TUNING: checked only/],
  ])('takes a request with the configuration of %s for one', async (_, customizationConfig, words) => {
    objects({ [TRAINING]: [] });
    const { told } = await check({ ...NO_VALIDATION, customizationConfig: customizationConfig as never });
    expect(told.join('\n')).toMatch(words);
  });

  it('warns of data that may not be read, and lets them through', async () => {
    objects({ [TRAINING]: 'AccessDenied', [VALIDATION]: GOOD });
    const { told, thrown } = await check();
    expect(thrown).toBeUndefined();
    expect(told).toEqual([
      expect.stringMatching(/^Could not check s3:\/\/acme\/train\.jsonl\. You may not read s3:/),
      'Checked 8 lines of data: no problem was found.',
    ]);
  });

  it('does not wait for each file where S3 cannot be reached', async () => {
    objects({ [TRAINING]: 'TimeoutError' });
    const { told, thrown, read } = await check();
    expect([thrown, read]).toEqual([undefined, ['train.jsonl']]);
    expect(told).toEqual([expect.stringMatching(/^Could not check the data\. S3 did not answer in time/)]);
  });

  it('ends where an object does not exist, except in a local run', async () => {
    objects({ [VALIDATION]: GOOD });
    const { told, thrown } = await check();
    expect(thrown).toEqual(new Ended(1));
    expect(told).toContain('s3://acme/train.jsonl does not exist. Check its name, and upload the file.');
    expect(await check({}, { local: true })).toMatchObject({ thrown: undefined });
  });

  it.each([
    ['by the environment', {}, true],
    ['but not where flags name a deployed tracker', { region: 'us-east-1' }, false],
  ])('reads the data of the local run that is chosen %s', async (_, flags, isLocal) => {
    process.env['BEDROCK_JOBS_LOCAL'] = '1';
    objects({ [VALIDATION]: GOOD });
    const { thrown, connectedBy } = await check({}, flags);
    expect([thrown === undefined, connectedBy.length > 0]).toEqual([isLocal, isLocal]);
  });

  it('refuses a folder without reading it', async () => {
    const { told, thrown, read } = await check({ ...NO_VALIDATION, trainingDataConfig: { s3Uri: 's3://acme/data/' } });
    expect([thrown, read]).toEqual([new Ended(1), []]);
    expect(told[0]).toMatch(/^s3:\/\/acme\/data\/ is a folder/);
  });

  it.each<[string, Partial<CreateRequest>, BeforeCreateFlags]>([
    ['--no-check', {}, { check: false }],
    ['an import', { customizationType: 'IMPORTED' }, {}],
    ['invocation logs', { ...NO_VALIDATION, trainingDataConfig: { invocationLogsConfig: {} } as never }, {}],
  ])('reads nothing for %s', async (_, change, flags) => {
    expect(await check(change, flags)).toMatchObject({ told: [], thrown: undefined, read: [] });
  });

  it.each([
    ['amazon.nova-lite-v1:0', /Did you mean amazon\.nova-lite-v1:0:300k\? .*--by-customization-type FINE_TUNING$/],
    [
      'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-sonnet-20240229-v1:0',
      /as a model to customize\. Ids of/,
    ],
    ['amazon.nova-lite-v1:0:300k', undefined],
    ['amazon.nova-canvas-v1:0', undefined],
    ['my-custom-model', undefined],
    ['arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl', undefined],
  ])('hints at the model %s', async (baseModelIdentifier, words) => {
    const { told } = await check({ baseModelIdentifier }, { check: false });
    expect(told).toEqual(words === undefined ? [] : [expect.stringMatching(words)]);
  });
});
