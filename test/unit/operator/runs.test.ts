import { describe, expect, it } from '@jest/globals';
import type { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { JobSummary } from '../../../lib/client/requests.ts';
import { TrackerError, type ErrorCode } from '../../../lib/domain/errors.ts';
import { type Run, runColumn, type RunColumn } from '../../../lib/domain/run.ts';
import { readRewards, type RewardSource, readRuns } from '../../../lib/operator/runs.ts';

const columns = (...names: readonly string[]): RunColumn[] => names.flatMap((name) => runColumn(name) ?? []);
const jobs = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ job_arn: String(number), job_name: `job-${number}` }) as JobSummary);

/** A table that knows the learning rate of each job whose number is even. */
const evenTable = () => {
  const seen = { batches: 0, units: 0 };
  const send = ({ input }: BatchGetCommand) => {
    seen.batches += 1;
    const keys = input.RequestItems?.['jobs']?.Keys ?? [];
    const found = keys.filter((key) => Number(key['job_arn']) % 2 === 0);
    const records = found.map((key) => ({
      ...key,
      hyper_parameters: { learningRate: `${String(key['job_arn'])}e-5` },
    }));
    return Promise.resolve({ Responses: { jobs: records }, ConsumedCapacity: [{ CapacityUnits: found.length / 2 }] });
  };
  const table = { dynamoDb: { send }, tableName: 'jobs', onCost: (units: number) => (seen.units += units) };
  return { table: table as never, seen };
};

describe('runs of jobs', () => {
  it('are the jobs as they are while no column needs a record', async () => {
    const { table, seen } = evenTable();
    const given = jobs(3);
    expect(await Array.fromAsync(readRuns(given, columns('name', 'validation_loss', 'tag.team'), table))).toEqual(
      given,
    );
    expect(seen.batches).toBe(0);
  });

  it.each(['hp.learningRate', 'data', 'reward'])('have their records for the column %s', async (name) => {
    const { table, seen } = evenTable();
    const runs = await Array.fromAsync(readRuns(jobs(250), columns('name', name), table));
    expect(runs.map(({ job_name: jobName }) => jobName)).toEqual(jobs(250).map((job) => job.job_name));
    expect(runs[248]).toEqual({ ...jobs(249)[248], hyper_parameters: { learningRate: '248e-5' } });
    expect(seen).toEqual({ batches: 3, units: 62.5 });
  });

  it('keep a job whose record is gone', async () => {
    const { table } = evenTable();
    const [, second] = await Array.fromAsync(readRuns(jobs(2), columns('data'), table));
    expect(second).toEqual(jobs(2)[1]);
  });
});

describe('rewards of runs', () => {
  const rewarded = (arn: string, change: Partial<Run> = {}): Run => ({
    job_arn: arn,
    customization_type: 'REINFORCEMENT_FINE_TUNING',
    output_data_config: { s3_uri: 's3://acme-output/' },
    ...change,
  });
  const reading = (rewardOf: RewardSource['rewardOf'], most = 10) => {
    const said: string[] = [];
    const onProblem = (message: string) => void said.push(message);
    const source = { rewardOf, most, onRead: () => undefined, onProblem, signal: new AbortController().signal };
    return {
      said,
      rewards: async (runs: readonly Run[]) =>
        (await Array.fromAsync(readRewards(runs, source))).map((run) => run.reward),
    };
  };

  it('are read of reinforcement fine-tuning alone', async () => {
    const asked: string[] = [];
    const { rewards, said } = reading(({ job_arn }) => {
      asked.push(job_arn);
      return Promise.resolve(0.5);
    });
    const others = [rewarded('b', { customization_type: 'FINE_TUNING' }), { job_arn: 'c' }];
    expect(await rewards([rewarded('a'), ...others, rewarded('d')])).toEqual([0.5, undefined, undefined, 0.5]);
    expect([asked, said]).toEqual([['a', 'd'], []]);
  });

  it('stay unknown beyond the most that are read, and this is told', async () => {
    const { rewards, said } = reading(() => Promise.resolve(1), 2);
    expect(await rewards(['a', 'b', 'c'].map((arn) => rewarded(arn)))).toEqual([1, 1, undefined]);
    expect(said).toEqual(['Read the rewards of the first 2 of 3 reinforcement fine-tuning jobs.']);
  });

  it.each<[ErrorCode, string[]]>([
    ['NO_LOSS_CURVE', []],
    ['BAD_LOSS_CURVE', ['no curve']],
    ['ACCESS_DENIED', ['no curve']],
  ])('stay unknown where the curve cannot be read: %s', async (code, told) => {
    const { rewards, said } = reading(({ job_arn }) =>
      job_arn === 'a' ? Promise.reject(new TrackerError(code, 'no curve')) : Promise.resolve(2),
    );
    expect(await rewards([rewarded('a'), rewarded('b')])).toEqual([undefined, 2]);
    expect(said).toEqual(told);
  });

  it('end with any other error', async () => {
    const { rewards } = reading(() => Promise.reject(new TrackerError('THROTTLED', 'later')));
    await expect(rewards([rewarded('a')])).rejects.toThrow('later');
  });
});
