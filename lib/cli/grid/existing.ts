import pMap from 'p-map';
import { catalogName } from '../../domain/normalize.ts';
import type { JobRecord } from '../../domain/record.ts';
import { hyperParametersOf } from '../../domain/run.ts';
import { SWEEP_TAG } from '../../operator/again.ts';
import type { Connection } from '../context.ts';
import { isActive } from '../follow/poll.ts';
import { visible } from '../output/values.ts';
import type { Grid, GridJob } from './plan.ts';

/** What became of one combination. */
export interface Outcome extends GridJob {
  readonly state: 'planned' | 'exists' | 'created' | 'refused';
  readonly jobArn?: string;
  readonly status?: string;
  /** Why it was refused, or what differs in the one that exists. */
  readonly problem?: string;
}

export interface Place {
  readonly account: string;
  readonly region: string;
}

export const CONCURRENT_READS = 8;

/** A hyperparameter of a record, whose own part for reinforcement fine-tuning has names of its own. */
const valueOf = (record: JobRecord, key: string): string | undefined => {
  const all = hyperParametersOf(record);
  return (all[key] ?? all[catalogName(key)])?.toString();
};

const isSame = (a: string, b: string | undefined): boolean => a === b || (b !== undefined && Number(a) === Number(b));

/** What the record of a combination's name says: the same request made it, or at least the same sweep and values. */
const outcomeOf = (job: GridJob, record: JobRecord, sweep: string): Outcome => {
  const { job_arn: jobArn, client_request_token: token, tags, status } = record;
  const exists = { ...job, state: 'exists', jobArn, ...(status !== undefined && { status }) } as const;
  if (token === job.request.clientRequestToken) return exists;
  const isOfSweep = tags[SWEEP_TAG] === sweep;
  if (isOfSweep && job.values.every(({ key, value }) => isSame(value, valueOf(record, key))))
    return { ...exists, problem: 'another request made it: it may differ in more than the grid' };
  return {
    ...job,
    state: 'refused',
    problem: `another job has this name (${visible(jobArn)}): give another --job-name`,
  };
};

/** Which jobs of the grid the tracker knows already, and which of these run. */
export const findExisting = async (grid: Grid, { jobs }: Pick<Connection, 'jobs'>, place: Place) => {
  const running = new Set<string>();
  const outcomes = await pMap(
    grid.jobs,
    async (job): Promise<Outcome> => {
      const { job: record } = await jobs.getJob(job.request.jobName, place);
      if (record === undefined) return { ...job, state: 'planned' };
      const outcome = outcomeOf(job, record, grid.sweep);
      if (outcome.state === 'exists' && isActive(record)) running.add(record.job_arn);
      return outcome;
    },
    { concurrency: CONCURRENT_READS },
  );
  return { outcomes, running };
};
