import { afterEach, describe, expect, it } from '@jest/globals';
import {
  GetObjectCommand as GetObject,
  HeadBucketCommand as HeadBucket,
  HeadObjectCommand as HeadObject,
  ListObjectsV2Command as ListObjects,
  paginateListObjectsV2,
  PutObjectCommand as PutObject,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { BedrockSimulator, JobAnswer } from '../../../lib/simulator/index.ts';
import { jobOnWire } from '../../support/fixtures.ts';
import { createFileCheck } from '../../../lib/data-check/check-file.ts';
import { rulesFor } from '../../../lib/data-check/rules.ts';
import { DAY, MINUTE } from '../../../lib/domain/time.ts';
import { MODELS } from '../../support/training-data.ts';
import { callsOf, clientOf, errorOf, startStill } from '../../support/integration/simulator.ts';

const clients: S3Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

const s3Of = ({ url }: BedrockSimulator, more: S3ClientConfig = {}): S3Client => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  const client = new S3Client({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1, ...more });
  clients.push(client);
  return client;
};

const start = async (options: Parameters<typeof startStill>[0] = {}) => {
  const started = await startStill(options);
  return { ...started, s3: s3Of(started.simulator) };
};
const validated = { validationDataConfig: { validators: [{ s3Uri: 's3://acme-training/validation.jsonl' }] } };
const reckless = { hyperParameters: { learningRate: '1e-3', epochCount: '2' } };
const folderOf = (jobArn = '') => `model-customization-job-${jobArn.slice(-12)}/`;
const TRAINING = 'training_artifacts/step_wise_training_metrics.csv';
const VALIDATION = 'validation_artifacts/post_fine_tuning_validation/validation/validation_metrics.csv';
const Bucket = 'acme-output';

const keysOf = async (s3: S3Client, more: object = {}) =>
  (await s3.send(new ListObjects({ Bucket, ...more }))).Contents?.map(({ Key }) => Key) ?? [];
const linesOf = async (s3: S3Client, Key: string) => {
  const { Body } = await s3.send(new GetObject({ Bucket, Key }));
  return (await Body?.transformToString())?.trimEnd().split('\n') ?? [];
};
const lossOf = (line = '') => Number(line.split(',')[2]);
const fixtureJob = (name: string) => jobOnWire(name) as never as JobAnswer;

describe('what a job writes', () => {
  it('begins with its training, grows with it, never changes, and ends as Get says', async () => {
    const { s3, create, get, time } = await start();
    const { jobArn } = await create('grows', validated);
    const folder = folderOf(jobArn);
    expect(await keysOf(s3)).toEqual([]);
    await time.advance(6 * MINUTE);
    const seen: string[][] = [];
    for (let minute = 0; minute < 240; minute += 10) {
      await time.advance(10 * MINUTE);
      const keys = await keysOf(s3, { Prefix: folder });
      if (keys.includes(folder + TRAINING)) seen.push(await linesOf(s3, folder + TRAINING));
    }
    const whole = seen.at(-1) ?? [];
    expect(new Set(seen.map((lines) => lines.length)).size).toBeGreaterThan(2);
    for (const lines of seen) expect(whole.slice(0, lines.length)).toEqual(lines);
    expect(whole.slice(0, 2)).toEqual([
      'step_number,epoch_number,training_loss',
      expect.stringMatching(/^1,0,[\d.]+$/),
    ]);
    const job = await get(jobArn);
    expect(job.status).toBe('Completed');
    expect(lossOf(whole.at(-1))).toBe(job.trainingMetrics?.trainingLoss);
    const validation = await linesOf(s3, folder + VALIDATION);
    expect(validation).toEqual([
      'step_number,epoch_number,validation_loss',
      expect.stringMatching(/^\d+,0,[\d.]+$/),
      expect.stringMatching(/^\d+,1,[\d.]+$/),
    ]);
    expect(lossOf(validation.at(-1))).toBe(job.validationMetrics?.[0]?.validationLoss);
    expect(validation.at(-1)?.split(',')[0]).toBe(whole.at(-1)?.split(',')[0]);
  });

  it('has perplexity for models other than Nova', async () => {
    const { s3, create, time } = await start();
    const baseModelIdentifier = 'meta.llama3-3-70b-instruct-v1:0:128k';
    const { jobArn } = await create('llama', { baseModelIdentifier, ...validated });
    await time.advance(DAY);
    for (const [file, loss] of [
      [TRAINING, 'training_loss'],
      [VALIDATION, 'validation_loss'],
    ] as const)
      expect((await linesOf(s3, folderOf(jobArn) + file))[0]).toBe(`step_number,epoch_number,${loss},perplexity`);
  });

  it('is nothing where the validation fails', async () => {
    const { s3, create, time, simulator } = await start({ failureRate: 1 });
    for (let index = 0; index < 20; index += 1) await create(`fails-${index}`);
    await time.advance(DAY);
    const written = (await keysOf(s3)).map((key) => key?.slice(24, 36));
    const jobs = [...simulator.jobs()].map(({ job }) => job);
    const failedEarly = jobs.filter(({ statusDetails }) => statusDetails?.validationDetails?.status === 'Failed');
    expect(failedEarly.length).toBeGreaterThan(0);
    expect(written.length).toBeGreaterThan(0);
    for (const { jobArn } of failedEarly) expect(written).not.toContain(jobArn.slice(-12));
  });

  it('diverges where the failure says so, as it does often with a reckless learning rate', async () => {
    const { s3, create, get, time } = await start({ failureRate: 1 });
    const { jobArn } = await create('reckless', reckless);
    await time.advance(DAY);
    expect(await get(jobArn)).toMatchObject({ status: 'Failed', failureMessage: expect.stringContaining('diverged') });
    const losses = (await linesOf(s3, folderOf(jobArn) + TRAINING)).slice(1).map(lossOf);
    expect(losses.at(-1)).toBeNaN();
    expect(losses.at(-4)).toBeGreaterThan(2 * Math.min(...losses.filter(Number.isFinite)));
  });

  it('is a part where the job is stopped: nothing more is written, and it does not diverge in hindsight', async () => {
    const { s3, create, stop, time } = await start({ failureRate: 1 });
    const { jobArn } = await create('stopped', reckless);
    const key = folderOf(jobArn) + TRAINING;
    while ((await keysOf(s3)).length === 0 || (await linesOf(s3, key)).length < 3) await time.advance(MINUTE);
    const atStop = await linesOf(s3, key);
    await stop(jobArn);
    await time.advance(DAY);
    expect(await linesOf(s3, key)).toEqual(atStop);
    expect(atStop.length).toBeLessThan(500);
    expect(atStop.join()).not.toContain('nan');
  });

  it('does not diverge where the job is completed by steering', async () => {
    const { s3, create, get, steer, time } = await start({ failureRate: 1 });
    const { jobArn } = await create('steered', reckless);
    await time.advance(MINUTE);
    await steer('steered', 'Completed');
    const losses = (await linesOf(s3, folderOf(jobArn) + TRAINING)).slice(1).map(lossOf);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBe((await get(jobArn)).trainingMetrics?.trainingLoss);
  });

  it('has rewards for reinforcement fine-tuning, which rise and grow with the training', async () => {
    const { s3, create, time } = await start();
    const lambdaGrader = { lambdaArn: 'arn:aws:lambda:us-east-1:123456789012:function:grader' };
    const hyperParameters = { epochCount: 3, learningRate: 1e-5 };
    const rftConfig = { graderConfig: { lambdaGrader }, hyperParameters };
    const { jobArn } = await create('rft', { customizationConfig: { rftConfig } });
    const key = folderOf(jobArn) + TRAINING;
    while ((await keysOf(s3)).length === 0) await time.advance(10 * MINUTE);
    const begun = await linesOf(s3, key);
    await time.advance(DAY);
    const lines = await linesOf(s3, key);
    expect(await keysOf(s3)).toEqual([key]);
    expect(lines.slice(0, begun.length)).toEqual(begun);
    expect(lines.length).toBeGreaterThan(begun.length);
    expect(lines[0]).toBe(
      'step_number,epoch_number,critic/rewards/mean,critic/rewards/max,critic/rewards/min,val-score/rewards/mean@1',
    );
    const rewards = lines.slice(1).map(lossOf);
    expect(rewards.every((reward) => reward >= 0 && reward <= 1)).toBe(true);
    expect(rewards.at(-1)).toBeGreaterThan(rewards[0] ?? NaN);
    expect(lines.at(-1)).toMatch(/^\d+,2,[\d.]+,[\d.]+,[\d.]+,[\d.]+$/);
  });

  it('is there for loaded jobs that tell a loss, below the folder that they name', async () => {
    const { simulator } = await start();
    const job = fixtureJob('fine-tuning-completed');
    simulator.load([
      { job: { ...job, outputDataConfig: { s3Uri: 's3://acme-output/some/folder' } } },
      { job: fixtureJob('fine-tuning-failed') },
      { job: fixtureJob('continued-pre-training-in-progress') },
    ]);
    const key = `some/folder/${folderOf(job.jobArn)}${TRAINING}`;
    const s3 = s3Of(simulator, { region: job.jobArn.split(':')[3] ?? '' });
    expect(await keysOf(s3)).toContain(key);
    const truth = simulator.truth(job.jobArn)?.job;
    expect(lossOf((await linesOf(s3, key)).at(-1))).toBe(truth?.trainingMetrics?.trainingLoss);
  });
});

describe('the data that a job names', () => {
  const text = async (s3: S3Client, key: string) => {
    const { Body } = await s3.send(new GetObject({ Bucket: 'acme-training', Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };

  it.each<[string, string, string, object]>([
    ['Nova', MODELS.nova, 'FINE_TUNING', {}],
    ['Llama 3.1', MODELS.llama31, 'FINE_TUNING', {}],
    ['Claude', MODELS.haiku, 'FINE_TUNING', {}],
    ['Nova Canvas', MODELS.canvas, 'FINE_TUNING', {}],
    [
      'a distillation',
      MODELS.nova,
      'DISTILLATION',
      {
        distillationConfig: {
          teacherModelConfig: { teacherModelIdentifier: 'amazon.nova-pro-v1:0' },
        },
      },
    ],
  ])('are valid for %s', async (_, baseModelIdentifier, customizationType, customizationConfig) => {
    const { s3, create } = await start();
    await create('reads', {
      baseModelIdentifier,
      customizationType: customizationType as never,
      ...(customizationType === 'DISTILLATION' && { customizationConfig: customizationConfig as never }),
      trainingDataConfig: { s3Uri: 's3://acme-training/a/train.jsonl' },
      ...validated,
    });
    for (const key of ['a/train.jsonl', 'validation.jsonl']) {
      const check = createFileCheck(
        { name: key, role: 'training', bucket: 'acme-training' },
        rulesFor(baseModelIdentifier, customizationType),
      );
      check.push(await text(s3, key));
      expect(check.end()).toMatchObject({ records: 220, problems: [] });
    }
  });

  it('are the same each time, and of other names there are none', async () => {
    const { s3, create } = await start();
    await create('reads', { trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' } });
    expect(await text(s3, 'train.jsonl')).toEqual(await text(s3, 'train.jsonl'));
    expect(await errorOf(text(s3, 'other.jsonl'))).toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('S3 as clients know it', () => {
  const ODD = 'b c+ü&';
  /** Five jobs that wrote, the last one into a folder with a name that Create would refuse. */
  const withOutput = async () => {
    const started = await start();
    const arns: string[] = [];
    for (const [index, folder] of ['a', 'a', 'a', 'b'].entries()) {
      const outputDataConfig = { s3Uri: `s3://acme-output/${folder}/` };
      const { jobArn = '' } = await started.create(`job-${index}`, { ...validated, outputDataConfig });
      arns.push(jobArn);
    }
    await started.time.advance(DAY);
    const job = fixtureJob('fine-tuning-completed');
    started.simulator.load([{ job: { ...job, outputDataConfig: { s3Uri: `s3://acme-output/${ODD}/` } } }]);
    return { ...started, arns: [...arns, job.jobArn] };
  };

  it('lists all pages in the order of keys, each once', async () => {
    const { s3 } = await withOutput();
    const all = await keysOf(s3);
    expect(all).toHaveLength(10);
    expect(all).toEqual([...all].sort());
    const paged: unknown[] = [];
    const sizes: unknown[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 3 }, { Bucket })) {
      paged.push(...(page.Contents ?? []).map(({ Key }) => Key));
      sizes.push(page.KeyCount);
    }
    expect(paged).toEqual(all);
    expect(sizes).toEqual([3, 3, 3, 1]);
  });

  it('lists by prefix, by delimiter, and after a key', async () => {
    const { s3, arns } = await withOutput();
    expect(await keysOf(s3, { Prefix: `a/${folderOf(arns[1])}` })).toHaveLength(2);
    expect(await keysOf(s3, { Prefix: `${ODD}/` })).toHaveLength(2);
    const folders: unknown[] = [];
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket, Delimiter: '/' })) {
      expect(page.Contents).toBeUndefined();
      folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
    }
    expect(folders).toEqual(['a/', `${ODD}/`, 'b/']);
    const encoded = await s3.send(new ListObjects({ Bucket, Delimiter: '/', EncodingType: 'url' }));
    expect(encoded.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['a/', 'b%20c%2B%C3%BC%26/', 'b/']);
    const all = await keysOf(s3);
    expect(await keysOf(s3, { StartAfter: all[7] })).toEqual(all.slice(8));
    expect(await keysOf(s3, { MaxKeys: 0 })).toEqual([]);
    expect(await keysOf(s3, { Prefix: 'nothing/' })).toEqual([]);
  });

  it('tells of an object what it is, and sends a part of it', async () => {
    const { s3, arns } = await withOutput();
    const Key = `${ODD}/${folderOf(arns[4])}${TRAINING}`;
    const head = await s3.send(new HeadObject({ Bucket, Key }));
    const { Contents } = await s3.send(new ListObjects({ Bucket, Prefix: Key }));
    const text = (await linesOf(s3, Key)).join('\n') + '\n';
    expect(head).toMatchObject({ ContentLength: text.length, ContentType: 'text/csv', ETag: Contents?.[0]?.ETag });
    expect(Contents?.[0]?.Size).toBe(text.length);
    expect(Math.abs((head.LastModified?.getTime() ?? 0) - (Contents?.[0]?.LastModified?.getTime() ?? 0))).toBeLessThan(
      1000,
    );
    const part = async (Range: string) => {
      const { Body, ContentRange } = await s3.send(new GetObject({ Bucket, Key, Range }));
      return [await Body?.transformToString(), ContentRange];
    };
    expect(await part('bytes=0-10')).toEqual(['step_number', `bytes 0-10/${text.length}`]);
    expect(await part('bytes=-5')).toEqual([
      text.slice(-5),
      `bytes ${text.length - 5}-${text.length - 1}/${text.length}`,
    ]);
    expect((await part('bytes=5-'))[0]).toBe(text.slice(5));
    expect((await part('lines=1-2'))[0]).toBe(text);
    expect(await errorOf(part(`bytes=${text.length}-`))).toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
    expect(await s3.send(new HeadBucket({ Bucket }))).toMatchObject({ BucketRegion: 'us-east-1' });
  });

  it.each([
    ['NoSuchBucket', 404, new ListObjects({ Bucket: 'nobodys-bucket' })],
    ['NoSuchBucket', 404, new GetObject({ Bucket: 'nobodys-bucket', Key: 'x' })],
    ['NoSuchKey', 404, new GetObject({ Bucket, Key: 'a/nothing.csv' })],
    ['NoSuchKey', 404, new GetObject({ Bucket, Key: '<&">' })],
    ['InvalidArgument', 400, new ListObjects({ Bucket, ContinuationToken: 'no token' })],
    ['MethodNotAllowed', 405, new PutObject({ Bucket, Key: 'x', Body: 'x' })],
  ])('answers %s (%i)', async (name, httpStatusCode, command) => {
    const { s3 } = await withOutput();
    const error = await errorOf(s3.send(command as ListObjects));
    expect(error).toMatchObject({ name, message: expect.stringMatching(/\S/), $metadata: { httpStatusCode } });
  });

  it('answers HEAD without a body', async () => {
    const { s3 } = await withOutput();
    const head = s3.send(new HeadObject({ Bucket, Key: 'a/nothing.csv' }));
    expect(await errorOf(head)).toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
  });

  it('leads clients to the Region of the bucket', async () => {
    const { simulator } = await withOutput();
    const elsewhere = s3Of(simulator, { region: 'eu-west-1' });
    const list = new ListObjects({ Bucket });
    expect(await errorOf(elsewhere.send(list))).toMatchObject({
      name: 'PermanentRedirect',
      $metadata: { httpStatusCode: 301 },
      $response: { headers: { 'x-amz-bucket-region': 'us-east-1' } },
    });
    const following = s3Of(simulator, { region: 'eu-west-1', followRegionRedirects: true });
    expect((await following.send(list)).KeyCount).toBe(10);
  });

  it('has the faults that are set, by operation or for one bucket', async () => {
    const { simulator, s3, arns } = await withOutput();
    const list = () => errorOf(s3.send(new ListObjects({ Bucket })));
    const get = () => errorOf(linesOf(s3, `a/${folderOf(arns[0])}${TRAINING}`));
    const denied = (permission: string) => ({
      name: 'AccessDenied',
      message: expect.stringContaining(`is not authorized to perform: ${permission} on resource`),
      $metadata: { httpStatusCode: 403 },
    });
    simulator.faults = { accessDenied: ['ListObjectsV2'] };
    expect([await list(), await get()]).toMatchObject([denied('s3:ListBucket'), undefined]);
    simulator.faults = { accessDenied: ['GetObject:acme-output', 'ListObjectsV2:other'] };
    expect([await list(), await get()]).toMatchObject([undefined, denied('s3:GetObject')]);
    simulator.faults = { failProbability: 1 };
    expect(await list()).toMatchObject({ name: 'InternalError', $metadata: { httpStatusCode: 500 } });
    simulator.faults = { throttle: { ratePerSecond: 0, burst: 0 } };
    expect(await list()).toBeUndefined();
  });

  it('does not count as Bedrock, and takes nothing from it', async () => {
    const { simulator, s3 } = await withOutput();
    simulator.resetCounts();
    await keysOf(s3);
    expect(Object.values(simulator.counts().received).every((count) => count === 0)).toBe(true);
    expect(await callsOf(clientOf(simulator)).get('job-0')).toHaveProperty('jobName', 'job-0');
    // Without a signature for S3, a path is one of Bedrock's or none.
    const unsigned = await fetch(`${simulator.url}/acme-output?list-type=2`);
    expect([unsigned.status, unsigned.headers.get('x-amzn-errortype')]).toEqual([404, 'UnknownOperationException']);
  });

  it('refuses other listings and invalid requests', async () => {
    const { simulator } = await withOutput();
    const authorization = 'AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260810/us-east-1/s3/aws4_request';
    const ask = async (path: string) => {
      const answer = await fetch(`${simulator.url}${path}`, { headers: { authorization } });
      return [answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]];
    };
    for (const [path, status, code] of [
      ['/', 501, 'NotImplemented'],
      ['/acme-output', 501, 'NotImplemented'],
      ['/acme-output/%E0%A4%A', 400, 'InvalidURI'],
      ['/acme-output?list-type=2&max-keys=-1', 400, 'InvalidArgument'],
      ['/acme-output?list-type=2&encoding-type=gzip', 400, 'InvalidArgument'],
    ] as const)
      expect(await ask(path)).toEqual([status, code]);
  });
});
