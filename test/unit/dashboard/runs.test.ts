import { describe, expect, it } from '@jest/globals';
import type { RunsAnswer } from '../../../lib/dashboard/api.ts';
import type { DashboardDependencies } from '../../../lib/dashboard/server/dependencies.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { aRecord, fakeJobs, startDashboard } from '../../support/dashboard-server.ts';

const TRIAGE = 's3://acme/triage/train.jsonl';
const onData = (s3_uri: string): Partial<JobRecord> => ({ training_data_config: { s3_uri } });

/** Records in pages of the asked limit, as the client reads them; half a unit for each record. */
const paged = (records: readonly JobRecord[], readUnits = 1): Pick<DashboardDependencies, 'jobs' | 'readRecords'> => {
  const { jobs } = fakeJobs(records);
  return {
    jobs: {
      ...jobs,
      listJobs: async ({ limit = 50, cursor = '0', ...request } = {}) => {
        const all = await jobs.listJobs(request);
        const end = Number(cursor) + limit;
        const rest = all.jobs.length > end ? { cursor: String(end) } : {};
        return { ...all, jobs: all.jobs.slice(Number(cursor), end), readUnits, ...rest };
      },
    },
    readRecords: (arns, onCost) => {
      expect(arns.length).toBeLessThanOrEqual(100);
      onCost?.(arns.length / 2);
      return Promise.resolve(records.filter(({ job_arn }) => arns.includes(job_arn)));
    },
  };
};

const runsOf = async (deps: Partial<DashboardDependencies>, query = ''): Promise<RunsAnswer> =>
  (await startDashboard(deps).read(`/api/runs?${query}`)) as RunsAnswer;
const names = ({ jobs }: RunsAnswer) => jobs.map(({ job_name }) => job_name);

describe('GET /api/runs', () => {
  it('has hyperparameters and data of each job of a page, and the cost', async () => {
    const records = Array.from({ length: 150 }, (_, n) =>
      aRecord(`job-${n}`, { hyper_parameters: { epochCount: String(n) }, ...onData(TRIAGE) }),
    );
    const answer = await runsOf(paged(records), 'limit=120');
    expect(answer).toMatchObject({ read: 120, cursor: '120', readUnits: 61 });
    expect(answer.jobs[110]).toMatchObject({
      job_name: 'job-110',
      hyper_parameters: { epochCount: '110' },
      ...onData(TRIAGE),
    });
    expect(names(await runsOf(paged(records), 'limit=120&cursor=120'))).toHaveLength(30);
  });

  it('keeps a job whose record is gone', async () => {
    const { jobs } = fakeJobs([aRecord('one')]);
    expect(names(await runsOf({ jobs, readRecords: () => Promise.resolve([]) }))).toEqual(['one']);
  });

  it.each([
    [TRIAGE, ['a', 'c']],
    ['s3://acme/', ['a', 'b', 'c', 'logs']],
    ['s3://acme/triage', []],
    ['s3://acme/logs/', ['logs']],
  ])('finds the jobs of the data set %s', async (data, expected) => {
    const logs = { invocation_logs_config: { invocation_log_source: { s3_uri: 's3://acme/logs/' } } };
    const records = [
      aRecord('a', onData(TRIAGE)),
      aRecord('b', onData('s3://acme/other.jsonl')),
      aRecord('c', onData(TRIAGE)),
      aRecord('logs', { training_data_config: logs }),
      aRecord('imported'),
    ];
    const answer = await runsOf(paged(records), `data=${encodeURIComponent(data)}`);
    expect([names(answer), answer.read]).toEqual([expected, 5]);
  });

  const many = Array.from({ length: 500 }, (_, n) => aRecord(`job-${n}`, onData(n === 499 ? TRIAGE : 's3://b/c')));

  it('reads on until it finds jobs of the data set', async () => {
    const answer = await runsOf(paged(many), `data=${encodeURIComponent(TRIAGE)}&limit=50`);
    expect([names(answer), answer.read, answer.cursor]).toEqual([['job-499'], 500, undefined]);
  });

  it('stops after a second’s worth of read units, and says how far it read', async () => {
    const answer = await runsOf(paged(many, 250), `data=${encodeURIComponent(TRIAGE)}&limit=50`);
    expect(answer).toMatchObject({ jobs: [], read: 400, cursor: '400' });
  });

  it('refuses what it does not know', async () => {
    const answer = await startDashboard().ask('/api/runs?data=a&data=b&date=c');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: 'Cannot list these jobs: data may be given once; unknown parameter "date".',
    });
  });
});
