import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { type CommandLine, type CommandResult, startCommandLine } from '../../support/integration/command.ts';
import { jsonAnswer, serve } from '../../support/integration/http.ts';
import { readScenarios } from '../../support/integration/recordings.ts';
import { expectedRecords, expectOutcome, replay } from '../../support/integration/replay.ts';
import { jobInput } from '../../support/integration/simulator.ts';

jest.setTimeout(120_000);
const NAMES = ['zq-first-secret', 'zq-second-secret'];
const opened = closeAfterEach();

interface Told {
  readonly checks: readonly { readonly id: string; readonly outcome: string; readonly detail: string }[];
  readonly table: string | null;
}
const toldBy = ({ stdout }: CommandResult): Told => JSON.parse(stdout) as Told;
const outcomes = (result: CommandResult, outcome: string): string[] =>
  toldBy(result)
    .checks.filter((check) => check.outcome === outcome)
    .map(({ id }) => id);
const found = (result: CommandResult, id: string) => toldBy(result).checks.find((check) => check.id === id);

/** A local run with two completed jobs, which a sweep has found. */
const withJobs = async (line: CommandLine): Promise<CommandLine> => {
  for (const name of NAMES) {
    const input = { ...jobInput(name), jobTags: [{ key: 'zq-owner', value: 'zq-eve@example.com' }] };
    await line.client.send(new CreateModelCustomizationJobCommand(input));
  }
  await eventually(() => {
    expect([...line.simulator.jobs()].map(({ job }) => job.status)).toEqual(['Completed', 'Completed']);
  });
  await line.run('sweep', 'full', '--data-dir', line.folder);
  await line.run('sweep', 'active', '--data-dir', line.folder);
  return line;
};
const start = async (more: object = {}) => withJobs(await opened(startCommandLine({ speed: 1_000_000 }, more)));

describe('bedrock-jobs doctor beside a local run', () => {
  it('finds that the simulator does what is assumed of Bedrock', async () => {
    const line = await start();
    const result = await line.run('doctor', '--data-dir', line.folder, '--json');
    expect({ code: result.code, bad: outcomes(result, 'does not hold') }).toEqual({ code: 0, bad: [] });
    expect(outcomes(result, 'holds')).toEqual(
      expect.arrayContaining([
        'list-get-times',
        'unique-names',
        'job-arns',
        'list-order',
        'statuses',
        'tags',
        's3-output',
        'sweeps',
      ]),
    );
    expect(found(result, 'rules')).toMatchObject({ outcome: 'could not be checked', detail: 'This is a local run.' });
  });

  it('ends with 1 and says so where List and Get tell different times', async () => {
    const line = await start();
    line.simulator.faults = { list: { timePrecision: 'seconds' } };
    const { code, stdout } = await line.run('doctor', '--data-dir', line.folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ +does not hold +List and Get give the same times: \S.* differ for 2 of 2 finished jobs/m);
    expect(stdout).toMatch(/^\d+ hold, 1 does not hold, \d+ could not be checked\.$/m);
  });

  it('tells a denied call as what could not be checked, and goes on', async () => {
    const line = await start();
    line.simulator.faults = { accessDenied: ['ListTagsForResource', 'ListObjectsV2'] };
    const result = await line.run('doctor', '--data-dir', line.folder, '--json');
    expect(result.code).toBe(0);
    expect(found(result, 'tags')).toMatchObject({
      outcome: 'could not be checked',
      detail: expect.stringMatching(/^You may not use bedrock:ListTagsForResource/) as unknown,
    });
    expect(found(result, 's3-output')).toMatchObject({ outcome: 'could not be checked' });
    expect(outcomes(result, 'holds')).toEqual(expect.arrayContaining(['list-get-times', 'unique-names']));
  });

  it('refuses a folder that holds files already', async () => {
    const line = await start();
    const { code, stderr } = await line.run('doctor', '--data-dir', line.folder, '--record', line.folder);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/is not empty: name a new one for --record/)]);
  });
});

describe('bedrock-jobs doctor without a tracker', () => {
  const IDENTITY =
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>' +
    '</GetCallerIdentityResponse>';

  it('checks what Bedrock does, and says that there is no tracker', async () => {
    const cloud = await opened(
      serve(({ headers }) =>
        Promise.resolve(
          headers['x-amz-target'] === undefined
            ? { status: 200, headers: { 'content-type': 'text/xml' }, body: IDENTITY }
            : jsonAnswer(400, { __type: 'ParameterNotFound' }),
        ),
      ),
    );
    const line = await start({
      AWS_ENDPOINT_URL: cloud.url,
      JOBS_TABLE_NAME: undefined,
      SWEEPS_TABLE_NAME: undefined,
      TRACKED_SCOPES: undefined,
    });
    const result = await line.run('doctor', '--json');
    expect(result.stderr).toMatch(/^There is no SSM parameter/);
    expect([result.code, toldBy(result).table, outcomes(result, 'does not hold')]).toEqual([0, null, []]);
    expect(outcomes(result, 'holds')).toEqual(expect.arrayContaining(['list-get-times', 'unique-names', 'tags']));
    expect(found(result, 'records')).toMatchObject({ detail: 'No tracker was found here.' });
  });
});

describe('bedrock-jobs doctor --record', () => {
  let parent: string;
  let line: CommandLine;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'bedrock-jobs-doctor-'));
    line = await withJobs(await startCommandLine({ speed: 1_000_000 }));
    const { code } = await line.run('doctor', '--data-dir', line.folder, '--record', join(parent, 'answers'));
    expect(code).toBe(0);
  });
  afterAll(async () => {
    await line.close();
    await rm(parent, { recursive: true });
  });

  it('keeps one file for each answer, and of the jobs nothing that a person chose', async () => {
    const folder = join(parent, 'answers');
    const files = await readdir(folder);
    expect(files).toEqual(
      expect.arrayContaining([
        'bedrock.ListModelCustomizationJobs_1.json',
        'bedrock.GetModelCustomizationJob_2.json',
        's3.ListObjectsV2_1.json',
      ]),
    );
    const all = (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
    const { job } = [...line.simulator.jobs()][0] ?? {};
    const chosen = [
      job?.jobArn,
      job?.roleArn,
      job?.outputDataConfig?.s3Uri,
      ...Object.values(job?.hyperParameters ?? {}),
    ];
    for (const text of [...NAMES, ...chosen, 'zq-', '123456789012'].filter((each) => (each ?? '').length > 2))
      expect(all).not.toContain(text);
  });

  it('keeps answers that the tracker tracks when they are replayed', async () => {
    const [scenario = { name: 'none', operations: new Map() }] = readScenarios(parent);
    const replayed = await opened(replay(scenario));
    const expected = expectedRecords(replayed.steps);
    expect([...expected.keys()]).toHaveLength(NAMES.length);
    for (const [jobArn, { job, tags }] of expected) {
      expect(await replayed.tracker.record(jobArn)).toMatchObject({
        job_name: job['jobName'],
        status: 'Completed',
        tags,
      });
    }
    for (const step of replayed.steps) await eventually(() => expectOutcome(step));
  });
});
