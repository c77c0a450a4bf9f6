import { PassThrough } from 'node:stream';
import { BedrockClient, CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import type { Connection } from '../../../../lib/cli/context.ts';
import { Ended } from '../../../../lib/cli/context.ts';
import { createGrid, type GridOptions } from '../../../../lib/cli/grid/create-grid.ts';
import type { JobRecord } from '../../../../lib/domain/record.ts';
import { specOf } from '../../../../lib/operator/spec/from-record.ts';
import { testContext } from '../../../support/command-context.ts';
import { snapshotOf } from '../../../support/fixtures.ts';
import { awsError } from '../../../support/sdk-answers.ts';

const SPEC = specOf({ ...snapshotOf('fine-tuning-completed'), job_name: 'tone' } as JobRecord);

const bedrock = mockClient(BedrockClient);
beforeEach(() => {
  bedrock.reset();
  bedrock.on(CreateModelCustomizationJobCommand).resolves({ jobArn: 'arn' });
});

/** Runs it at a terminal 60 columns wide, where a person types an answer. */
const run = async (options: Partial<GridOptions>, answer = 'n\n', check = () => Promise.resolve()) => {
  const connection: Partial<Connection> = {
    region: 'us-west-2',
    isLocal: true,
    invocation: { program: 'bedrock-jobs', trackerFlags: ['--local'] },
    scopes: [{ accountId: '123456789012', region: 'us-west-2' }],
    jobs: { getJob: () => Promise.resolve({ job: undefined, readUnits: 1, requests: 1 }) } as never,
    bedrock: () => new BedrockClient({ region: 'us-west-2' }),
  };
  const { context, ...said } = testContext({ terminal: { showsProgress: true, columns: 60 } });
  const input = Object.assign(new PassThrough(), { isTTY: true });
  input.write(answer);
  const source = {
    spec: SPEC,
    flags: {},
    region: undefined,
    connection: () => Promise.resolve(connection as Connection),
    check,
  };
  const grid = ['learningRate=1e-5,1e-4', 'epochCount=2'];
  let thrown: unknown;
  try {
    await createGrid({ grid, ...options }, source, context, () => ({ input, output: new PassThrough() }));
  } catch (error) {
    thrown = error;
  }
  return { ...said, thrown, sent: bedrock.commandCalls(CreateModelCustomizationJobCommand).length };
};

describe('bedrock-jobs create --grid', () => {
  it('shows the plan and asks, and creates nothing without a yes', async () => {
    const { printed, told, thrown, sent } = await run({});
    expect(told).toEqual([
      'learningRate  epochCount  STATE      NAME',
      '        1e-5           2  to create  tone-lr1e-5-ec2',
      '        1e-4           2  to create  tone-lr1e-4-ec2',
      'Nothing was created.',
    ]);
    expect([printed, thrown, sent]).toEqual([[], new Ended(1), 0]);
  });

  it.each([
    ['after a yes', {}, 'y\n'],
    ['with --yes', { yes: true }, ''],
  ] as const)('creates the jobs %s', async (_, options, answer) => {
    const { printed, thrown, sent } = await run(options, answer);
    expect([printed, thrown, sent]).toEqual([['arn', 'arn'], undefined, 2]);
  });

  it('prints the requests with --dry-run, and neither asks nor sends', async () => {
    const { printed, sent } = await run({ dryRun: true }, '');
    const requests = JSON.parse(printed.join('\n')) as { jobName: string }[];
    expect(requests.map(({ jobName }) => jobName)).toEqual(['tone-lr1e-5-ec2', 'tone-lr1e-4-ec2']);
    expect(sent).toBe(0);
  });

  it('prints one document with --json, and ends with 1 where a job was refused', async () => {
    bedrock
      .on(CreateModelCustomizationJobCommand)
      .rejectsOnce(awsError('ValidationException', 'no'))
      .resolves({ jobArn: 'arn' });
    const { printed, thrown } = await run({ json: true, yes: true });
    expect(JSON.parse(printed.join('\n'))).toMatchObject({
      sweep: 'tone',
      jobs: [
        { jobName: 'tone-lr1e-5-ec2', values: { learningRate: '1e-5', epochCount: '2' }, state: 'refused' },
        { jobName: 'tone-lr1e-4-ec2', state: 'created', jobArn: 'arn' },
      ],
    });
    expect(thrown).toEqual(new Ended(1));
  });

  it('sends nothing where its data would make the jobs fail', async () => {
    const check = () => Promise.reject(new Ended(1));
    expect(await run({ yes: true }, '', check)).toMatchObject({ thrown: new Ended(1), sent: 0 });
    expect(await run({ dryRun: true }, '', check)).toMatchObject({ thrown: new Ended(1), sent: 0 });
  });
});
