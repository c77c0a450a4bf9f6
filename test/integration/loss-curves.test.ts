import { afterEach, describe, expect, it } from '@jest/globals';
import {
  CreateModelCustomizationJobCommand as Create,
  GetModelCustomizationJobCommand as Get,
} from '@aws-sdk/client-bedrock';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { type JobOutput, readLossCurves } from '../../lib/operator/loss-curves/index.ts';
import { hasCode } from '../../lib/domain/errors.ts';
import { HOUR, MINUTE } from '../../lib/domain/time.ts';
import { rememberRequests } from '../../lib/operator/aws-errors.ts';
import { jobInput, startStill } from '../support/integration/simulator.ts';

const csv = (name: string) => readFileSync(join(import.meta.dirname, `../fixtures/csv/${name}.csv`), 'utf8');

const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0).reverse()) close();
});

const s3Of = (endpoint: string, more: S3ClientConfig = {}): S3Client => {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  const client = rememberRequests(
    new S3Client({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1, ...more }),
  );
  closings.push(() => client.destroy());
  return client;
};
const outputOf = (jobArn: string, more: Partial<JobOutput> = {}): JobOutput => ({
  job_arn: jobArn,
  job_id: jobArn.slice(-12),
  output_data_config: { s3_uri: 's3://acme-output/' },
  ...more,
});
const thrownBy = async (client: S3Client, job: JobOutput) => {
  const error: unknown = await readLossCurves(client, job).catch((thrown: unknown) => thrown);
  return error as Error & { readonly code?: string };
};

const withJob = async () => {
  const started = await startStill();
  const validators = [{ s3Uri: 's3://acme-training/validation.jsonl' }];
  const { jobArn = '' } = await started.client.send(
    new Create(jobInput('job', { validationDataConfig: { validators } })),
  );
  return { ...started, jobArn, s3: s3Of(started.simulator.url) };
};

describe('the curves of a job on the simulator', () => {
  it('end as Get says, and name the files', async () => {
    const { s3, client, time, jobArn } = await withJob();
    await time.advance(24 * HOUR);
    const { training = [], validation = [], files } = await readLossCurves(s3, outputOf(jobArn));
    const { trainingMetrics, validationMetrics } = await client.send(new Get({ jobIdentifier: jobArn }));
    expect(training.at(-1)?.loss).toBe(trainingMetrics?.trainingLoss);
    expect(validation.at(-1)?.loss).toBe(validationMetrics?.[0]?.validationLoss);
    expect(training.map(({ step }) => step)).toEqual(training.map((_, index) => index + 1));
    const folder = `s3://acme-output/model-customization-job-${jobArn.slice(-12)}/`;
    expect(files).toEqual([
      `${folder}training_artifacts/step_wise_training_metrics.csv`,
      `${folder}validation_artifacts/post_fine_tuning_validation/validation/validation_metrics.csv`,
    ]);
  });

  it('grow while it trains', async () => {
    const { s3, time, jobArn } = await withJob();
    const lengths: number[] = [];
    for (let minutes = 0; minutes < 200; minutes += 20) {
      await time.advance(20 * MINUTE);
      const curves = await readLossCurves(s3, outputOf(jobArn)).catch(() => undefined);
      lengths.push(curves?.training?.length ?? 0);
    }
    expect(new Set(lengths).size).toBeGreaterThan(2);
    expect(lengths).toEqual([...lengths].sort((left, right) => left - right));
  });

  it.each([
    [{ status: 'InProgress' }, /still running/],
    [{ status: 'Failed', status_details: { validation_details: { status: 'Failed' } } }, /failed the validation/],
    [{ status: 'Stopped' }, /stopped before/],
    [
      { customization_type: 'REINFORCEMENT_FINE_TUNING', status: 'Completed' },
      /It completed, so the files were deleted since/,
    ],
    [{}, /may still run, its data may have failed the validation/],
  ])('of %j are none: says why that may be', async (more, message) => {
    const { s3, jobArn } = await withJob();
    const error = await thrownBy(s3, outputOf(jobArn, more));
    expect(error.code).toBe('NO_LOSS_CURVE');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`s3://acme-output/model-customization-job-${jobArn.slice(-12)}/`);
  });

  it.each([
    ['ListObjectsV2', /You need s3:ListBucket/],
    ['GetObject', /You need s3:GetObject/],
  ])('are refused where %s is denied, with the permission that is missing', async (operation, message) => {
    const { s3, simulator, time, jobArn } = await withJob();
    await time.advance(24 * HOUR);
    simulator.faults = { accessDenied: [operation] };
    const error = await thrownBy(s3, outputOf(jobArn));
    expect(error.code).toBe('ACCESS_DENIED');
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/is not authorized to perform/);
  });

  it('are none where the bucket is gone', async () => {
    const { s3, jobArn } = await withJob();
    const error = await thrownBy(s3, outputOf(jobArn, { output_data_config: { s3_uri: 's3://gone-bucket/x' } }));
    expect(error).toMatchObject({ code: 'NO_LOSS_CURVE', message: expect.stringContaining('The bucket of s3://gone-bucket/x/') }); // prettier-ignore
  });

  it('are found in another Region by a client that follows', async () => {
    const { simulator, time, jobArn } = await withJob();
    await time.advance(24 * HOUR);
    const following = s3Of(simulator.url, { region: 'eu-west-1', followRegionRedirects: true });
    expect((await readLossCurves(following, outputOf(jobArn))).training?.length).toBeGreaterThan(50);
  });

  it('come with other failures in a sentence', async () => {
    const { s3, simulator, jobArn } = await withJob();
    simulator.faults = { failProbability: 1 };
    expect(await thrownBy(s3, outputOf(jobArn))).toMatchObject({
      code: 'AWS_REFUSED',
      cause: { name: 'InternalError' },
    });
  });
});

/** An S3 that answers what a test says: what Bedrock would hardly write. */
const serve = async (answers: {
  readonly keys: readonly string[];
  readonly object?: (key: string) => Iterable<string>;
  readonly length?: number;
}) => {
  let listed = 0;
  const server = createServer((request, response) => {
    if (!request.url?.includes('list-type=2')) {
      response.writeHead(200, {
        'content-type': 'text/csv',
        ...(answers.length !== undefined && { 'content-length': answers.length }),
      });
      for (const piece of answers.object?.(decodeURIComponent((request.url ?? '').split('?')[0] ?? '')) ?? [])
        response.write(piece);
      response.end();
      return;
    }
    const page = answers.keys.slice(listed, (listed += 1000));
    const contents = page.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('');
    const next = `<IsTruncated>true</IsTruncated><NextContinuationToken>${listed}</NextContinuationToken>`;
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(`<ListBucketResult>${contents}${listed < answers.keys.length ? next : ''}</ListBucketResult>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closings.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { s3: s3Of(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), pages: () => listed / 1000 };
};

describe('the curves of a folder that others use', () => {
  const JOB = outputOf('arn:aws:bedrock:us-east-1:123456789012:model-customization-job/m/q7w2e9r4t1y6');
  const FOLDER = 'model-customization-job-q7w2e9r4t1y6/';
  const TRAINING = `${FOLDER}training_artifacts/step_wise_training_metrics.csv`;
  const others = (count: number) => Array.from({ length: count }, (_, index) => `${FOLDER}other/${index}`);

  it('are found on the last page of the listing', async () => {
    const { s3 } = await serve({
      keys: [...others(2500), TRAINING],
      object: () => ['step_number,training_loss\n', '0,1\n'],
    });
    expect(await readLossCurves(s3, JOB)).toEqual({
      training: [{ step: 0, loss: 1 }],
      files: [`s3://acme-output/${TRAINING}`],
    });
  });

  it('are given up after some ten thousand objects', async () => {
    const { s3, pages } = await serve({ keys: others(50_000) });
    const error = await thrownBy(s3, JOB);
    expect(hasCode(error, 'BAD_LOSS_CURVE')).toBe(true);
    expect(error.message).toMatch(/More than 10000 objects are at s3:\/\/acme-output\//);
    expect(pages()).toBeLessThan(15);
  });

  const VALIDATION = `${FOLDER}validation_artifacts/validation_metrics.csv`;

  it('are not read to the end where a file has no end, and another file still is', async () => {
    const line = `1,1,${'x'.repeat(50_000)}\n`;
    function* endless() {
      yield 'step_number,training_loss,remark\n';
      for (let count = 0; count < 1_000; count += 1) yield line;
    }
    const { s3 } = await serve({
      keys: [TRAINING, VALIDATION],
      object: (key) => (key.endsWith(TRAINING) ? endless() : [csv('nova-validation')]),
    });
    const { validation, problems } = await readLossCurves(s3, JOB);
    expect(validation).toHaveLength(3);
    expect(problems).toEqual([expect.stringMatching(/too large for a loss curve/)]);
  }, 60_000);

  it('are not begun where a file says that it is too large', async () => {
    const { s3 } = await serve({ keys: [TRAINING], length: 2 ** 30, object: () => ['step_number,training_loss\n'] });
    const error = await thrownBy(s3, JOB);
    expect(error).toMatchObject({ code: 'BAD_LOSS_CURVE', message: expect.stringContaining('too large') });
  });

  it.each([
    ['Completed', /^arn:\S+ wrote no rows: s3:\/\/\S+\.csv has at most a header\.$/],
    ['InProgress', /has at most a header\. It is still running/],
    ['Stopped', /has at most a header\. It stopped before its training wrote any/],
  ])('have no rows where the file of a job that is %s has only a header', async (status, message) => {
    const { s3 } = await serve({ keys: [TRAINING], object: () => [csv('training-header-only')] });
    const error = await thrownBy(s3, { ...JOB, status });
    expect(error).toMatchObject({ code: 'NO_LOSS_CURVE', message: expect.stringMatching(message) });
  });

  const bothFiles = (training: string, validation: string) =>
    serve({ keys: [TRAINING, VALIDATION], object: (key) => [key.endsWith(TRAINING) ? training : validation] });

  it.each([
    ['validation', csv('nova-training'), csv('validation-unreadable'), 'training', VALIDATION],
    ['training', '<html>', csv('nova-validation'), 'validation', TRAINING],
  ])('are shown without the %s where its file cannot be read', async (_, training, validation, left, unreadable) => {
    const { s3 } = await bothFiles(training, validation);
    const { files, problems, ...curves } = await readLossCurves(s3, JOB);
    expect(Object.keys(curves)).toEqual([left]);
    expect(problems).toEqual([expect.stringContaining(unreadable)]);
    expect(files).not.toContain(`s3://acme-output/${unreadable}`);
  });

  it('are refused with the first reason where no file can be read', async () => {
    const { s3 } = await bothFiles('<html>', '<html>');
    const message = expect.stringContaining(TRAINING);
    expect(await thrownBy(s3, JOB)).toMatchObject({ code: 'BAD_LOSS_CURVE', message });
  });

  it('tell the file that holds something else', async () => {
    const { s3 } = await serve({ keys: [TRAINING], object: () => ['<html>'] });
    const error = await thrownBy(s3, JOB);
    expect(error).toMatchObject({
      code: 'BAD_LOSS_CURVE',
      message: expect.stringContaining(`s3://acme-output/${TRAINING}`),
    });
  });
});
