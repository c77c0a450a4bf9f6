import { afterEach, describe, expect, it } from '@jest/globals';
import {
  CreateModelCustomizationJobCommand as Create,
  GetModelCustomizationJobCommand as Get,
} from '@aws-sdk/client-bedrock';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { parse } from 'csv-parse/sync';
import { metricsCommand } from '../../../lib/cli/commands/metrics.ts';
import { rememberRequests } from '../../../lib/operator/aws-errors.ts';
import type { Connection, Terminal } from '../../../lib/cli/context.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { normalize } from '../../../lib/domain/normalize.ts';
import { testContext } from '../../support/command-context.ts';
import { syntheticRecord } from '../../support/export/synthetic-records.ts';
import { observation } from '../../support/fixtures.ts';
import { jobInput, startStill } from '../../support/integration/simulator.ts';
import { HOUR, MINUTE } from '../../../lib/domain/time.ts';

const clients: S3Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

/** The simulator as Bedrock and S3, and records as the tracker would have written them. */
const startTracked = async () => {
  const { simulator, client, time } = await startStill();
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  const regions: (string | undefined)[] = [];
  const recordOf = async (jobIdentifier: string): Promise<JobRecord | undefined> => {
    try {
      const { $metadata: _, ...answer } = await client.send(new Get({ jobIdentifier }));
      return normalize(answer, observation({ jobIdentifier })) as JobRecord;
    } catch {
      return undefined;
    }
  };
  const connection = {
    tableName: 'bedrock-jobs',
    jobs: { getJob: async (name: string) => ({ job: await recordOf(name), readUnits: 1 }) },
    s3: (region?: string) => {
      regions.push(region);
      const settings = { endpoint: simulator.url, region: region ?? 'us-east-1', credentials, maxAttempts: 1 };
      const s3 = rememberRequests(new S3Client(settings));
      clients.push(s3);
      return s3;
    },
  } as unknown as Connection;
  const create = async (name: string, learningRate: string, more: Parameters<typeof jobInput>[1] = {}) => {
    const validationDataConfig = { validators: [{ s3Uri: 's3://acme-training/validation.jsonl' }] };
    const hyperParameters = { learningRate, epochCount: '2' };
    await client.send(new Create(jobInput(name, { validationDataConfig, hyperParameters, ...more })));
  };
  const run = async (argv: readonly string[], terminal: Partial<Terminal> = {}) => {
    const { context, printed, told } = testContext({ connection, terminal });
    const thrown: unknown = await metricsCommand(context)
      .exitOverride()
      .configureOutput({ writeErr: (text) => void told.push(text) })
      .parseAsync([...argv], { from: 'user' })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    return { printed, told, thrown };
  };
  return { simulator, client, time, create, run, regions };
};

/** Two runs on the same data that completed. */
const twoRuns = async () => {
  const tracked = await startTracked();
  await tracked.create('triage-lr1e-5', '1e-5');
  await tracked.create('triage-lr1e-4', '1e-4');
  await tracked.time.advance(24 * HOUR);
  return tracked;
};

describe('metrics', () => {
  it('draws both curves of a job, and says what they come down to', async () => {
    const { run, client, regions } = await twoRuns();
    const { printed, told, thrown } = await run(['triage-lr1e-5']);
    expect([thrown, told]).toEqual([undefined, []]);
    expect(regions).toEqual(['us-east-1']);
    const { trainingMetrics, validationMetrics } = await client.send(new Get({ jobIdentifier: 'triage-lr1e-5' }));
    const five = (value?: number) => String(Number(value?.toPrecision(5)));
    expect(printed[0]).toBe('Loss');
    expect(printed.at(-3)).toMatch(/^ +Job +Curve +Last loss +at step +Best loss +at step$/);
    expect(printed.at(-2)).toMatch(new RegExp(`^o +triage-lr1e-5 +training +${five(trainingMetrics?.trainingLoss)} `));
    expect(printed.at(-1)).toMatch(new RegExp(`^x +triage-lr1e-5 +validation +${five(validationMetrics?.[0]?.validationLoss)} `)); // prettier-ignore
    const chart = printed.slice(1, -4);
    expect(chart).toHaveLength(20);
    expect(chart.join('')).toMatch(/o[^]*x/);
  });

  it('draws a training of one epoch, and shows the perplexity of models that write it', async () => {
    const { create, run, time } = await startTracked();
    const more = { baseModelIdentifier: 'meta.llama3-3-70b-instruct-v1:0:128k', hyperParameters: { epochCount: '1' } };
    await create('llama', '1e-5', more);
    await time.advance(24 * HOUR);
    const { printed, told, thrown } = await run(['llama']);
    expect([thrown, told]).toEqual([undefined, []]);
    expect(printed.at(-3)).toMatch(/ +Perplexity$/);
    expect(printed.at(-1)).toMatch(/^x +llama +validation( +[\d.]+){5}$/);
    expect(printed.slice(1, -4).join('')).toMatch(/x/);
    expect((await run(['llama', '--validation'])).printed.slice(1, -3).join('')).not.toBe('');
  });

  it('draws several jobs over each other, each once', async () => {
    const { run } = await twoRuns();
    const { printed } = await run(['triage-lr1e-5', 'triage-lr1e-4', 'triage-lr1e-5']);
    const rows = printed.slice(-4).map((row) => row.split(/ {2,}/).slice(0, 3));
    expect(rows).toEqual([
      ['o', 'triage-lr1e-5', 'training'],
      ['', 'triage-lr1e-5', 'validation'],
      ['x', 'triage-lr1e-4', 'training'],
      ['', 'triage-lr1e-4', 'validation'],
    ]);
  });

  it('draws the validation of several jobs where that is asked for', async () => {
    const { run } = await twoRuns();
    const { printed } = await run(['triage-lr1e-5', 'triage-lr1e-4', '--validation', '--log']);
    expect(printed[0]).toBe('Loss (logarithmic)');
    expect(printed.slice(-2).map((row) => row.split(/ {2,}/).slice(0, 3))).toEqual([
      ['o', 'triage-lr1e-5', 'validation'],
      ['x', 'triage-lr1e-4', 'validation'],
    ]);
  });

  it.each([40, 60, 80, 120])('fits a terminal of %i columns', async (columns) => {
    const { run } = await twoRuns();
    const { printed } = await run(['triage-lr1e-5', 'triage-lr1e-4'], { columns, rows: 24, isTerminal: true });
    expect(Math.max(...printed.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(printed.length).toBeLessThan(24);
    expect(printed.join('\n')).toContain('triage-lr1e-5');
  });

  it('tells curves apart by colour where there is some', async () => {
    const { run } = await twoRuns();
    const { printed } = await run(['triage-lr1e-5', 'triage-lr1e-4'], { colour: true });
    const chart = printed.slice(1, -5).join('\n');
    for (const colour of ['\u001b[36m', '\u001b[33m']) {
      expect(chart).toContain(`${colour}━`);
      expect(printed.slice(-4).join('\n')).toContain(colour);
    }
    expect(chart).not.toMatch(/[ox] *[ox]/);
  });

  it('prints every point as JSON', async () => {
    const { run } = await twoRuns();
    const { printed } = await run(['triage-lr1e-5', 'triage-lr1e-4', '--json']);
    const jobs = JSON.parse(printed.join('\n')) as { job_name: string; training: object[]; validation: object[]; files: string[] }[]; // prettier-ignore
    expect(jobs.map(({ job_name }) => job_name)).toEqual(['triage-lr1e-5', 'triage-lr1e-4']);
    expect(jobs[0]?.training[0]).toEqual({
      step: 1,
      epoch: 0,
      loss: expect.any(Number),
    });
    expect(jobs[0]?.training.length).toBeGreaterThan(50);
    expect(jobs[0]?.validation).toHaveLength(2);
    expect(jobs[0]?.files).toHaveLength(2);
    const alone = JSON.parse((await run(['triage-lr1e-5', '--json', '--training'])).printed.join('\n')) as object[];
    expect(Object.keys(alone[0] ?? {})).toEqual(['job_arn', 'job_name', 'status', 'files', 'training']);
  });

  it('prints every point as CSV', async () => {
    const { run } = await twoRuns();
    const { printed } = await run(['triage-lr1e-5', 'triage-lr1e-4', '--csv']);
    const rows = parse(printed.join('\n'), { columns: true }) as unknown as Record<string, string>[];
    const jobs = JSON.parse((await run(['triage-lr1e-5', 'triage-lr1e-4', '--json'])).printed.join('\n')) as { training: object[]; validation: object[] }[]; // prettier-ignore
    const points = jobs.flatMap(({ training, validation }) => [...training, ...validation]);
    expect(rows).toHaveLength(points.length);
    expect(rows[0]).toMatchObject({ job_name: 'triage-lr1e-5', curve: 'training', step: '1', epoch: '0' });
  });

  it('hints at the logarithmic scale where losses lie far apart, and says what is not finite', async () => {
    const { run, create, simulator, time } = await startTracked();
    await create('reckless', '1e-3');
    await time.advance(35 * MINUTE);
    await fetch(`${simulator.url}/_simulator/jobs/reckless`, {
      method: 'POST',
      body: JSON.stringify({ status: 'Failed', failureMessage: 'The training loss diverged.' }),
    });
    const { printed, told } = await run(['reckless', '--training']);
    expect(printed.at(-1)).toMatch(/training +not finite/);
    expect(told).toEqual(['The losses lie far apart: use --log to see the lower ones.']);
    expect((await run(['reckless', '--training', '--log'])).told).toEqual([]);
  });
});

describe('metrics of reinforcement fine-tuning', () => {
  const lambdaGrader = { lambdaArn: 'arn:aws:lambda:us-east-1:123456789012:function:grader' };
  const rft = async () => {
    const tracked = await startTracked();
    await tracked.create('math-rft', '1e-5', {
      customizationConfig: { rftConfig: { graderConfig: { lambdaGrader } } },
    });
    await tracked.time.advance(24 * HOUR);
    return tracked;
  };

  it('draws the rewards, and says which was the best', async () => {
    const { run } = await rft();
    const { printed, told, thrown } = await run(['math-rft']);
    expect([thrown, told]).toEqual([undefined, []]);
    expect(printed[0]).toBe('Mean reward');
    expect(printed.at(-3)).toMatch(/^ +Job +Curve +Last reward +at step +Best reward +at step$/);
    expect(printed.at(-2)).toMatch(/^o +math-rft +training( +[\d.]+){4}$/);
    expect(printed.at(-1)).toMatch(/^x +math-rft +validation( +[\d.]+){4}$/);
    expect((await run(['math-rft', '--training'])).printed.join('\n')).not.toContain('validation');
  });

  it('exports every reward', async () => {
    const { run } = await rft();
    const rows = parse((await run(['math-rft', '--csv'])).printed.join('\n'), { columns: true }) as unknown as Record<string, string>[]; // prettier-ignore
    expect(rows[0]).toMatchObject({ curve: 'reward', step: '1', epoch: '0', loss: '', reward: expect.stringMatching(/^0\./), reward_min: expect.stringMatching(/^0/), reward_max: expect.stringMatching(/^0\./) }); // prettier-ignore
    const [job] = JSON.parse((await run(['math-rft', '--json'])).printed.join('\n')) as Record<string, object[]>[];
    expect(Object.keys(job ?? {})).toEqual(['job_arn', 'job_name', 'status', 'files', 'reward', 'validation_reward']);
    expect(job?.['reward']?.length).toBe(rows.filter(({ curve }) => curve === 'reward').length);
  });
});

describe('metrics of a job with one unreadable file', () => {
  const FOLDER = 'output/0/model-customization-job-000000000000/';
  const csv = (name: string) => readFileSync(join(import.meta.dirname, `../../fixtures/csv/${name}.csv`));
  const files = {
    [`${FOLDER}training_artifacts/step_wise_training_metrics.csv`]: csv('nova-training'),
    [`${FOLDER}validation_artifacts/validation_metrics.csv`]: csv('validation-unreadable'),
  };
  const run = async (...argv: string[]) => {
    const s3 = new S3Client({ region: 'us-east-1' });
    const mock = mockClient(s3);
    mock.on(ListObjectsV2Command).resolves({ Contents: Object.keys(files).map((Key) => ({ Key })) });
    mock
      .on(GetObjectCommand)
      .callsFake(({ Key }: { Key: keyof typeof files }) => ({ Body: Readable.from([files[Key]]) }));
    const job = { ...syntheticRecord(0), job_name: 'triage' };
    const connection = { jobs: { getJob: () => Promise.resolve({ job, readUnits: 1 }) }, s3: () => s3 };
    const { context, printed, told } = testContext({ connection: connection as unknown as Connection });
    const thrown: unknown = await metricsCommand(context).parseAsync(['triage', ...argv], { from: 'user' }).then(() => undefined, (error: unknown) => error); // prettier-ignore
    return { printed, told, thrown };
  };

  it.each([[[]], [['--training']]])('draws the other, and says why one is missing: %j', async (argv) => {
    const { printed, told, thrown } = await run(...argv);
    expect(thrown).toBeUndefined();
    expect(printed[0]).toBe('Loss');
    expect(printed.at(-1)).toMatch(/triage +training +0\.094619 +36/);
    expect(told[0]).toMatch(
      /validation_metrics\.csv is not a loss curve as Bedrock writes it: line 1 has no column step_number/,
    );
  });

  it('fails where the unreadable one was asked for', async () => {
    const { printed, told, thrown } = await run('--validation');
    expect(printed).toEqual([]);
    expect(told[1]).toBe('triage wrote no validation curve.');
    expect(thrown).toMatchObject({ exitCode: 1 });
  });
});

describe('metrics refuses', () => {
  it('a job that has no curve, with the reason', async () => {
    const { run, create } = await startTracked();
    await create('young', '1e-5');
    const { printed, thrown } = await run(['young']);
    expect(printed).toEqual([]);
    expect(thrown).toMatchObject({
      code: 'NO_LOSS_CURVE',
      message: expect.stringMatching(
        /wrote no loss curve to s3:\/\/acme-output\/model-customization-job-\w{12}\/\. It is still running/,
      ),
    });
  });

  it('such a job among others by a word about it, and ends with 1', async () => {
    const { run, create } = await twoRuns();
    await create('young', '1e-5');
    const { printed, told, thrown } = await run(['young', 'triage-lr1e-5']);
    expect(told).toEqual([expect.stringContaining('wrote no loss curve')]);
    expect(printed.at(-1)).toContain('triage-lr1e-5');
    expect(thrown).toMatchObject({ name: 'Ended', exitCode: 1 });
    const none = await run(['young', 'young']);
    expect([none.printed, none.thrown]).toEqual([[], expect.objectContaining({ code: 'NO_LOSS_CURVE' })]);
  });

  it('a job that the table does not have', async () => {
    const { run } = await startTracked();
    expect((await run(['nobody'])).thrown).toMatchObject({ code: 'JOB_NOT_FOUND', message: expect.stringContaining('no job nobody in table bedrock-jobs') }); // prettier-ignore
  });

  it('what it may not read, also among others', async () => {
    const { run, simulator } = await twoRuns();
    simulator.faults = { accessDenied: ['GetObject'] };
    expect((await run(['triage-lr1e-5', 'triage-lr1e-4'])).thrown).toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it.each([
    [['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'], /at most 8 jobs/],
    [['a', '--training', '--validation'], /cannot be used with/],
    [['a', '--csv', '--json'], /cannot be used with/],
    [['a', '--json', '--log'], /cannot be used with/],
    [[], /missing required argument/],
  ])('%j', async (argv, message) => {
    const { run } = await startTracked();
    expect(((await run(argv)).thrown as Error).message).toMatch(message);
  });
});
