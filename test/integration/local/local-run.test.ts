import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { runCommandLine } from '../../../lib/cli/program.ts';
import { readRunFile } from '../../../lib/local/run-file.ts';
import { testContext } from '../../support/command-context.ts';
import { ENTRY } from '../../support/integration/command.ts';
import { serve } from '../../support/integration/http.ts';
import { callsOf, clientOf, start as startSimulator } from '../../support/integration/simulator.ts';
import { eventually } from '../../support/integration/suite.ts';

jest.setTimeout(60_000);

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
const run = (folder: string, args: string, env: Record<string, string | undefined> = {}): Run => {
  const ports = ['--port', '0', '--dynamodb-port', '0', '--bedrock-port', '0'];
  const argv = [ENTRY, 'local', '--data-dir', folder, ...ports, ...args.split(' ').filter(Boolean)];
  const child = spawn('node', argv, { env: environment(env) });
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

/** A run that ends by itself: its exit code is 2, and it says why without a stack trace. */
const expectRefusal = async (refused: Run, sentence: RegExp): Promise<void> => {
  expect(await refused.exit).toBe(2);
  expect(refused.output()).toMatch(sentence);
  expect(refused.output()).not.toMatch(/\n\s+at /);
};

const jsonAt = async (url: string): Promise<unknown> => (await fetch(url)).json();
const jobsAt = async (webUrl: string) =>
  ((await jsonAt(`${webUrl}/api/jobs`)) as { jobs: { job_arn: string; job_name: string; status: string }[] }).jobs;
const ended = { status: expect.stringMatching(/Completed|Failed/) as unknown };

const createJob = async (started: Run, name: string): Promise<void> => {
  const { create } = callsOf(clientOf({ url: await started.address('Bedrock') }));
  await create(name);
};

const scan = async (started: Run, TableName: string) => {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new DynamoDBClient({ endpoint: await started.address('DynamoDB'), region: 'us-east-1', credentials });
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  client.destroy();
  return Items;
};

describe('a local run', () => {
  it('prints what jobs say of themselves as text that no terminal obeys', async () => {
    const started = run(newFolder(), '--active-jobs 0 --speed 0.01 --sweep-every 1');
    await createJob(started, 'talks');
    await eventually(() => expect(started.output()).toContain('talks'));
    const body = JSON.stringify({ status: 'Failed', failureMessage: 'it \u001b[2J\u009b31m\rfailed\nforged line' });
    const steered = await fetch(`${await started.address('Bedrock')}/_simulator/jobs/talks`, { method: 'POST', body });
    expect(steered.status).toBe(200);
    await eventually(() => expect(started.output()).toContain('forged line'));
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    expect(started.output()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\nforged/);
  });

  it('cuts a long failure message to the terminal', async () => {
    const started = run(newFolder(), '--active-jobs 0 --speed 0.01 --sweep-every 1', { COLUMNS: '80' });
    await createJob(started, 'long');
    await eventually(() => expect(started.output()).toContain('long'));
    const body = JSON.stringify({ status: 'Failed', failureMessage: 'words '.repeat(341) });
    await fetch(`${await started.address('Bedrock')}/_simulator/jobs/long`, { method: 'POST', body });
    await eventually(() => expect(started.output()).toMatch(/^\S+ {2}long +InProgress → Failed {2}– words .*…$/m));
    expect(
      started
        .output()
        .split('\n')
        .filter((line) => line.includes('words'))
        .map((line) => line.length),
    ).toEqual([80]);
  });

  it('follows a job that any client creates to its end, ends cleanly at Ctrl-C, and keeps the records', async () => {
    const folder = newFolder();
    const first = run(folder, '--active-jobs 0 --speed 20000 --sweep-every 1');
    const web = await first.address('Dashboard');
    await createJob(first, 'made-by-hand');
    await eventually(async () => {
      expect(await jobsAt(web)).toMatchObject([{ job_name: 'made-by-hand', ...ended }]);
    });
    expect(await scan(first, 'bedrock-jobs')).toMatchObject([{ job_name: { S: 'made-by-hand' } }]);
    await eventually(() => expect(first.output()).toMatch(/made-by-hand +.*→ (Completed|Failed)/));
    const subject = expect.stringMatching(/^Bedrock job made-by-hand /) as unknown;
    await eventually(async () => expect(await jsonAt(await first.address('Mails'))).toMatchObject([{ subject }]));
    expect(first.output()).toMatch(/Mail: Bedrock job made-by-hand (completed|failed) in us-east-1/);
    expect(await readRunFile(folder)).toMatchObject({ webUrl: web, jobsTable: 'bedrock-jobs' });
    first.process.kill('SIGINT');
    expect(await first.exit).toBe(0);
    await expect(readRunFile(folder)).rejects.toThrow(/No local tracker is running/);
    expect(first.output()).toMatch(/Stopped\. Records are kept\.\n$/);
    // Neither log lines nor metrics: a person reads this.
    expect(first.output()).not.toMatch(/^\{/m);

    const second = run(folder, '--active-jobs 0');
    expect(await jobsAt(await second.address('Dashboard'))).toMatchObject([{ job_name: 'made-by-hand' }]);
    // A transition that is new here proves that the stream was read, and nothing of the first run was in it.
    await createJob(second, 'made-later');
    await eventually(() => expect(second.output()).toMatch(/made-later +new → InProgress/));
    // Its model may be found by this run's first sweep.
    expect(second.output()).not.toContain('made-by-hand ');
  });

  it('follows jobs of each account and Region of the simulator, each in its own scope', async () => {
    const only = run(newFolder(), '--active-jobs 0 --speed 0.01 --sweep-every 1');
    const url = await only.address('Bedrock');
    await callsOf(clientOf({ url }, '123456789012', 'eu-west-1')).create('elsewhere');
    await callsOf(clientOf({ url }, '222222222222', 'us-east-1')).create('of-another-account');
    await eventually(async () => {
      const items = await scan(only, 'bedrock-job-sweeps');
      const active = items.filter(({ sweep, active_jobs }) => sweep?.S === 'scope' && active_jobs?.N === '1');
      expect(active.map(({ scope }) => scope?.S).sort()).toEqual(['123456789012#eu-west-1', '222222222222#us-east-1']);
    });
  });

  it('shows within a minute which throughput the teams forgot, and mails it', async () => {
    const { output } = run(newFolder(), '--active-jobs 1 --speed 1');
    await eventually(() => expect(output()).toMatch(/contract-review-pilot +throughput new → Idle/), 60_000);
    await eventually(() => expect(output()).toContain('Mail: Provisioned throughput contract-review-pilot is idle'));
  });

  it('lives on after it was killed: the simulated jobs and their records are still there', async () => {
    const folder = newFolder();
    const args = '--active-jobs 0 --speed 0.001 --sweep-every 1';
    const first = run(folder, args);
    await createJob(first, 'survivor');
    const web = await first.address('Dashboard');
    await eventually(async () => expect(await jobsAt(web)).toHaveLength(1));
    // The simulator's state follows within moments; a kill before that loses the job on both sides or leaves it missing.
    await eventually(async () => {
      const active = (await scan(first, 'bedrock-job-sweeps')).find(({ sweep }) => sweep?.S === 'active');
      expect(active?.['counts']?.M).toMatchObject({ listed: { N: '1' }, drifted: { N: '0' } });
    });
    first.process.kill('SIGKILL');
    await first.exit;
    const again = await run(folder, args).address('Dashboard');
    await eventually(async () =>
      expect(await jobsAt(again)).toMatchObject([{ job_name: 'survivor', status: 'InProgress' }]),
    );
  });

  it('moves by sweeps alone where no events are sent', async () => {
    const only = run(newFolder(), '--active-jobs 0 --no-events --sweep-every 1 --speed 20000');
    const web = await only.address('Dashboard');
    await createJob(only, 'unseen');
    await eventually(async () => expect(await jobsAt(web)).toMatchObject([ended]));
    const [{ job_arn } = { job_arn: '' }] = await jobsAt(web);
    const { job } = (await jsonAt(`${web}/api/jobs/${encodeURIComponent(job_arn)}`)) as {
      job: { transitions: { via: string }[] };
    };
    expect(new Set(job.transitions.map(({ via }) => via))).not.toContain('event');
  });

  it('shows jobs that simulated teams make', async () => {
    const web = await run(newFolder(), '--speed 1000').address('Dashboard');
    await eventually(async () => expect((await jobsAt(web)).length).toBeGreaterThan(0));
  });

  it('refuses a port and a folder that another run uses', async () => {
    const folder = newFolder();
    const { port } = new URL(await run(folder, '--active-jobs 0').address('Dashboard'));
    await expectRefusal(run(folder, ''), /^The records in .* cannot be opened .* --data-dir\.\n$/);
    await expectRefusal(run(newFolder(), `--port ${port}`), /^Port \d+ is taken\. Choose another with --port/);
  });

  it('refuses a state file that it cannot read, naming it', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'simulator'));
    writeFileSync(join(folder, 'simulator', 'bedrock.json'), '{"broken');
    await expectRefusal(run(folder, ''), new RegExp(join(folder, 'simulator', 'bedrock.json')));
  });

  it.each([
    ['a speed that is not a number', '--speed fast', /--speed <factor>.*must be a number above 0/],
    ['an empty Region', '--regions us-east-1,,', /Regions separated by commas/],
    ['an unknown Bedrock', '--bedrock google', /Allowed choices are simulator, aws/],
    ['an unknown option', '--spede 1', /unknown option '--spede'.*\n.*Did you mean --speed/],
    ['a word too many', 'now', /too many arguments/],
  ])('refuses %s with exit code 2', async (_what, args, sentence) => {
    const { context, told } = testContext();
    const loadHandlers = () => Promise.reject(new Error('nothing may be started'));
    expect(await runCommandLine(`local ${args}`.split(' '), context, { loadHandlers })).toBe(2);
    expect(told.join('\n')).toMatch(sentence);
  });
});

describe('a local run on AWS', () => {
  const keys = { AWS_ACCESS_KEY_ID: '210987654321', AWS_SECRET_ACCESS_KEY: 'x' };
  /** AWS's Security Token Service as far as a local run asks it. */
  const startSts = async (status: number, answer: string): Promise<string> => {
    const body = answer.replace('>', ' xmlns="https://sts.amazonaws.com/doc/2011-06-15/">');
    const sts = await serve(() => Promise.resolve({ status, headers: { 'content-type': 'text/xml' }, body }));
    cleanups.push(sts.close);
    return sts.url;
  };

  it('says in one sentence that there are no credentials', async () => {
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    await expectRefusal(
      run(newFolder(), '--bedrock aws --regions us-east-1', none),
      /^No AWS credentials were found\. Sign in .*\n$/,
    );
  });

  it('says in one sentence that the credentials are not accepted', async () => {
    const message = 'The security token included in the request is expired';
    const expired = `<ErrorResponse><Error><Code>ExpiredToken</Code><Message>${message}</Message></Error></ErrorResponse>`;
    await expectRefusal(
      run(newFolder(), '--bedrock aws', { ...keys, AWS_ENDPOINT_URL_STS: await startSts(403, expired) }),
      /^AWS did not accept the credentials.*token included in the request is expired.*\n$/,
    );
  });

  it("tracks the account's own jobs in each Region by sweeps, deploying nothing", async () => {
    const caller = '<Arn>arn:aws:iam::210987654321:user/x</Arn><UserId>x</UserId><Account>210987654321</Account>';
    const result = `<GetCallerIdentityResult>${caller}</GetCallerIdentityResult>`;
    const sts = await startSts(200, `<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`);
    const bedrock = await startSimulator({ speed: 0.001 });
    for (const region of ['us-east-1', 'us-west-2'])
      await callsOf(clientOf(bedrock, '210987654321', region)).create(`in-${region}`);
    const tracking = run(newFolder(), '--bedrock aws --regions us-east-1,us-west-2', {
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
  });
});
