import {
  BedrockClient,
  CreateModelCustomizationJobCommand,
  GetModelCustomizationJobCommand,
} from '@aws-sdk/client-bedrock';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { findExisting, type Outcome } from '../../../../lib/cli/grid/existing.ts';
import { planGrid, readAxes } from '../../../../lib/cli/grid/plan.ts';
import { type GridRun, runGrid } from '../../../../lib/cli/grid/run.ts';
import { TrackerError } from '../../../../lib/domain/errors.ts';
import type { JobRecord } from '../../../../lib/domain/record.ts';
import { specOf } from '../../../../lib/operator/spec/from-record.ts';
import { testContext } from '../../../support/command-context.ts';
import { snapshotOf } from '../../../support/fixtures.ts';
import { awsError } from '../../../support/sdk-answers.ts';

const RECORD = { ...snapshotOf('fine-tuning-completed'), job_name: 'tone', output_model_name: 'tone' } as JobRecord;
const GRID = planGrid(specOf(RECORD), {}, readAxes(['learningRate=1e-5,1e-4']));
const PLACE = { account: '123456789012', region: 'us-west-2' };
const QUOTA = awsError('ServiceQuotaExceededException', 'too many jobs');
const COST = { readUnits: 1, requests: 1 };

const bedrock = mockClient(BedrockClient);
beforeEach(() => void bedrock.reset());
const onCreate = () => bedrock.on(CreateModelCustomizationJobCommand);

/** Runs the grid; `activeAt` are the ARNs that the tracker lists as active at each read, the last ones ever after. */
const run = async (activeAt: readonly (readonly string[] | Error)[] = [[]], more: Partial<GridRun> = {}) => {
  let now = Date.parse('2026-08-10T12:00:00.000Z');
  let reads = 0;
  const pauses: number[] = [];
  const { context, told } = testContext();
  const jobs = {
    getJob: () => Promise.resolve({ job: undefined, ...COST }),
    async *iterateJobs() {
      const active = activeAt[Math.min(reads, activeAt.length - 1)] ?? [];
      reads += 1;
      await Promise.resolve();
      if (active instanceof Error) throw active;
      for (const job_arn of active) yield { job_arn } as never;
    },
  };
  const settings: GridRun = {
    context: { ...context, clock: () => new Date(now) },
    connection: { jobs: jobs as never, isLocal: false, bedrock: () => new BedrockClient({ region: 'us-west-2' }) },
    place: PLACE,
    atOnce: Infinity,
    pause: (ms) => {
      pauses.push(ms);
      now += ms;
      return Promise.resolve();
    },
    ...more,
  };
  const planned = GRID.jobs.map((job): Outcome => ({ ...job, state: 'planned' }));
  const outcomes: Outcome[] = [];
  let thrown: unknown;
  try {
    for await (const outcome of runGrid(planned, new Set(), settings)) outcomes.push(outcome);
  } catch (error) {
    thrown = error;
  }
  return { states: outcomes.map(({ state }) => state), told, thrown, pauses };
};

describe('a grid that runs', () => {
  it('asks again as soon as the tracker sees a job of the account end', async () => {
    onCreate().rejectsOnce(QUOTA).resolves({ jobArn: 'arn' });
    const { states, pauses, told } = await run([['a', 'b'], ['a', 'b'], ['b']]);
    expect([states, pauses]).toEqual([
      ['created', 'created'],
      [10_000, 10_000],
    ]);
    expect(told).toEqual([
      'The account runs as many jobs as it may: waiting for one to end.',
      'Created tone-lr1e-5 (1 of 2).',
      'Created tone-lr1e-4 (2 of 2).',
    ]);
  });

  it.each([
    ['sees none end', ['a']],
    ['cannot list active jobs', new TrackerError('SCAN_NEEDED', 'no index')],
  ])('asks again after a minute where the tracker %s', async (_, active) => {
    onCreate().rejectsOnce(QUOTA).rejectsOnce(QUOTA).resolves({ jobArn: 'arn' });
    const { states, pauses } = await run([active]);
    expect([states, pauses]).toEqual([['created', 'created'], Array(12).fill(10_000)]);
  });

  it('does not wait for a quota where no job runs', async () => {
    onCreate().rejects(QUOTA);
    const { states, thrown, pauses } = await run();
    expect([states, thrown, pauses.length]).toEqual([[], QUOTA, 6]);
  });

  it('survives a throttled request once Bedrock has answered', async () => {
    onCreate()
      .resolvesOnce({ jobArn: 'arn' })
      .rejectsOnce(awsError('ThrottlingException', 'slow down'))
      .resolves({ jobArn: 'arn' });
    const { states, told } = await run();
    expect(states).toEqual(['created', 'created']);
    expect(told[1]).toMatch(/throttles requests.* Trying again\.$/);
  });

  it.each([
    ['before Bedrock has answered once', awsError('ThrottlingException', 'slow down')],
    ['that concerns every job', awsError('AccessDeniedException', 'no')],
  ])('ends with an error %s', async (_, error) => {
    onCreate().rejects(error);
    expect(await run()).toMatchObject({ states: [], thrown: error });
  });

  it.each([
    ['waits for a job of the same request that Bedrock knew already', 'InProgress', ['exists'], 'waits'],
    ['does not wait for one that has ended', 'Completed', ['exists', 'created'], undefined],
  ] as const)('%s', async (_, status, expected, waits) => {
    onCreate()
      .rejectsOnce(awsError('ValidationException', 'The provided job name is currently in use'))
      .resolves({ jobArn: 'b' });
    const clientRequestToken = GRID.jobs[0]?.request.clientRequestToken;
    bedrock.on(GetModelCustomizationJobCommand).resolves({ jobArn: 'a', clientRequestToken, status });
    const pause = () => Promise.reject(new Error('waits'));
    const { states, thrown } = await run([[]], { atOnce: 1, pause });
    expect([states, (thrown as Error | undefined)?.message]).toEqual([expected, waits]);
  });

  it('goes on after a refusal of one combination', async () => {
    onCreate().rejectsOnce(awsError('ValidationException', 'learningRate is too low')).resolves({ jobArn: 'arn' });
    const { states, told } = await run();
    expect(states).toEqual(['refused', 'created']);
    expect(told[0]).toMatch(/^Refused tone-lr1e-5 \(1 of 2\): .*learningRate is too low/);
  });
});

describe('the jobs of a grid that exist', () => {
  const [job] = GRID.jobs;
  const made = {
    ...RECORD,
    job_name: job?.request.jobName,
    status: 'InProgress',
    client_request_token: job?.request.clientRequestToken,
  } as JobRecord;
  const other = { ...made, client_request_token: 'another' };

  it.each([
    ['was made by the same request', made, 'exists', undefined],
    [
      'has the sweep and the values, and was made by another request',
      { ...other, tags: { sweep: 'tone' }, hyper_parameters: { learningRate: '1.0E-5' } },
      'exists',
      'another request made it: it may differ in more than the grid',
    ],
    [
      'has the sweep and other values',
      { ...other, tags: { sweep: 'tone' }, hyper_parameters: { learningRate: '1.0E-4' } },
      'refused',
      expect.stringMatching(/^another job has this name \(arn:.*give another --job-name$/),
    ],
    ['is of no sweep', { ...other, tags: {} }, 'refused', expect.stringMatching(/^another job has this name/)],
  ])('one that %s', async (_, record, state, problem) => {
    const getJob = (name: string) => Promise.resolve({ job: name === record.job_name ? record : undefined, ...COST });
    const { outcomes, running } = await findExisting(GRID, { jobs: { getJob } as never }, PLACE);
    expect(outcomes.map((each) => each.state)).toEqual([state, 'planned']);
    expect(outcomes[0]?.problem).toEqual(problem);
    expect([...running]).toEqual(state === 'exists' ? [made.job_arn] : []);
  });
});
