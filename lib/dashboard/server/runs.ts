import { isTrainedOn } from '../../domain/run.ts';
import type { JobSummary, RunDetails, RunsAnswer } from '../api.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { listJobs, type ParsedRunsQuery } from './list-jobs.ts';

/** Of one BatchGetItem. */
const BATCH = 100;
/** No index carries the data, so few of a page's jobs may have it: it reads large pages until one has some. */
const PAGE_OF_DATA = 200;
/** And no further than this: about a second. */
const MOST_READ_UNITS = 600;

type Deps = Pick<DashboardDependencies, 'jobs' | 'hub' | 'readRecords'>;

/** The jobs with what runs need of their records. A job whose record is gone stays as the index has it. */
const withRecords = async ({ readRecords }: Deps, jobs: readonly JobSummary[], onCost: (readUnits: number) => void) => {
  const batches = Array.from({ length: Math.ceil(jobs.length / BATCH) }, (_, n) =>
    jobs.slice(n * BATCH, (n + 1) * BATCH).map(({ job_arn: arn }) => arn),
  );
  const records = (await Promise.all(batches.map((arns) => readRecords(arns, onCost)))).flat();
  const byArn = new Map(records.map((record) => [record.job_arn, record]));
  return jobs.map((job): RunDetails => ({ ...job, ...byArn.get(job.job_arn) }));
};

/** A page of runs: of all jobs that match, or of those of a data set among the next ones. */
export const listRuns = async (deps: Deps, { data, ...query }: ParsedRunsQuery): Promise<RunsAnswer> => {
  const limit = data === undefined ? query.limit : PAGE_OF_DATA;
  let { cursor } = query;
  const runs: RunDetails[] = [];
  let [read, readUnits] = [0, 0];
  do {
    const page = await listJobs(deps, { ...query, limit, ...(cursor !== undefined && { cursor }) });
    const found = await withRecords(deps, page.jobs, (units) => (readUnits += units));
    runs.push(...(data === undefined ? found : found.filter((run) => isTrainedOn(run, data))));
    read += page.jobs.length;
    readUnits += page.readUnits;
    cursor = page.cursor;
  } while (data !== undefined && cursor !== undefined && runs.length === 0 && readUnits < MOST_READ_UNITS);
  return { jobs: runs, read, ...(cursor !== undefined && { cursor }), readUnits };
};
