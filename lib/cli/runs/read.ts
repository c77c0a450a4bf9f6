import type { JobFilter, JobSummary } from '../../client/requests.ts';
import type { JobRecord } from '../../domain/record.ts';
import { compareRuns, isTrainedOn, type Run, runColumn, type RunColumn } from '../../domain/run.ts';
import { collect, readEntries } from '../../operator/batch-get.ts';
import { needsRecords, readRewards, readRuns } from '../../operator/runs.ts';
import type { CommandContext, Connection, Terminal } from '../context.ts';
import { SILENT, startBar } from '../output/progress.ts';
import { formatCount, visible } from '../output/values.ts';
import { directionOf, type Sorting } from './columns.ts';

/** Jobs that are read at most to sort them or to find those of a data set: some 10,000 read units, or 50,000 of records. */
const MOST_READ = 100_000;
/** Jobs whose rewards are read at most: each takes a request or three to S3, one after the other. */
const MOST_REWARDS = 200;

/** Which runs to read, and of which columns. */
export interface RunsRequest {
  readonly filter: JobFilter & { readonly allowScan?: boolean };
  /** What to read of the runs that are listed. */
  readonly columns: readonly RunColumn[];
  readonly sorting?: Sorting;
  /** Where the runs were trained. */
  readonly data?: string;
  /** The most runs to answer; undefined for all. */
  readonly limit?: number;
}

/** What a visit read. */
interface Visited {
  /** Jobs. */
  readonly read: number;
  /** Whether there are more jobs, which were not read. */
  readonly isCut: boolean;
  readonly readUnits: number;
}

export interface RunsAnswer extends Visited {
  readonly runs: readonly Run[];
  /** Matching runs that were found, of which the limit may have cut some. */
  readonly found: number;
}

type Reading = Pick<CommandContext, 'terminal' | 'signal'> & {
  readonly connection: Connection;
  readonly onCost: (readUnits: number) => void;
};

const tableOf = ({ connection: { dynamoDb, tableName }, signal, onCost }: Reading) => ({
  ...{ dynamoDb, tableName, signal, onCost },
  advice: 'Or list fewer jobs, by filters.',
});

/** Counts on standard error what was read, drawn once for so many. */
const startCount = ({ showsProgress }: Terminal, things: string, step: number) => {
  const format = `{value} ${things}  {duration_formatted}`;
  const bar = showsProgress ? startBar({ format, total: undefined, formatValue: formatCount }) : SILENT;
  let done = 0;
  const advance = () => {
    done += 1;
    if (done % step === 0) bar.update(done);
  };
  return { advance, end: bar.end };
};

/** Runs with their rewards; says on standard error what could not be read. */
async function* withRewards(runs: AsyncIterable<Run>, { terminal, connection, signal }: Reading): AsyncGenerator<Run> {
  const { rewardOf } = await import('../../operator/loss-curves/index.ts');
  const progress = startCount(terminal, 'reward curves', 1);
  const problems = new Set<string>();
  try {
    yield* readRewards(runs, {
      rewardOf: (run) => rewardOf(connection.s3(run.region), run as JobRecord),
      ...{ signal, most: MOST_REWARDS, onRead: progress.advance },
      onProblem: (message) => problems.add(message),
    });
  } finally {
    progress.end();
    for (const problem of problems) terminal.tell(visible(problem));
  }
}

const streamRuns = (
  jobs: AsyncIterable<JobSummary> | Iterable<JobSummary>,
  columns: readonly RunColumn[],
  reading: Reading,
): AsyncIterable<Run> => {
  const runs = readRuns(jobs, columns, tableOf(reading));
  return columns.some(({ source }) => source === 'curves') ? withRewards(runs, reading) : runs;
};

/** These jobs with what the columns need, in their order. */
export const completeRuns = (
  jobs: Iterable<JobSummary>,
  columns: readonly RunColumn[],
  reading: Reading,
): Promise<Run[]> => collect(streamRuns(jobs, columns, reading));

/** The first runs in an order, of any number that were added. It keeps at most twice the limit. */
export const createTop = (limit: number, compare: ((left: Run, right: Run) => number) | undefined) => {
  let kept: Run[] = [];
  const cut = () => {
    kept = (compare === undefined ? kept : kept.toSorted(compare)).slice(0, limit);
  };
  return {
    add(run: Run): void {
      kept.push(run);
      if (kept.length >= 2 * limit) cut();
    },
    runs(): readonly Run[] {
      cut();
      return kept;
    },
  };
};

/** Visits all jobs of a filter, up to `most`, with what these columns need of them. */
export const visitRuns = async (
  filter: RunsRequest['filter'],
  columns: readonly RunColumn[],
  reading: Omit<Reading, 'onCost'>,
  visit: (run: Run) => void,
  most = Infinity,
): Promise<Visited> => {
  const { connection, signal, terminal } = reading;
  let [read, readUnits, isCut] = [0, 0, false];
  const onCost = (units: number) => (readUnits += units);
  const progress = startCount(terminal, 'jobs', 100);
  async function* jobs(): AsyncGenerator<JobSummary> {
    const all = connection.jobs.iterateJobs({ ...filter, limit: 1000, most: most + 1 });
    for await (const job of readEntries(all, { onCost, signal })) {
      isCut = read === most;
      if (isCut) continue;
      read += 1;
      progress.advance();
      yield job;
    }
  }
  try {
    for await (const run of streamRuns(jobs(), columns, { ...reading, onCost })) visit(run);
  } finally {
    progress.end();
  }
  return { read, isCut, readUnits };
};

/**
 * Reads all jobs of a filter, up to {@link MOST_READ}, newest first, and answers the first ones in the order that is
 * asked for. Keeps no more runs in memory than twice the limit.
 */
export const searchRuns = async (request: RunsRequest, reading: Omit<Reading, 'onCost'>): Promise<RunsAnswer> => {
  const { filter, columns, sorting, data, limit = MOST_READ } = request;
  const top = createTop(limit, sorting && compareRuns(sorting.column, directionOf(sorting)));
  const needed = [sorting?.column, data === undefined ? undefined : runColumn('data')].filter(
    (each) => each !== undefined,
  );
  let found = 0;
  const add = (run: Run) => {
    if (data !== undefined && !isTrainedOn(run, data)) return;
    found += 1;
    top.add(run);
  };
  const visited = await visitRuns(filter, needed, reading, add, MOST_READ);
  // One read of a record brings what all columns need, but for rewards.
  const others = needsRecords(needed)
    ? columns.filter(({ name, source }) => source === 'curves' && name !== sorting?.column.name)
    : columns;
  let { readUnits } = visited;
  const onCost = (units: number) => (readUnits += units);
  const runs = await completeRuns(top.runs() as JobSummary[], others, { ...reading, onCost });
  return { ...visited, runs, found, readUnits };
};
