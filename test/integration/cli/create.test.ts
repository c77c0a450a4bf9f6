import { describe, expect, it } from '@jest/globals';
import { closeAfterEach } from '../../support/integration/suite.ts';
import { startCommandLine } from '../../support/integration/command.ts';

const SPEC = 'docs/examples/fine-tuning.yaml';
/** An hour passes in a second. */
const FAST = { speed: 3600 };

const opened = closeAfterEach();

describe('bedrock-jobs create', () => {
  it('makes the job of a YAML spec and prints only its ARN', async () => {
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
    expect(stderr).toMatch(/refused support-tone-2026-11-21: .*name is currently in use\. Choose other names/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([...simulator.jobs()]).toHaveLength(1);
  });

  it('explains that a token was used for another request', async () => {
    const { run } = await opened(startCommandLine());
    const again = ['create', '--spec', SPEC, '--client-request-token', 'mine'];
    await run(...again);
    const { code, stderr } = await run(...again, '--type', 'IMPORTED');
    expect(code).toBe(1);
    expect(stderr).toMatch(/has an earlier request that conflicts with .* A token stands for one request/);
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

  it('explains a denied permission', async () => {
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
