import { describe, expect, it } from '@jest/globals';
import { CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { spawn } from '@lydell/node-pty';
import { closeAfterEach } from '../../support/integration/suite.ts';
import { type CommandLine, startCommandLine } from '../../support/integration/command.ts';
import { jobInput } from '../../support/integration/simulator.ts';

const opened = closeAfterEach();

const create = async ({ client }: CommandLine, jobName = 'tone'): Promise<string> => {
  const { jobArn = '' } = await client.send(new CreateModelCustomizationJobCommand(jobInput(jobName)));
  return jobArn;
};
const statusOf = ({ simulator }: CommandLine, jobArn: string) => simulator.truth(jobArn)?.job.status;
const idOf = (jobArn: string) => jobArn.slice(-12);

/** Runs a command at a terminal and types an answer when it asks. */
const atTerminal = async ({ env }: CommandLine, answer: string, ...argv: string[]) => {
  const pty = spawn(process.execPath, ['bin/bedrock-jobs.ts', ...argv], { env, cols: 200 });
  let screen = '';
  let answered = false;
  pty.onData((text) => {
    screen += text;
    if (answered || !screen.includes('[y/N] ')) return;
    answered = true;
    pty.write(answer);
  });
  const { exitCode } = await new Promise<{ exitCode: number }>((resolve) => pty.onExit(resolve));
  return { exitCode, screen };
};

describe('bedrock-jobs stop', () => {
  it('stops a job by its ARN, by a name that only Bedrock knows, and by the id of its record', async () => {
    const line = await opened(startCommandLine({ speed: 1 }));
    const [byArn, byName, byId] = [await create(line, 'one'), await create(line, 'two'), await create(line, 'three')];
    expect(await line.run('stop', byArn)).toMatchObject({ code: 0, stdout: '' });
    expect(await line.run('stop', 'two')).toMatchObject({ code: 0 });
    await line.run('sweep', 'active', '--data-dir', line.folder);
    expect(await line.run('stop', idOf(byId))).toMatchObject({ code: 0 });
    expect([byArn, byName, byId].map((arn) => statusOf(line, arn))).toEqual(Array(3).fill('Stopping'));
  });

  it('waits with --wait until the job is stopped', async () => {
    const line = await opened(startCommandLine({ speed: 1000 }));
    const arn = await create(line);
    const { code, stderr } = await line.sweptUntilEnd(line.start('stop', arn, '--wait', '--data-dir', line.folder));
    expect(stderr).toMatch(/tone Stopped after .*\n$/);
    expect([code, statusOf(line, arn)]).toEqual([0, 'Stopped']);
  });

  it.each([
    ['y\r', 0, 'Stopping'],
    // Ctrl-C
    ['\u0003', 130, 'InProgress'],
  ])('asks at a terminal: %j ends with %i and leaves the job %s', async (answer, code, status) => {
    const line = await opened(startCommandLine({ speed: 1 }));
    const arn = await create(line);
    const { exitCode, screen } = await atTerminal(line, answer, 'stop', arn);
    expect(screen).toContain(`Stop ${arn} in us-east-1? It cannot be resumed. [y/N] `);
    expect([exitCode, statusOf(line, arn)]).toEqual([code, status]);
  });
});

describe('bedrock-jobs tag and untag', () => {
  it('change the tags of a job and print what they are then', async () => {
    const line = await opened(startCommandLine());
    const arn = await create(line);
    const tagged = await line.run('tag', 'tone', 'team=search', 'note=a=b');
    expect([tagged.code, tagged.stdout]).toEqual([0, 'KEY   VALUE\nnote  a=b\nteam  search\n']);
    expect(tagged.stderr).toBe(
      'Tagged. The record follows by an event if there is a CloudTrail trail, else with the next full sweep.\n',
    );
    const untagged = await line.run('untag', arn, 'note', 'never-there', '--json');
    expect(untagged.code).toBe(0);
    expect(JSON.parse(untagged.stdout)).toEqual({ jobArn: arn, tags: { team: 'search' } });
    expect(line.simulator.truth(arn)?.tags).toEqual({ team: 'search' });
  });

  it('tell of more than 50 tags, and of every other mistake, before anything is sent', async () => {
    const line = await opened(startCommandLine());
    const arn = await create(line);
    const { code, stderr } = await line.run('tag', arn, 'team', ...Array.from({ length: 51 }, (_, i) => `k${i}=1`));
    expect(code).toBe(2);
    expect(stderr).toBe(
      'The request has 2 problems, and nothing was sent:\n' +
        "  must be key=value, got 'team'\n  tags: has 51 tags, and a resource can have at most 50\n",
    );
    expect(line.simulator.counts().received.TagResource).toBe(0);
  });
});
