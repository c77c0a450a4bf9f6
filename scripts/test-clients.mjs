/**
 * Proves that the AWS CLI and boto3 work against the Bedrock simulator, that its answers have the shapes of botocore's
 * service model, that the tracker records what moto answers in Bedrock's place, and that the Python of docs/querying.md
 * finds in the jobs table what its TypeScript finds. All of these know nothing of this project, so they hold it to the
 * real protocols. Needs Python 3.10 or newer; without it, says so and skips.
 *
 *   node scripts/test-clients.mjs
 *
 * RECORDINGS names a folder of answers that AWS gave; they are held to the same shapes.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findNode } from './lib/node.mjs';
import { CLIENTS, ensureVenv, findPython } from './lib/python.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);

let passed = 0;
let failed = 0;
let python = '';
const say = (line) => process.stdout.write(`${line}\n`);
const finish = (skipped = 0) => {
  say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed > 0 ? 1 : 0;
};

/** Starts a server of test/clients, which says on its first line, in JSON, what there is to know. */
const startServer = async (file, args = [], more = {}) => {
  const program = file.endsWith('.py') ? python : findNode();
  const child = spawn(program, [join(root, 'test', 'clients', file), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...more },
    shell: process.platform === 'win32',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const firstLine = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    void ended.then((code) => reject(new Error(`${file} ended with code ${code} before it listened.`)));
  });
  return {
    ...JSON.parse(await firstLine),
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
};

const assert = (condition, message) => {
  if (!condition) throw new Error(message);
};
const same = (found, expected) =>
  assert(
    JSON.stringify(found) === JSON.stringify(expected),
    `${JSON.stringify(found)} is not ${JSON.stringify(expected)}`,
  );

const check = async (name, test) => {
  try {
    await test();
    passed += 1;
    say(`ok ${name}`);
  } catch (error) {
    failed += 1;
    say(`FAILED ${name}: ${error.message}`);
  }
};

/** The AWS CLI as somebody without any configuration runs it. */
const cliFor = (url, home) => {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    USERPROFILE: home,
    SYSTEMROOT: process.env.SYSTEMROOT ?? '',
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_ACCESS_KEY_ID: '111111111111',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'us-west-2',
    AWS_DEFAULT_REGION: 'us-west-2',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
  };
  const command = ['-m', 'awscli', '--endpoint-url', url, '--output', 'json'];
  const text = async (...words) => (await run(python, [...command, ...words], { env, maxBuffer: 2 ** 24 })).stdout;
  const bedrock = async (...words) => {
    const answer = await text('bedrock', ...words);
    return answer.trim() === '' ? {} : JSON.parse(answer);
  };
  return { bedrock, text };
};

const refused = async (call, code) => {
  const error = await call.then(
    () => undefined,
    (thrown) => thrown,
  );
  assert(error, `expected ${code}, but the call succeeded`);
  assert(error.stderr.includes(`(${code})`), `expected ${code}, but got: ${error.stderr.trim()}`);
  return error.stderr;
};

const createArguments = (name, more = []) => [
  'create-model-customization-job',
  ...['--job-name', name, '--custom-model-name', `${name}-model`],
  ...['--role-arn', 'arn:aws:iam::111111111111:role/BedrockCustomizationRole'],
  ...['--base-model-identifier', 'amazon.nova-micro-v1:0:128k', '--customization-type', 'FINE_TUNING'],
  ...['--training-data-config', '{"s3Uri":"s3://acme-training/train.jsonl"}'],
  ...['--output-data-config', '{"s3Uri":"s3://acme-output/"}'],
  ...more,
];

const checkCli = async (url, home) => {
  const { bedrock: cli, text } = cliFor(url, home);
  const names = ['cli-job-1', 'cli-job-2', 'cli-job-3', 'other-job'];
  let arn = '';
  await check('CLI: create', async () => {
    const more = ['--job-tags', 'key=team,value=ml', '--hyper-parameters', 'epochCount=2,batchSize=1'];
    arn = (await cli(...createArguments(names[0], more))).jobArn;
    const start = 'arn:aws:bedrock:us-west-2:111111111111:model-customization-job/amazon.nova-micro-v1:0:128k/';
    assert(arn.startsWith(start), arn);
    for (const name of names.slice(1)) await cli(...createArguments(name));
  });
  await check('CLI: get by ARN and by name', async () => {
    for (const identifier of [arn, names[0]]) {
      const job = await cli('get-model-customization-job', '--job-identifier', identifier);
      same([job.jobArn, job.jobName, job.status], [arn, names[0], 'InProgress']);
      same(
        [job.hyperParameters, job.validationMetrics],
        [{ epochCount: '2', batchSize: '1', learningRate: '1.0E-4' }, []],
      );
      assert(!('validationDataConfig' in job) && !Number.isNaN(Date.parse(job.creationTime)), JSON.stringify(job));
    }
  });
  await check('CLI: list with filters, paginated by the CLI', async () => {
    const list = async (...words) =>
      (await cli('list-model-customization-jobs', ...words)).modelCustomizationJobSummaries.map(
        ({ jobName }) => jobName,
      );
    same(await list('--page-size', '1', '--sort-order', 'Ascending'), names);
    same(await list('--page-size', '2', '--name-contains', 'cli-job'), ['cli-job-3', 'cli-job-2', 'cli-job-1']);
    same(await list('--status-equals', 'Completed'), []);
    same(await list('--creation-time-after', '2000-01-01', '--sort-by', 'CreationTime', '--max-items', '2'), [
      'other-job',
      'cli-job-3',
    ]);
    same(await list('--creation-time-before', '2000-01-01T00:00:00Z'), []);
  });
  await check('CLI: tag, list tags, untag', async () => {
    await cli('tag-resource', '--resource-arn', arn, '--tags', 'key=env,value=prod', 'key=team,value=other');
    await cli('untag-resource', '--resource-arn', arn, '--tag-keys', 'env', 'unknown');
    same(await cli('list-tags-for-resource', '--resource-arn', arn), { tags: [{ key: 'team', value: 'other' }] });
  });
  await check('CLI: stop', async () => {
    await cli('stop-model-customization-job', '--job-identifier', arn);
    const { status } = await cli('get-model-customization-job', '--job-identifier', names[0]);
    assert(['Stopping', 'Stopped'].includes(status), status);
    await refused(cli('stop-model-customization-job', '--job-identifier', names[0]), 'ConflictException');
  });
  await check('CLI: what a job wrote to S3', async () => {
    const steering = { method: 'POST', body: '{"status":"Completed"}' };
    const steered = await fetch(`${url}/_simulator/jobs/${names[1]}`, steering);
    assert(steered.ok, await steered.text());
    const { jobArn } = await cli('get-model-customization-job', '--job-identifier', names[1]);
    const folder = `model-customization-job-${jobArn.slice(-12)}/`;
    const path = 'training_artifacts/step_wise_training_metrics.csv';
    const listed = await text('s3', 'ls', '--recursive', `s3://acme-output/${folder}`);
    assert(listed.trim().endsWith(`${folder}${path}`), listed);
    const prefixes = await text('s3', 'ls', 's3://acme-output/');
    assert(prefixes.includes(`PRE ${folder}`), prefixes);
    await text('s3', 'cp', '--recursive', `s3://acme-output/${folder}`, home);
    const lines = readFileSync(join(home, ...path.split('/')), 'utf8').split('\n');
    same([lines[0], lines.length > 60], ['step_number,epoch_number,training_loss', true]);
  });
  await check('CLI: errors', async () => {
    const get = (identifier) => cli('get-model-customization-job', '--job-identifier', identifier);
    await refused(get('nobody'), 'ResourceNotFoundException');
    await refused(get('no such name'), 'ValidationException');
    await refused(get(arn.replace('111111111111', '999999999999')), 'AccessDeniedException');
    const inUse = await refused(cli(...createArguments(names[1])), 'ValidationException');
    assert(inUse.includes('The provided job name is currently in use.'), inUse);
    const both = await refused(cli(...createArguments('no spaces')), 'ValidationException');
    assert(both.includes('2 validation errors detected'), both);
  });
};

/** Runs a Python script of test/clients and counts its lines. */
const checkPython = async (file, args, home, more = {}) => {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    USERPROFILE: home,
    SYSTEMROOT: process.env.SYSTEMROOT ?? '',
    AWS_EC2_METADATA_DISABLED: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
    ...more,
  };
  const script = join(root, 'test', 'clients', file);
  const { stdout, stderr } = await run(python, [script, ...args], { env, timeout: 120_000 }).catch((error) => error);
  const lines = stdout.split(/\r?\n/).filter(Boolean);
  lines.forEach(say);
  const ok = lines.filter((line) => line.startsWith('ok ')).length;
  const bad = lines.filter((line) => line.startsWith('FAILED ')).length;
  passed += ok;
  failed += bad;
  if (ok + bad === 0) {
    failed += 1;
    say(`FAILED boto3: the checks of ${file} did not run: ${stderr.trim()}`);
  }
};

/** The Python of docs/querying.md finds what its TypeScript finds. */
const checkQuerying = async (home) => {
  // The embedded DynamoDB takes any; an account of the person's own is never meant.
  const credentials = {
    AWS_ACCESS_KEY_ID: '111122223333',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
  };
  const table = await startServer('serve-querying.ts', [], { ...credentials, NODE_NO_WARNINGS: '1' });
  try {
    const found = join(home, 'found.json');
    writeFileSync(found, JSON.stringify(table.found));
    const more = { ...credentials, AWS_ENDPOINT_URL_DYNAMODB: table.url };
    await checkPython('check_querying.py', [join(root, 'docs', 'querying.md'), found], home, more);
  } finally {
    await table.close();
  }
};

/** Every answer of a simulator with short lives is what the service model says, as far as real ones are. */
const checkShapes = async (home) => {
  const simulator = await startServer('serve.ts', ['1500', '0.4']);
  const { RECORDINGS: recordings } = process.env;
  try {
    await checkPython('check_shapes.py', [simulator.url, ...(recordings ? [recordings] : [])], home);
  } finally {
    await simulator.close();
  }
};

/** The tracker's records are what moto, a Bedrock written apart from this project, answers. */
const checkMoto = async (home) => {
  const moto = await startServer('serve_moto.py');
  try {
    const own = {
      AWS_ENDPOINT_URL: moto.url,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_CONFIG_FILE: join(home, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
      NODE_NO_WARNINGS: '1',
    };
    const run = await startServer('serve-local-run.ts', [join(home, 'data')], own);
    try {
      await checkPython('check_moto.py', [moto.url, run.url], home);
    } finally {
      await run.close();
    }
  } finally {
    await moto.close();
  }
};

const main = async () => {
  const found = findPython();
  if (found === undefined) {
    say('Skipped: no Python 3.10 or newer with venv was found, and the AWS CLI and boto3 need one.');
    finish(38);
    return;
  }
  const home = mkdtempSync(join(tmpdir(), 'clients-'));
  try {
    python = await ensureVenv(found, CLIENTS, say);
    const simulator = await startServer('serve.ts', ['20', '0']);
    try {
      await checkCli(simulator.url, home);
      await checkPython('check_boto3.py', [simulator.url], home);
    } finally {
      await simulator.close();
    }
    await checkShapes(home);
    await checkMoto(home);
    await checkQuerying(home);
  } catch (error) {
    failed += 1;
    say(`FAILED: ${error.stderr || error.message}`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  finish();
};

await main();
