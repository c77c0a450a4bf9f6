import { describe, expect, it } from '@jest/globals';
import type { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { JobSummary } from '../../../lib/client/requests.ts';
import { runColumn, type RunColumn } from '../../../lib/domain/run.ts';
import { readRuns } from '../../../lib/operator/runs.ts';

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
