import { CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { type CommandLine, startCommandLine } from '../../support/integration/command.ts';
import { jobInput } from '../../support/integration/simulator.ts';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';

const SPEC = 'docs/examples/fine-tuning.yaml';
/** An hour passes in a second. */
const FAST = { speed: 3600 };
/** Jobs do not end while the test runs. */
const SLOW = { speed: 0.01 };
const GRID = ['create', '--spec', SPEC, '--job-name', 'tone', '--grid', 'learningRate=1e-5,1e-4', 'epochCount=2,3'];
const NAMES = ['tone-lr1e-4-ec2', 'tone-lr1e-4-ec3', 'tone-lr1e-5-ec2', 'tone-lr1e-5-ec3'];

const opened = closeAfterEach();

const jobsIn = ({ simulator }: CommandLine) => [...simulator.jobs()].map(({ job }) => job);
const namesIn = (line: CommandLine) =>
  jobsIn(line)
    .map(({ jobName }) => jobName)
    .sort();
const arnsOf = (stdout: string) => stdout.split('\n').filter((text) => text !== '');

describe('bedrock-jobs create --grid', () => {
  it('creates a job for each combination, tagged as one sweep', async () => {
    const line = await opened(startCommandLine(SLOW));
    const { code, stdout, stderr } = await line.run(...GRID, '--data-dir', line.folder);
    expect([code, namesIn(line)]).toEqual([0, NAMES]);
    const tags = arnsOf(stdout).map((arn) => line.simulator.truth(arn)?.tags['sweep']);
    expect(tags).toEqual(Array(4).fill('tone'));
    expect(stderr).toMatch(/Created 4 jobs\. See them with: \S*\/bedrock-jobs list --tag sweep:tone --data-dir \S+\n$/);
  });

  it('finds the jobs that exist, seen by the tracker or not, and creates no second one', async () => {
    const line = await opened(startCommandLine(SLOW));
    const again = () => line.run(...GRID, '--data-dir', line.folder);
    const first = await again();
    const unseen = await again();
    await line.run('sweep', 'full', '--data-dir', line.folder);
    const seen = await again();
    expect([unseen.code, unseen.stdout]).toEqual([0, first.stdout]);
    expect([seen.code, seen.stdout]).toEqual([0, first.stdout]);
    expect(seen.stderr).toMatch(/exists: InProgress {2}tone-lr1e-5-ec2\n.*Created 0 jobs, 4 existed/s);
    expect(namesIn(line)).toEqual(NAMES);
  });

  it('creates each job once where two commands run at once', async () => {
    const line = await opened(startCommandLine(SLOW));
    const both = await Promise.all([1, 2].map(() => line.run(...GRID, '--data-dir', line.folder)));
    expect([both.map(({ code }) => code), namesIn(line)]).toEqual([[0, 0], NAMES]);
  });

  it('waits while the account runs as many jobs as it may', async () => {
    const line = await opened(startCommandLine({ ...FAST, maxActiveJobs: 2 }));
    const { code, stderr } = await line.sweptUntilEnd(line.start(...GRID, '--data-dir', line.folder));
    expect([code, namesIn(line)]).toEqual([0, NAMES]);
    expect(stderr).toContain('The account runs as many jobs as it may: waiting for one to end.');
  });

  it('goes on after kill -9, and creates no job twice', async () => {
    const line = await opened(startCommandLine({ ...FAST, maxActiveJobs: 2 }));
    const killed = line.start(...GRID, '--data-dir', line.folder);
    await eventually(() => expect(killed.said().stdout).toContain('\n'), 20_000);
    killed.child.kill('SIGKILL');
    await killed.result;
    expect(namesIn(line).length).toBeLessThan(NAMES.length);
    const { code } = await line.sweptUntilEnd(line.start(...GRID, '--data-dir', line.folder));
    expect([code, namesIn(line)]).toEqual([0, NAMES]);
  });

  it('runs no more at once than --at-once says', async () => {
    const line = await opened(startCommandLine(FAST));
    const { code } = await line.sweptUntilEnd(line.start(...GRID, '--at-once', '1', '--data-dir', line.folder));
    const jobs = jobsIn(line).toSorted((a, b) => (a.creationTime < b.creationTime ? -1 : 1));
    expect([code, jobs.length]).toEqual([0, 4]);
    for (const [index, { endTime = '' }] of jobs.slice(0, -1).entries())
      expect(jobs[index + 1]?.creationTime.localeCompare(endTime)).toBe(1);
  });

  it('tells of a combination that Bedrock refuses, creates the others, and ends with 1', async () => {
    const line = await opened(startCommandLine(SLOW));
    await line.client.send(new CreateModelCustomizationJobCommand(jobInput('tone-lr1e-5-ec3')));
    const { code, stderr } = await line.run(...GRID, '--json', '--data-dir', line.folder);
    expect([code, namesIn(line)]).toEqual([1, NAMES]);
    expect(stderr).toMatch(/Refused tone-lr1e-5-ec3 \(2 of 4\): .* currently in use/);
    expect(stderr).toContain('Created 3 jobs, 1 refused.');
  });

  it('stops where nothing can be created, and says how far it came', async () => {
    const line = await opened(startCommandLine(SLOW));
    line.simulator.faults = { accessDenied: ['CreateModelCustomizationJob'] };
    const { code, stderr } = await line.run(...GRID, '--data-dir', line.folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Created 0 jobs, 4 left\..*\nYou may not use bedrock:CreateModelCustomizationJob/);
  });

  it('ends with the quota of Bedrock where no job runs whose end could help', async () => {
    const line = await opened(startCommandLine({ ...SLOW, maxActiveJobs: 0 }));
    const { code, stderr } = await line.run(...GRID, '--data-dir', line.folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/accepts no further job now/);
  });
});
