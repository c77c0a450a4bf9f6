import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  BedrockClient,
  GetModelCustomizationJobCommand,
  ListTagsForResourceCommand,
  StopModelCustomizationJobCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-bedrock';
import { mockClient } from 'aws-sdk-client-mock';
import { Command } from 'commander';
import { stopCommand } from '../../../lib/cli/commands/stop.ts';
import type { Answers } from '../../../lib/cli/confirm.ts';
import { tagCommand, untagCommand } from '../../../lib/cli/commands/tag.ts';
import type { Connection } from '../../../lib/cli/context.ts';
import type { JobsClient } from '../../../lib/client/requests.ts';
import { awsError } from '../../support/sdk-answers.ts';
import { testContext } from '../../support/command-context.ts';

const JOB_ID = 'z9x8c7v6b5n4';
const ARN = `arn:aws:bedrock:us-west-2:111122223333:model-customization-job/amazon.nova-lite-v1:0:300k/${JOB_ID}`;
const SHORT_ARN = `arn:aws:bedrock:us-west-2:111122223333:model-customization-job/${JOB_ID}`;
const RECORD = { job_arn: ARN, job_name: 'tone', status: 'InProgress' };
const COST = { readUnits: 1, requests: 1 };

const bedrock = mockClient(BedrockClient);
beforeEach(() => {
  bedrock.reset();
  bedrock.on(StopModelCustomizationJobCommand).resolves({});
  bedrock.on(TagResourceCommand).resolves({});
  bedrock.on(UntagResourceCommand).resolves({});
  bedrock.on(ListTagsForResourceCommand).resolves({
    tags: [
      { key: 'team', value: 'ml' },
      { key: 'cost', value: '7\u001b[2J' },
    ],
  });
});

/** A terminal at which a person types. */
const typing = (text: string) => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  input.end(text);
  return { input, output: new PassThrough() };
};
const nobody = (): Answers => ({ input: new PassThrough(), output: new PassThrough() });

interface Thrown {
  readonly code?: string;
  readonly exitCode?: number;
  readonly message: string;
}

const run = async (
  argv: readonly string[],
  { answers = nobody(), ended = {} }: { answers?: Answers; ended?: object } = {},
) => {
  const jobs: Partial<JobsClient> = {
    getJob: (text) =>
      Promise.resolve({ job: ['tone', JOB_ID].includes(text) ? (RECORD as never) : undefined, ...COST }),
    listJobs: () => Promise.resolve({ jobs: [RECORD as never], index: 'by-scope', ...COST }),
    waitForJob: () => Promise.resolve({ job: { ...RECORD, ...ended } as never, ...COST }),
  };
  const regions: string[] = [];
  const connection: Partial<Connection> = {
    region: 'us-east-1',
    tableName: 'jobs',
    isLocal: false,
    jobs: jobs as JobsClient,
    health: () => Promise.resolve({ scopes: [], queues: [] }),
    bedrock: (region = 'us-east-1') => {
      regions.push(region);
      return new BedrockClient({ region });
    },
  };
  const { context, ...said } = testContext({ connection, terminal: { showsProgress: answers.input.isTTY === true } });
  const program = new Command().exitOverride();
  for (const command of [stopCommand(context, () => answers), tagCommand(context), untagCommand(context)])
    program.addCommand(command.exitOverride().configureOutput({ writeErr: () => undefined }));
  let thrown: Thrown | undefined;
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    thrown = error as Thrown;
  }
  return { ...said, regions, thrown };
};

const stopped = () => bedrock.commandCalls(StopModelCustomizationJobCommand).map(({ args }) => args[0].input);
const refusal = (name: string) => awsError(name, name, { service: 'Bedrock' });

describe('bedrock-jobs stop', () => {
  it.each([
    ['an ARN, without a look at the table', ARN, ARN, 'us-west-2'],
    ['a name that the table knows', 'tone', ARN, 'us-west-2'],
    ['an id', JOB_ID, ARN, 'us-west-2'],
    ['the short ARN of an event', SHORT_ARN, ARN, 'us-west-2'],
    ["a name that the table does not know, in the tracker's Region", 'new-job', 'new-job', 'us-east-1'],
  ])('stops the job of %s', async (_, text, jobIdentifier, region) => {
    const { told, regions, thrown } = await run(['stop', text]);
    expect(thrown).toBeUndefined();
    expect(stopped()).toEqual([{ jobIdentifier }]);
    expect(regions[0]).toBe(region);
    expect(told).toEqual([`Bedrock is stopping ${jobIdentifier}. Its output may hold what it has trained so far.`]);
  });

  it.each(['y\n', 'YES\n'])('stops when the person says %j', async (text) => {
    await run(['stop', 'tone'], { answers: typing(text) });
    expect(stopped()).toHaveLength(1);
  });

  it.each(['n\n', '\n', 'stop\n', ''])('stops nothing when the person says %j', async (text) => {
    const { told, thrown } = await run(['stop', 'tone'], { answers: typing(text) });
    expect([stopped(), told, thrown?.exitCode]).toEqual([[], ['Nothing was stopped.'], 1]);
  });

  it('asks nothing with --yes', async () => {
    await run(['stop', 'tone', '--yes'], { answers: typing('n\n') });
    expect(stopped()).toHaveLength(1);
  });

  it('asks with the status and that there is no way back', async () => {
    const answers = typing('n\n');
    await run(['stop', 'tone'], { answers });
    expect(String(answers.output.read())).toContain(
      `Stop ${ARN} (InProgress) in us-west-2? It cannot be resumed. [y/N]`,
    );
  });

  it.each([
    ['Stopped', undefined, 'tone Stopped.'],
    ['Completed', 1, 'tone Completed.'],
  ])('waits with --wait until the job is %s', async (status, exitCode, sentence) => {
    const { told, thrown } = await run(['stop', 'tone', '--wait'], { ended: { status } });
    expect(told.at(-1)).toBe(sentence);
    expect(thrown?.exitCode).toBe(exitCode);
  });

  it('answers as JSON', async () => {
    const { printed } = await run(['stop', 'tone', '--json']);
    expect(JSON.parse(printed.join('\n'))).toEqual({ job: ARN, status: 'Stopping' });
  });

  it.each(['Stopping', 'Stopped'])('is done where the job is %s already', async (status) => {
    bedrock.on(StopModelCustomizationJobCommand).rejects(refusal('ConflictException'));
    bedrock.on(GetModelCustomizationJobCommand).resolves({ status: status as 'Stopped' });
    const { told, thrown } = await run(['stop', 'tone']);
    expect([thrown, told]).toEqual([undefined, [`${ARN} is already ${status}.`]]);
  });

  it('says the status of a job that cannot be stopped', async () => {
    bedrock.on(StopModelCustomizationJobCommand).rejects(refusal('ConflictException'));
    bedrock.on(GetModelCustomizationJobCommand).resolves({ status: 'Completed' });
    expect((await run(['stop', 'tone'])).thrown).toMatchObject({
      code: 'AWS_REFUSED',
      message: `${ARN} cannot be stopped: its status is Completed. Only InProgress jobs can be.`,
    });
  });

  it("says the table's status where Bedrock may not be asked", async () => {
    bedrock.on(StopModelCustomizationJobCommand).rejects(refusal('ConflictException'));
    bedrock.on(GetModelCustomizationJobCommand).rejects(refusal('AccessDeniedException'));
    expect((await run(['stop', 'tone'])).thrown?.message).toContain('its status is InProgress');
  });

  it('tells near names where neither the table nor Bedrock knows one', async () => {
    bedrock.on(StopModelCustomizationJobCommand).rejects(refusal('ResourceNotFoundException'));
    expect((await run(['stop', 'tome'])).thrown).toMatchObject({
      code: 'JOB_NOT_FOUND',
      message:
        'There is no job tome in table jobs (us-east-1); the tracker has not swept yet. Did you mean tone? ' +
        'Bedrock in us-east-1 does not know it either.',
    });
  });

  it.each<[string, string, RegExp]>([
    ['a b', 'BAD_REQUEST', /^'a b' is not the ARN, name or id of a job\.$/],
    ['x'.repeat(2000), 'BAD_REQUEST', /^'x+…' is not/],
    [
      SHORT_ARN.replace(JOB_ID, 'aaaaaaaaaaaa'),
      'JOB_NOT_FOUND',
      /^Table jobs has no job aaaaaaaaaaaa, .*: give the full one/,
    ],
  ])('refuses %s', async (text, code, sentence) => {
    bedrock.on(StopModelCustomizationJobCommand).rejects(refusal('ResourceNotFoundException'));
    const { thrown } = await run(['stop', text]);
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(sentence) as unknown });
  });
});

describe('bedrock-jobs tag', () => {
  const tagged = () => bedrock.commandCalls(TagResourceCommand).map(({ args }) => args[0].input);

  it('tags the job and prints its tags, safe to read', async () => {
    const { printed, told, thrown } = await run(['tag', 'tone', 'team=ml', 'note=a=b', 'empty=']);
    expect(thrown).toBeUndefined();
    expect(tagged()).toEqual([
      {
        resourceARN: ARN,
        tags: [
          { key: 'team', value: 'ml' },
          { key: 'note', value: 'a=b' },
          { key: 'empty', value: '' },
        ],
      },
    ]);
    expect(printed).toEqual(['KEY   VALUE', 'cost  7', 'team  ml']);
    expect(told).toEqual([
      'Tagged. The record follows by an event if there is a CloudTrail trail, else with the next full sweep.',
    ]);
  });

  it('asks Bedrock for the ARN of a name that the table does not know', async () => {
    bedrock.on(GetModelCustomizationJobCommand, { jobIdentifier: 'new-job' }).resolves({ jobArn: ARN });
    await run(['tag', 'new-job', 'team=ml']);
    expect(tagged()).toMatchObject([{ resourceARN: ARN }]);
  });

  it('answers as JSON', async () => {
    const { printed } = await run(['tag', 'tone', 'team=ml', '--json']);
    expect(JSON.parse(printed.join('\n'))).toEqual({ jobArn: ARN, tags: { cost: '7\u001b[2J', team: 'ml' } });
  });

  it('tells every mistake at once, and sends nothing', async () => {
    const { thrown, connectedBy } = await run([
      'tag',
      'tone',
      'team',
      'a=ü',
      'b=1',
      'b=2',
      `${'k'.repeat(129)}=1`,
      'aws:x=1',
    ]);
    expect(thrown).toMatchObject({ code: 'BAD_REQUEST' });
    expect(thrown?.message.split('\n')).toEqual([
      'The request has 5 problems, and nothing was sent:',
      "  must be key=value, got 'team'",
      "  gives 'b' twice",
      "  a=ü: must hold only letters a-z, digits, spaces and . _ : / = + @ -, got 'ü'",
      expect.stringMatching(/^ {2}k+…: must have at most 128 characters, and has 129, got 'k+…'$/),
      '  aws:x: begins with aws:, which is for AWS alone',
    ]);
    expect(connectedBy).toEqual([]);
  });
});

describe('bedrock-jobs untag', () => {
  it('takes each tag once, and says where none is left', async () => {
    bedrock.on(ListTagsForResourceCommand).resolves({ tags: [] });
    const { printed, told } = await run(['untag', ARN, 'team', 'team', 'cost']);
    expect(bedrock.commandCalls(UntagResourceCommand)[0]?.args[0].input).toEqual({
      resourceARN: ARN,
      tagKeys: ['team', 'cost'],
    });
    expect(printed).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^Untagged\. /), `${ARN} has no tags.`]);
  });

  it('tells every mistake at once', async () => {
    const { thrown, connectedBy } = await run(['untag', ARN, '', 'ü', 'aws:x']);
    expect(thrown?.message.split('\n')).toEqual([
      'The request has 3 problems, and nothing was sent:',
      '  must not be empty',
      "  ü: must hold only letters a-z, digits, spaces and . _ : / = + @ -, got 'ü'",
      '  aws:x: begins with aws:, which is for AWS alone',
    ]);
    expect(connectedBy).toEqual([]);
  });
});
