import { describe, expect, it } from '@jest/globals';
import { closeAfterEach } from '../../support/integration/suite.ts';
import { startCommandLine } from '../../support/integration/command.ts';

const SPEC = 'docs/examples/fine-tuning.yaml';
/** An hour passes in a second. */
const FAST = { speed: 3600 };
/** What most of these tests send: the simulated S3 has data of existing jobs alone. */
const CREATE = ['create', '--spec', SPEC, '--no-check'] as const;

const opened = closeAfterEach();

describe('bedrock-jobs create', () => {
  it('makes the job of a YAML spec and prints only its ARN', async () => {
    const { run, simulator } = await opened(startCommandLine());
    const { code, stdout } = await run(...CREATE, '--tag', 'team=search');
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
    const atOnce = await Promise.all([run(...CREATE), run(...CREATE)]);
    const later = await run(...CREATE, '--json');
    expect([...atOnce, later].map(({ code }) => code)).toEqual([0, 0, 0]);
    const [job, ...others] = [...simulator.jobs()];
    expect(others).toEqual([]);
    const arn = job?.job.jobArn ?? '';
    expect(atOnce.map(({ stdout }) => stdout)).toEqual([`${arn}\n`, `${arn}\n`]);
    expect(JSON.parse(later.stdout)).toMatchObject({ jobArn: arn });
  });

  it('refuses other content under a name that is taken', async () => {
    const { run, simulator } = await opened(startCommandLine());
    await run(...CREATE);
    const { code, stdout, stderr } = await run(...CREATE, '--hyper-parameter', 'epochCount=3');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/refused support-tone-2026-11-21: .*name is currently in use\. Choose other names/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([...simulator.jobs()]).toHaveLength(1);
  });

  it('explains that a token was used for another request', async () => {
    const { run } = await opened(startCommandLine());
    const again = [...CREATE, '--client-request-token', 'mine'];
    await run(...again);
    const { code, stderr } = await run(...again, '--type', 'IMPORTED');
    expect(code).toBe(1);
    expect(stderr).toMatch(/has an earlier request that conflicts with .* A token stands for one request/);
  });

  it('follows the job with --wait to its end', async () => {
    const line = await opened(startCommandLine(FAST));
    const { code, stdout, stderr } = await line.sweptUntilEnd(
      line.start(...CREATE, '--wait', '--data-dir', line.folder),
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^arn:\S+\n$/);
    expect(stderr).toMatch(/support-tone-2026-11-21 Completed after .*\. Its model is arn:\S+\.\n$/);
  });

  it('explains a denied permission', async () => {
    const { run, simulator } = await opened(startCommandLine());
    simulator.faults = { accessDenied: ['CreateModelCustomizationJob'] };
    const { code, stderr } = await run(...CREATE);
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
    expect([code, stderr]).toEqual([
      0,
      'Could not check the data. No Region is set: give one with --region, or set AWS_REGION.\n',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      jobName: 'support-tone-2026-11-21',
      roleArn: expect.any(String) as unknown,
    });
  });
});

describe('the data of a request', () => {
  const SHORT_BASE = ['create', '--spec', 'test/fixtures/specs/short-base.yaml'] as const;

  it('are read and checked before it is sent', async () => {
    const { run, simulator, folder } = await opened(startCommandLine());
    await run(...CREATE);
    // The simulated S3 has what that job names.
    const again = ['create', '--spec', SPEC, '--job-name', 'b', '--custom-model-name', 'b', '--data-dir', folder];
    expect(await run(...again)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Checked 440 lines of data: no problem was found\.\n/) as unknown,
    });
    const wrong = await run(...again, '--base-model', 'meta.llama3-1-8b-instruct-v1:0:128k', '--job-name', 'c');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(
      /lines 1–220: prompt is missing: .*\n[^]*Nothing was sent\. Correct the data, or add --no-check/,
    );
    expect([...simulator.jobs()]).toHaveLength(2);
  });

  it('may be missing in a local run, which says so', async () => {
    const { run, folder } = await opened(startCommandLine());
    const { code, stderr } = await run('create', '--spec', SPEC, '--data-dir', folder);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^Did not check s3:\S+train\.jsonl: it is not in the simulated S3, and the simulator trains/,
    );
  });

  it('get hints at what Bedrock would refuse: a base model without its length, and a folder', async () => {
    const { run } = await opened(startCommandLine());
    const { code, stdout, stderr } = await run(...SHORT_BASE, '--dry-run');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ baseModelIdentifier: 'amazon.nova-lite-v1:0' });
    expect(stderr).toMatch(/Did you mean amazon\.nova-lite-v1:0:300k\? [^]*--by-customization-type FINE_TUNING/);
    expect(stderr).toMatch(/s3:\/\/acme-ft\/training-data\/ is a folder: name the file in it/);
  });

  it.each([
    [
      'base model',
      ['--training-data', 's3://acme-ft/a.jsonl'],
      /identifier is invalid\. Ids of text models .* FINE_TUNING\n$/,
    ],
    [
      'folder',
      ['--base-model', 'amazon.nova-lite-v1:0:300k'],
      /Name the file itself, not its folder; its name must end in \.jsonl\.\n$/,
    ],
  ])('get the same advice where Bedrock refuses the %s', async (_, flags, words) => {
    const { run } = await opened(startCommandLine());
    const { code, stderr } = await run(...SHORT_BASE, '--no-check', ...flags);
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
  });
});
