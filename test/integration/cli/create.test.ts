import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { closeAfterEach } from '../../support/integration/cleanup.ts';
import { startCommandLine } from '../../support/integration/command-line.ts';

const SPEC = 'docs/examples/fine-tuning.yaml';
/** An hour of a job's life in a second. */
const FAST = { speed: 3600 };

const opened = closeAfterEach();

describe('bedrock-jobs create', () => {
  it('makes the job of a YAML spec and prints its ARN alone', async () => {
    const { run, simulator } = await opened(startCommandLine());
    const { code, stdout } = await run('create', '--spec', SPEC, '--tag', 'team=search');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^arn:aws:bedrock:us-east-1:123456789012:model-customization-job\/\S+\n$/);
    expect(simulator.truth(stdout.trim())).toMatchObject({
      job: {
        jobName: 'support-tone-2026-11-21',
        hyperParameters: { epochCount: '2', learningRate: '1.0E-5', batchSize: '1' },
        customizationType: 'FINE_TUNING',
      },
      tags: { team: 'search', 'cost-center': '0042' },
    });
  });

  it('makes one job when it is run twice, and when it is run twice at once', async () => {
    const { run, simulator } = await opened(startCommandLine());
    const atOnce = await Promise.all([run('create', '--spec', SPEC), run('create', '--spec', SPEC)]);
    const later = await run('create', '--spec', SPEC, '--json');
    expect([...atOnce, later].map(({ code }) => code)).toEqual([0, 0, 0]);
    const [job, ...others] = [...simulator.jobs()];
    expect(others).toEqual([]);
    const arn = job?.job.jobArn ?? '';
    expect(atOnce.map(({ stdout }) => stdout)).toEqual([`${arn}\n`, `${arn}\n`]);
    expect(JSON.parse(later.stdout)).toMatchObject({ jobArn: arn });
  });

  it('refuses other content under a name that is taken', async () => {
    const { run, simulator } = await opened(startCommandLine());
    await run('create', '--spec', SPEC);
    const { code, stdout, stderr } = await run('create', '--spec', SPEC, '--hyper-parameter', 'epochCount=3');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/refused support-tone-2026-11-21: .*name is currently in use\. .*: choose other names/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([...simulator.jobs()]).toHaveLength(1);
  });

  it('says of a token that it was used for something else', async () => {
    const { run } = await opened(startCommandLine());
    await run('create', '--spec', SPEC, '--client-request-token', 'mine');
    const { code, stderr } = await run(
      'create',
      '--spec',
      SPEC,
      '--client-request-token',
      'mine',
      '--type',
      'IMPORTED',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/has an earlier request that conflicts with .* A token stands for one request/);
  });

  it('lists five mistakes of a spec that has five, and asks Bedrock nothing', async () => {
    const { run, simulator, folder } = await opened(startCommandLine());
    const wrong = (await readFile(SPEC, 'utf8'))
      .replace('support-tone-2026-11-21', 'support tone')
      .replace('role/', 'user/')
      .replace('FINE_TUNING', 'tuning')
      .replace('epochCount: 2', 'epochCount:')
      .replace('outputDataConfig', 'output_data_config');
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, wrong);
    const { code, stdout, stderr } = await run('create', '--spec', file);
    expect([code, stdout]).toEqual([2, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).toBe(`${file} has 5 problems, and nothing was sent:`);
    expect(lines.slice(1).map((line) => /^ {2}line (\d+): (\S+):/.exec(line)?.slice(1))).toEqual([
      ['4', 'jobName'],
      ['6', 'roleArn'],
      ['8', 'customizationType'],
      ['15', 'output_data_config'],
      ['20', 'hyperParameters.epochCount'],
    ]);
    expect(simulator.counts().received.CreateModelCustomizationJob).toBe(0);
  });

  it('follows the job with --wait to its end', async () => {
    const line = await opened(startCommandLine(FAST));
    const { code, stdout, stderr } = await line.sweptUntilEnd(
      line.start('create', '--spec', SPEC, '--wait', '--data-dir', line.folder),
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^arn:\S+\n$/);
    expect(stderr).toMatch(/support-tone-2026-11-21 Completed after .*\. Its model is arn:\S+\.\n$/);
  });

  it('ends with 1 where the job failed, and says why', async () => {
    const line = await opened(startCommandLine({ ...FAST, failureRate: 1 }));
    const { code, stderr, stdout } = await line.sweptUntilEnd(
      line.start('create', '--spec', SPEC, '--wait', '--json', '--data-dir', line.folder),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/support-tone-2026-11-21 Failed after .*: .+\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ job: { status: 'Failed', job_name: 'support-tone-2026-11-21' } });
  });

  it('says what a denied role is about', async () => {
    const { run, simulator } = await opened(startCommandLine());
    simulator.faults = { accessDenied: ['CreateModelCustomizationJob'] };
    const { code, stderr } = await run('create', '--spec', SPEC);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^You may not use bedrock:CreateModelCustomizationJob on .*\n$/);
  });
});

describe('the example of the docs', () => {
  it('is a request, without credentials, a Region or a tracker', async () => {
    const { run } = await opened(
      startCommandLine({}, { AWS_REGION: undefined, AWS_ACCESS_KEY_ID: undefined, JOBS_TABLE_NAME: undefined }),
    );
    const { code, stdout, stderr } = await run('create', '--spec', SPEC, '--dry-run');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      jobName: 'support-tone-2026-11-21',
      roleArn: expect.any(String) as unknown,
    });
  });
});
