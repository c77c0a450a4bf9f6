/**
 * Proves that the AWS CLI and boto3 work against the Bedrock simulator, that its answers have the shapes of botocore's
 * service model, that the tracker records what moto answers in Bedrock's place, and that readers in other languages
 * find in the jobs table what the TypeScript client finds. None of these tools knows this project, so they hold it to the
 * real protocols. Needs Python 3.10 or later; without it, says so and skips.
 *
 * RECORDINGS names a folder of answers that AWS gave; they are held to the same shapes.
 */
import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENTS, ensureVenv, findPython } from '../../scripts/python.ts';
import {
  bareEnvironment,
  check,
  checkPython,
  counts,
  credentialsOf,
  messageOf,
  python,
  run,
  say,
  usePython,
  withServer,
} from './harness.ts';
import { checkReaders } from './readers.ts';

/** The AWS CLI on the simulator. It is boto3 underneath, whose checks have every operation: these are of its own ways. */
const checkCli = async (url: string, home: string): Promise<void> => {
  const env = { ...bareEnvironment(home), ...credentialsOf('111111111111', 'us-west-2'), AWS_MAX_ATTEMPTS: '1' };
  const aws = async (...words: readonly string[]): Promise<string> =>
    (await run(python(), ['-m', 'awscli', '--endpoint-url', url, ...words], { env, maxBuffer: 2 ** 24 })).stdout;
  const bedrock = async (...words: readonly string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await aws('bedrock', ...words, '--output', 'json')) || '{}') as Record<string, unknown>;
  const create = (name: string, ...more: readonly string[]) =>
    bedrock(
      'create-model-customization-job',
      ...['--job-name', name, '--custom-model-name', `${name}-model`],
      ...['--role-arn', 'arn:aws:iam::111111111111:role/BedrockCustomizationRole'],
      ...['--base-model-identifier', 'amazon.nova-micro-v1:0:128k', '--customization-type', 'FINE_TUNING'],
      ...['--training-data-config', '{"s3Uri":"s3://acme-training/train.jsonl"}'],
      ...['--output-data-config', '{"s3Uri":"s3://acme-output/"}'],
      ...more,
    );
  const names = ['cli-job-1', 'cli-job-2', 'cli-job-3', 'other-job'] as const;
  let arn = '';
  await check('CLI: create and get', async () => {
    const more = ['--job-tags', 'key=team,value=ml', '--hyper-parameters', 'epochCount=2,batchSize=1'];
    arn = String((await create(names[0], ...more))['jobArn']);
    for (const name of names.slice(1)) await create(name);
    const job = await bedrock('get-model-customization-job', '--job-identifier', arn);
    assert.deepEqual([job['jobArn'], job['jobName'], job['status']], [arn, names[0], 'InProgress']);
    assert.deepEqual(job['hyperParameters'], { epochCount: '2', batchSize: '1', learningRate: '1.0E-4' });
    const { tags } = await bedrock('list-tags-for-resource', '--resource-arn', arn);
    assert.deepEqual(tags, [{ key: 'team', value: 'ml' }]);
  });
  await check('CLI: list with filters, paginated by the CLI', async () => {
    const list = async (...words: readonly string[]): Promise<string[]> => {
      const { modelCustomizationJobSummaries: found } = await bedrock('list-model-customization-jobs', ...words);
      return (found as { readonly jobName: string }[]).map(({ jobName }) => jobName);
    };
    assert.deepEqual(await list('--page-size', '1', '--sort-order', 'Ascending'), names);
    assert.deepEqual(await list('--page-size', '2', '--name-contains', 'cli-job'), names.slice(0, 3).reverse());
    const since = ['--creation-time-after', '2000-01-01', '--sort-by', 'CreationTime', '--max-items', '2'];
    assert.deepEqual(await list(...since), ['other-job', 'cli-job-3']);
    assert.deepEqual(await list('--creation-time-before', '2000-01-01T00:00:00Z'), []);
  });
  await check('CLI: stop, and stop once more', async () => {
    const stop = () => bedrock('stop-model-customization-job', '--job-identifier', arn);
    await stop();
    await assert.rejects(stop, (error) => messageOf(error).includes('(ConflictException)'));
  });
  await check('CLI: models, what serves them, and their use', async () => {
    const steering = { method: 'POST', body: '{"status":"Completed"}' };
    assert.ok((await fetch(`${url}/_simulator/jobs/${names[2]}`, steering)).ok);
    const { modelSummaries } = await bedrock('list-custom-models', '--is-owned', '--name-contains', 'cli-job-3');
    const [{ modelArn }] = modelSummaries as [{ readonly modelArn: string }];
    const units = ['--provisioned-model-name', 'units', '--model-units', '1', '--model-id', modelArn];
    const { provisionedModelArn } = await bedrock('create-provisioned-model-throughput', ...units);
    const deployment = ['--model-deployment-name', 'live', '--model-arn', modelArn, '--tags', 'key=team,value=ml'];
    const { customModelDeploymentArn } = await bedrock('create-custom-model-deployment', ...deployment);
    const { tags } = await bedrock('list-tags-for-resource', '--resource-arn', String(customModelDeploymentArn));
    assert.deepEqual(tags, [{ key: 'team', value: 'ml' }]);
    const remove = () => bedrock('delete-custom-model', '--model-identifier', modelArn);
    await assert.rejects(remove, (error) => messageOf(error).includes('(ConflictException)'));
    const used = JSON.stringify({ arn: provisionedModelArn, invocations: 3, at: '2026-01-01T10:00:00Z' });
    assert.ok((await fetch(`${url}/_simulator/use`, { method: 'POST', body: used })).ok);
    const Metric = {
      Namespace: 'AWS/Bedrock',
      MetricName: 'Invocations',
      Dimensions: [{ Name: 'ModelId', Value: provisionedModelArn }],
    };
    const query = JSON.stringify([{ Id: 'use', MetricStat: { Metric, Period: 3600, Stat: 'Sum' } }]);
    const span = ['--start-time', '2026-01-01T00:00:00Z', '--end-time', '2026-01-02T00:00:00Z'];
    const told = JSON.parse(
      await aws('cloudwatch', 'get-metric-data', '--metric-data-queries', query, ...span, '--output', 'json'),
    ) as { readonly MetricDataResults: readonly { readonly Values: readonly number[] }[] };
    assert.deepEqual(told.MetricDataResults[0]?.Values, [3]);
  });
  await check('CLI: what a job wrote to S3', async () => {
    const steering = { method: 'POST', body: '{"status":"Completed"}' };
    assert.ok((await fetch(`${url}/_simulator/jobs/${names[1]}`, steering)).ok);
    const { jobArn } = await bedrock('get-model-customization-job', '--job-identifier', names[1]);
    const folder = `model-customization-job-${String(jobArn).slice(-12)}/`;
    const path = 'training_artifacts/step_wise_training_metrics.csv';
    assert.ok((await aws('s3', 'ls', '--recursive', `s3://acme-output/${folder}`)).trim().endsWith(`${folder}${path}`));
    assert.ok((await aws('s3', 'ls', 's3://acme-output/')).includes(`PRE ${folder}`));
    await aws('s3', 'cp', '--recursive', `s3://acme-output/${folder}`, home);
    const lines = readFileSync(join(home, ...path.split('/')), 'utf8').split('\n');
    assert.deepEqual([lines[0], lines.length > 60], ['step_number,epoch_number,training_loss', true]);
  });
};

/** The tracker's records are what moto, a Bedrock written apart from this project, answers. */
const checkMoto = (home: string): Promise<void> =>
  withServer(['serve_moto.py'], {}, (moto) => {
    const env = { ...bareEnvironment(home), ...credentialsOf('testing', 'us-east-1'), AWS_ENDPOINT_URL: moto.url };
    return withServer(['serve-local-run.ts', join(home, 'data')], env, (local) =>
      checkPython(home, ['check_moto.py', moto.url, local.url]),
    );
  });

const main = async (): Promise<void> => {
  const found = findPython();
  if (found === undefined) {
    console.log('Skipped: found no Python 3.10 or later with venv, which the AWS CLI and boto3 need.');
    console.log('0 passed, 0 failed, 1 skipped');
    return;
  }
  const home = mkdtempSync(join(tmpdir(), 'clients-'));
  const { RECORDINGS: recordings } = process.env;
  try {
    usePython(await ensureVenv(found, CLIENTS, say));
    await withServer(['serve.ts', '20', '0'], {}, async ({ url }) => {
      await checkCli(url, home);
      await checkPython(home, ['check_boto3.py', url]);
    });
    // Short lives, some of which fail: every answer is what the service model says, as far as real ones are.
    await withServer(['serve.ts', '1500', '0.4'], {}, ({ url }) =>
      checkPython(home, ['check_shapes.py', url, ...(recordings ? [recordings] : [])]),
    );
    await withServer(['serve.ts', '1500', '0.3'], {}, ({ url }) =>
      withServer(['serve_moto.py'], {}, (moto) => checkPython(home, ['check_models.py', url, moto.url])),
    );
    await checkMoto(home);
    await checkReaders(home);
  } catch (error) {
    say(`FAILED: ${messageOf(error)}`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  const { passed, failed } = counts();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
};

await main();
