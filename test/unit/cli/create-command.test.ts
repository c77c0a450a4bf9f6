import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BedrockClient, CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { mockClient } from 'aws-sdk-client-mock';
import { Command } from 'commander';
import { createCommand } from '../../../lib/cli/commands/create.ts';
import type { Answers } from '../../../lib/cli/confirm.ts';
import type { Connection } from '../../../lib/cli/context.ts';
import type { JobsClient } from '../../../lib/client/requests.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { snapshotOf } from '../../support/fixtures.ts';
import { awsError } from '../../support/sdk-answers.ts';
import { testContext } from '../../support/command-context.ts';

const SPEC = 'docs/examples/fine-tuning.yaml';
const ARN = 'arn:aws:bedrock:us-east-1:111122223333:model-customization-job/amazon.nova-lite-v1:0:300k/z9x8c7v6b5n4';

const bedrock = mockClient(BedrockClient);
beforeEach(() => {
  bedrock.reset();
  bedrock.on(CreateModelCustomizationJobCommand).resolves({ jobArn: ARN });
});
afterEach(() => {
  bedrock.reset();
});

interface Thrown {
  readonly code?: string;
  readonly exitCode?: number;
  readonly message: string;
}

const run = async (
  argv: readonly string[],
  {
    jobs = {},
    stdin = '',
    answers = { input: Readable.from([]), output: new PassThrough() },
  }: { jobs?: Partial<JobsClient>; stdin?: string | Buffer; answers?: Answers } = {},
) => {
  const connection: Partial<Connection> = {
    region: 'us-east-1',
    tableName: 'jobs',
    isLocal: false,
    jobs: jobs as JobsClient,
    bedrock: (region = 'us-east-1') => new BedrockClient({ region }),
  };
  const { context, ...said } = testContext({ connection });
  const command = new Command()
    .exitOverride()
    .addCommand(createCommand(context, { stdin: Readable.from([stdin]), answers: () => answers }).exitOverride());
  let thrown: Thrown | undefined;
  try {
    await command.parseAsync(['create', ...argv, '--no-check'], { from: 'user' });
  } catch (error) {
    thrown = error as Thrown;
  }
  return {
    ...said,
    thrown,
    sent: bedrock.commandCalls(CreateModelCustomizationJobCommand).map(({ args }) => args[0].input),
  };
};

const ended = (more: object): Partial<JobsClient> => ({
  waitForJob: (_arn, { onChange } = {}) => {
    const job = { job_arn: ARN, job_name: 'tone', fetched_at: '2026-08-10T12:00:00.000Z', ...more } as never;
    onChange?.(job);
    onChange?.(job);
    return Promise.resolve({ job, readUnits: 1, requests: 1 });
  },
});

describe('bedrock-jobs create', () => {
  it('prints the ARN alone, and what to do next beside it', async () => {
    const { printed, told, sent, thrown } = await run(['--spec', SPEC]);
    expect(thrown).toBeUndefined();
    expect(printed).toEqual([ARN]);
    expect(told).toEqual([
      'Repeating the same command does not create a second job.',
      `Follow it with: bedrock-jobs wait ${ARN}`,
    ]);
    expect(sent).toMatchObject([{ jobName: 'support-tone-2026-11-21', hyperParameters: { learningRate: '1.0E-5' } }]);
  });

  it('sends the same token each time', async () => {
    await run(['--spec', SPEC]);
    const { sent } = await run(['--spec', SPEC]);
    expect(sent[0]?.clientRequestToken).toMatch(/^bedrock-jobs-/);
    expect(sent[1]).toEqual(sent[0]);
  });

  it('sends nothing with --dry-run, and needs no tracker', async () => {
    const { printed, sent, connectedBy } = await run(['--spec', SPEC, '--dry-run']);
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ jobName: 'support-tone-2026-11-21' });
    expect([sent, connectedBy]).toEqual([[], []]);
  });

  it('sends nothing where the spec is wrong', async () => {
    const { thrown, sent, connectedBy } = await run(['--spec', SPEC, '--job-name', 'a b']);
    expect(thrown).toMatchObject({ code: 'BAD_SPEC' });
    expect([sent, connectedBy]).toEqual([[], []]);
  });

  it('answers with --json what was sent, too', async () => {
    const { printed, sent } = await run(['--spec', SPEC, '--json']);
    expect(JSON.parse(printed.join('\n'))).toEqual({ jobArn: ARN, request: sent[0] });
  });

  it("makes the job in another Region than the tracker's where one is named", async () => {
    await run(['--spec', SPEC, '--job-region', 'eu-west-1']);
    const client = bedrock.commandCalls(CreateModelCustomizationJobCommand)[0]?.thisValue as BedrockClient;
    expect(await client.config.region()).toBe('eu-west-1');
  });

  it('waits with --wait, and ends with 0 where the job completed', async () => {
    const { printed, told, thrown } = await run(['--spec', SPEC, '--wait'], { jobs: ended({ status: 'Completed' }) });
    expect(thrown).toBeUndefined();
    expect(printed).toEqual([ARN]);
    expect(told.slice(1)).toEqual(['2026-08-10T12:00:00Z tone: Completed', 'tone Completed.']);
  });

  it.each([
    ['Failed', 'tone Failed: no access to the data.'],
    ['Stopped', 'tone Stopped: no access to the data.'],
  ])('ends with 1 where the job ended as %s', async (status, sentence) => {
    const jobs = ended({ status, failure_message: 'no access to the data' });
    const { told, thrown } = await run(['--spec', SPEC, '--wait'], { jobs });
    expect(thrown).toMatchObject({ exitCode: 1 });
    expect(told.at(-1)).toBe(sentence);
  });

  it('prints one document with --wait and --json, and tells the ARN at once', async () => {
    const { printed, told } = await run(['--spec', SPEC, '--wait', '--json'], { jobs: ended({ status: 'Completed' }) });
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ jobArn: ARN, job: { status: 'Completed' } });
    expect(told[0]).toBe(ARN);
  });
});

describe('bedrock-jobs create --like', () => {
  const record = { ...snapshotOf('fine-tuning-completed'), transitions: [], revision: 1 } as unknown as JobRecord;
  const jobs: Partial<JobsClient> = {
    getJob: (name) =>
      Promise.resolve({ job: name === record.job_name ? record : undefined, readUnits: 1, requests: 1 }),
  };
  const LIKE = ['--like', record.job_name ?? '', '--hyper-parameter', 'epochCount=3'];

  it('sends what the record has, in the Region of that job, and tells what differs', async () => {
    const { printed, told, sent } = await run(LIKE, { jobs });
    expect(printed).toEqual([ARN]);
    expect(sent).toMatchObject([{ jobName: 'support-triage-ft-0142-2', hyperParameters: { epochCount: '3' } }]);
    const client = bedrock.commandCalls(CreateModelCustomizationJobCommand)[0]?.thisValue as BedrockClient;
    expect(await client.config.region()).toBe('us-west-2');
    expect(told.slice(0, 5)).toEqual([
      'Unlike the job support-triage-ft-0142:',
      '  jobName: support-triage-ft-0142 → support-triage-ft-0142-2',
      '  customModelName: support-triage-llama33-v3 → support-triage-llama33-v3-2',
      '  hyperParameters.epochCount: 2 → 3',
      'Created support-triage-ft-0142-2. Repeating the same command creates another job, under the next name.',
    ]);
  });

  it('prints the request and the differences with --dry-run, and sends nothing', async () => {
    const { printed, told, sent } = await run([...LIKE, '--dry-run'], { jobs });
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ hyperParameters: { epochCount: '3' } });
    expect(told).toContain('  hyperParameters.epochCount: 2 → 3');
    expect(sent).toEqual([]);
  });

  it('cannot have a spec too', async () => {
    const { thrown, sent } = await run([...LIKE, '--spec', SPEC], { jobs });
    expect(thrown).toMatchObject({ code: 'commander.conflictingOption' });
    expect(sent).toEqual([]);
  });
});

it('ends with the error where Bedrock refuses the job, and prints nothing', async () => {
  const error = awsError('ValidationException', 'no such model');
  bedrock.on(CreateModelCustomizationJobCommand).rejects(error);
  expect(await run(['--spec', SPEC])).toMatchObject({ thrown: error, printed: [] });
});

describe('a spec comes', () => {
  it('from standard input', async () => {
    const { thrown } = await run(['--spec', '-'], { stdin: 'jobName: a b' });
    expect(thrown?.message).toMatch(/^The spec has 6 problems/);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['no-such.yaml', '', /^no-such\.yaml cannot be read: there is no such file\.$/],
    ['docs', '', /^docs cannot be read: it is a folder\.$/],
    ['-', 'x'.repeat(256 * 1024 + 1), /^Standard input cannot be read: it has more than 256 kB\.$/],
    ['/dev/zero', '', /^\/dev\/zero cannot be read: it has more than 256 kB\.$/],
    ['-', Buffer.from([0xff, 0xfe, 0x00]), /^Standard input cannot be read: it is not UTF-8 text\.$/],
  ])('not from %s', async (path, stdin, sentence) => {
    const { thrown, sent } = await run(['--spec', path], { stdin });
    expect(thrown).toMatchObject({ code: 'BAD_SPEC', message: expect.stringMatching(sentence) as unknown });
    expect(sent).toEqual([]);
  });
});
