import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BedrockClient, CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { readRunFile } from '../../../lib/local/run-file.ts';
import { startBedrockSimulator } from '../../../lib/simulator/index.ts';
import { eventually } from '../../support/integration/suite.ts';

const ENTRY = join(import.meta.dirname, '..', '..', '..', 'bin', 'bedrock-jobs.ts');
const CREDENTIALS = { accessKeyId: 'any', secretAccessKey: 'any' };

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'local-run-'));
  cleanups.push(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};

interface Run {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** The address behind a heading of the output, once it is printed. */
  readonly address: (heading: string) => Promise<string>;
  readonly exit: Promise<number | null>;
}

const environment = (change: Record<string, string | undefined>): NodeJS.ProcessEnv => {
  const { NODE_OPTIONS: _, POWERTOOLS_LOG_LEVEL: __, POWERTOOLS_METRICS_DISABLED: ___, ...inherited } = process.env;
  return {
    ...inherited,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/none',
    AWS_SHARED_CREDENTIALS_FILE: '/none',
    ...change,
  };
};

/** `npm start -- <arguments>` without npm, on free ports. */
const run = (folder: string, args: readonly string[] = [], env: Record<string, string | undefined> = {}): Run => {
  const ports = ['--port', '0', '--dynamodb-port', '0', '--bedrock-port', '0'];
  const child = spawn('node', [ENTRY, 'local', '--data-dir', folder, ...ports, ...args], { env: environment(env) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  cleanups.push(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const address = (heading: string) =>
    eventually(() => {
      const url = new RegExp(`${heading}\\s+(http://\\S+)`).exec(output)?.[1];
      if (url === undefined) throw new Error(`no ${heading} yet in: ${output}`);
      return url;
    });
  return { process: child, output: () => output, address, exit };
};

const jobsAt = async (webUrl: string): Promise<{ job_name: string; status: string }[]> => {
  const answer = (await (await fetch(`${webUrl}/api/jobs`)).json()) as { jobs: { job_name: string; status: string }[] };
  return answer.jobs;
};

const mailsOf = async (started: Run): Promise<{ subject: string; message: string }[]> => {
  const answer = await fetch(await started.address('Mails'));
  return (await answer.json()) as { subject: string; message: string }[];
};

const createJob = async (endpoint: string, jobName: string): Promise<void> => {
  const client = new BedrockClient({ endpoint, region: 'us-east-1', credentials: CREDENTIALS });
  await client.send(
    new CreateModelCustomizationJobCommand({
      jobName,
      customModelName: jobName,
      roleArn: 'arn:aws:iam::123456789012:role/customization',
      baseModelIdentifier: 'amazon.nova-lite-v1:0:300k',
      trainingDataConfig: { s3Uri: 's3://bucket/train.jsonl' },
      outputDataConfig: { s3Uri: 's3://bucket/out/' },
    }),
  );
  client.destroy();
};

/** AWS's Security Token Service as far as a local run asks it. */
const startSts = async (status: number, body: string): Promise<string> => {
  const server: Server = createServer((_request, response) =>
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const CALLER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::210987654321:user/x</Arn><UserId>x</UserId><Account>210987654321</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

describe('a local run', () => {
  it('prints what jobs say of themselves as text that no terminal obeys', async () => {
    const started = run(newFolder(), ['--active-jobs', '0', '--speed', '0.01', '--sweep-every', '1']);
    const bedrock = await started.address('Bedrock');
    await createJob(bedrock, 'talks');
    await eventually(() => expect(started.output()).toContain('talks'));
    const body = JSON.stringify({ status: 'Failed', failureMessage: 'it \u001b[2J\u009b31m\rfailed\nforged line' });
    expect((await fetch(`${bedrock}/_simulator/jobs/talks`, { method: 'POST', body })).status).toBe(200);
    await eventually(() => expect(started.output()).toContain('forged line'));
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    expect(started.output()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\nforged/);
  }, 60_000);

  it('follows a job that any client creates to its end, ends cleanly at Ctrl-C, and keeps the records', async () => {
    const folder = newFolder();
    const first = run(folder, ['--active-jobs', '0', '--speed', '20000', '--sweep-every', '1']);
    const web = await first.address('Dashboard');
    await createJob(await first.address('Bedrock'), 'made-by-hand');
    await eventually(async () => {
      expect(await jobsAt(web)).toMatchObject([
        { job_name: 'made-by-hand', status: expect.stringMatching(/Completed|Failed/) as unknown },
      ]);
    });
    const client = new DynamoDBClient({
      endpoint: await first.address('DynamoDB'),
      region: 'us-east-1',
      credentials: CREDENTIALS,
    });
    const { Items } = await client.send(new ScanCommand({ TableName: 'bedrock-jobs' }));
    client.destroy();
    expect(Items?.[0]?.['job_name']).toEqual({ S: 'made-by-hand' });
    await eventually(() => expect(first.output()).toMatch(/made-by-hand +.*→ (Completed|Failed)/));
    await eventually(async () => {
      expect(await mailsOf(first)).toMatchObject([
        { subject: expect.stringMatching(/^Bedrock job made-by-hand /) as unknown },
      ]);
    });
    expect(first.output()).toMatch(/Mail: Bedrock job made-by-hand (completed|failed) in us-east-1/);
    expect(await readRunFile(folder)).toMatchObject({ webUrl: web, jobsTable: 'bedrock-jobs' });
    first.process.kill('SIGINT');
    expect(await first.exit).toBe(0);
    await expect(readRunFile(folder)).rejects.toThrow(/No local run is going/);
    expect(first.output()).toMatch(/Stopped\. Records are kept\.\n$/);
    // Neither log lines nor metrics: a person reads this.
    expect(first.output()).not.toMatch(/^\{/m);

    const second = run(folder, ['--active-jobs', '0']);
    expect(await jobsAt(await second.address('Dashboard'))).toMatchObject([{ job_name: 'made-by-hand' }]);
    // A transition that is new here proves that the stream was read, and nothing of the first run was in it.
    await createJob(await second.address('Bedrock'), 'made-later');
    await eventually(() => expect(second.output()).toMatch(/made-later +new → InProgress/));
    expect(second.output()).not.toContain('made-by-hand');
  }, 60_000);

  it('lives on after it was killed: the simulated jobs and their records are still there', async () => {
    const folder = newFolder();
    const args = ['--active-jobs', '0', '--speed', '0.001', '--sweep-every', '1'];
    const first = run(folder, args);
    const web = await first.address('Dashboard');
    await createJob(await first.address('Bedrock'), 'survivor');
    await eventually(async () => expect(await jobsAt(web)).toHaveLength(1));
    // The simulator's state follows within moments; a kill before that loses the job on both sides or leaves it missing.
    const client = new DynamoDBClient({
      endpoint: await first.address('DynamoDB'),
      region: 'us-east-1',
      credentials: CREDENTIALS,
    });
    await eventually(async () => {
      const { Items } = await client.send(new ScanCommand({ TableName: 'bedrock-job-sweeps' }));
      const active = Items?.find(({ sweep }) => sweep?.S === 'active');
      expect(active?.['counts']?.M).toMatchObject({ listed: { N: '1' }, drifted: { N: '0' } });
    });
    client.destroy();
    first.process.kill('SIGKILL');
    await first.exit;
    const second = run(folder, args);
    const again = await second.address('Dashboard');
    await eventually(async () =>
      expect(await jobsAt(again)).toMatchObject([{ job_name: 'survivor', status: 'InProgress' }]),
    );
  }, 60_000);

  it('moves by sweeps alone where no events are sent', async () => {
    const only = run(newFolder(), ['--active-jobs', '0', '--no-events', '--sweep-every', '1', '--speed', '20000']);
    const web = await only.address('Dashboard');
    await createJob(await only.address('Bedrock'), 'unseen');
    await eventually(async () =>
      expect(await jobsAt(web)).toMatchObject([{ status: expect.stringMatching(/Completed|Failed/) as unknown }]),
    );
    const { jobs } = (await (await fetch(`${web}/api/jobs`)).json()) as { jobs: { job_arn: string }[] };
    const { job } = (await (await fetch(`${web}/api/jobs/${encodeURIComponent(jobs[0]?.job_arn ?? '')}`)).json()) as {
      job: { transitions: { via: string }[] };
    };
    expect(new Set(job.transitions.map(({ via }) => via))).not.toContain('event');
  }, 60_000);

  it('shows jobs that simulated teams make', async () => {
    const busy = run(newFolder(), ['--speed', '1000']);
    const web = await busy.address('Dashboard');
    await eventually(async () => expect((await jobsAt(web)).length).toBeGreaterThan(0));
  }, 60_000);

  it('refuses a folder that another run uses, in a sentence', async () => {
    const folder = newFolder();
    await run(folder, ['--active-jobs', '0']).address('Dashboard');
    const second = run(folder);
    expect(await second.exit).toBe(2);
    expect(second.output()).toMatch(/^The records in .* cannot be opened .* --data-dir\.\n$/);
  }, 60_000);

  it.each([
    [
      'a port that is taken',
      async (folder: string) => [
        '--port',
        new URL(await run(folder, ['--active-jobs', '0']).address('Dashboard')).port,
      ],
      /^Port \d+ is taken\. Choose another with --port/,
    ],
    ['a speed that is no number', () => ['--speed', 'fast'], /--speed <factor>.*must be a number above 0/],
    ['a Region that is none', () => ['--regions', 'us-east-1,,'], /must be names of Regions separated by commas/],
    ['a Bedrock that is none', () => ['--bedrock', 'google'], /Allowed choices are simulator, aws/],
    ['an option that is none', () => ['--spede', '1'], /unknown option '--spede'.*\n.*Did you mean --speed/],
    ['a word too many', () => ['now'], /too many arguments/],
  ])(
    'refuses %s with exit code 2 and no stack trace',
    async (_what, args, sentence) => {
      const refused = run(newFolder(), await args(newFolder()));
      expect(await refused.exit).toBe(2);
      expect(refused.output()).toMatch(sentence);
      expect(refused.output()).not.toMatch(/\n\s+at /);
    },
    60_000,
  );

  it('refuses a state file that it cannot read, naming it', async () => {
    const folder = newFolder();
    const first = run(folder, ['--active-jobs', '0']);
    await first.address('Dashboard');
    first.process.kill('SIGINT');
    await first.exit;
    writeFileSync(join(folder, 'simulator', 'bedrock.json'), '{"broken');
    const second = run(folder);
    expect(await second.exit).toBe(2);
    expect(second.output()).toContain(join(folder, 'simulator', 'bedrock.json'));
    expect(second.output()).not.toMatch(/\n\s+at /);
  }, 60_000);
});

describe('a local run on AWS', () => {
  const keys = { AWS_ACCESS_KEY_ID: '210987654321', AWS_SECRET_ACCESS_KEY: 'x' };
  const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

  it('says in one sentence that there are no credentials', async () => {
    const refused = run(newFolder(), ['--bedrock', 'aws', '--regions', 'us-east-1'], none);
    expect(await refused.exit).toBe(2);
    expect(refused.output()).toMatch(/^No AWS credentials were found\. Sign in .*\n$/);
  }, 60_000);

  it('says in one sentence that the credentials are not accepted', async () => {
    const expired =
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>';
    const sts = await startSts(403, expired);
    const refused = run(newFolder(), ['--bedrock', 'aws'], { ...keys, AWS_ENDPOINT_URL_STS: sts });
    expect(await refused.exit).toBe(2);
    expect(refused.output()).toMatch(
      /^AWS did not accept the credentials.*token included in the request is expired.*\n$/,
    );
  }, 60_000);

  it("tracks the account's own jobs in each Region by sweeps, deploying nothing", async () => {
    const bedrock = await startBedrockSimulator({ speed: 0.001 });
    cleanups.push(() => bedrock.close());
    const sts = await startSts(200, CALLER);
    for (const region of ['us-east-1', 'us-west-2']) {
      const credentials = { accessKeyId: '210987654321', secretAccessKey: 'x' };
      const client = new BedrockClient({ endpoint: bedrock.url, region, credentials });
      await client.send(
        new CreateModelCustomizationJobCommand({
          jobName: `in-${region}`,
          customModelName: `in-${region}`,
          roleArn: 'arn:aws:iam::210987654321:role/customization',
          baseModelIdentifier: 'amazon.nova-lite-v1:0:300k',
          trainingDataConfig: { s3Uri: 's3://bucket/train.jsonl' },
          outputDataConfig: { s3Uri: 's3://bucket/out/' },
        }),
      );
      client.destroy();
    }
    const tracking = run(newFolder(), ['--bedrock', 'aws', '--regions', 'us-east-1,us-west-2'], {
      ...keys,
      AWS_ENDPOINT_URL_STS: sts,
      AWS_ENDPOINT_URL_BEDROCK: bedrock.url,
    });
    const web = await tracking.address('Dashboard');
    await eventually(async () =>
      expect((await jobsAt(web)).map((job) => job.job_name).sort()).toEqual(['in-us-east-1', 'in-us-west-2']),
    );
    expect(tracking.output()).toContain('AWS: 210987654321#us-east-1, 210987654321#us-west-2');
    tracking.process.kill('SIGTERM');
    expect(await tracking.exit).toBe(0);
  }, 60_000);
});
