/** Reads what the columns of runs need beyond the indexes. The command line and the dashboard share it. */
import { type ErrorCode, TrackerError } from '../domain/errors.ts';
import { type Run, RUN_ATTRIBUTES, type RunColumn } from '../domain/run.ts';
import { type RecordsTable, withRecords } from './batch-get.ts';

/** Whether a column needs the records: the indexes carry neither hyperparameters nor data. */
export const needsRecords = (columns: readonly Pick<RunColumn, 'source'>[]): boolean =>
  columns.some(({ source }) => source !== 'summary');

/**
 * Jobs or models as runs, in their order: with what these columns need of their records, at half a read unit for each 4 KB
 * of a record. Reads some batches ahead of its consumer, never all. What has no record any more stays as the index has it.
 * Rewards are read apart.
 *
 * @throws TrackerError THROTTLED
 */
export async function* readRuns<Entry extends object>(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  columns: readonly Pick<RunColumn, 'source'>[],
  table: Omit<RecordsTable, 'attributes'>,
): AsyncGenerator<Entry> {
  if (!needsRecords(columns)) {
    yield* entries;
    return;
  }
  const { key = 'job_arn' } = table;
  const attributes = [
    key,
    'job_id',
    'output_data_config',
    'training_metrics',
    'validation_metrics',
    'failure_message',
    ...RUN_ATTRIBUTES,
  ];
  yield* withRecords(entries, { ...table, attributes });
}

/** How rewards are read. */
export interface RewardSource {
  /** The last mean reward of a job's curve. Rejects as `readLossCurves` does. */
  readonly rewardOf: (run: Run) => Promise<number | undefined>;
  /** Jobs whose curves are read at most; of the others the reward stays unknown. */
  readonly most: number;
  /** Is called for each curve. */
  readonly onRead: () => void;
  /** Is told why a curve could not be read, as a sentence. */
  readonly onProblem: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Errors that concern one job: the rewards of others can still be read. */
const OF_A_JOB: readonly ErrorCode[] = ['NO_LOSS_CURVE', 'BAD_LOSS_CURVE', 'ACCESS_DENIED', 'AWS_REFUSED'];

/**
 * Runs with their rewards, one curve after the other: only reinforcement fine-tuning has one. A curve that is not there
 * or cannot be read leaves the reward unknown.
 */
export async function* readRewards(
  runs: AsyncIterable<Run> | Iterable<Run>,
  { rewardOf, most, onRead, onProblem, signal }: RewardSource,
): AsyncGenerator<Run> {
  let read = 0;
  const rewardOrProblem = async (run: Run): Promise<number | undefined> => {
    try {
      return await rewardOf(run);
    } catch (error) {
      if (!(error instanceof TrackerError) || !OF_A_JOB.includes(error.code)) throw error;
      if (error.code !== 'NO_LOSS_CURVE') onProblem(error.message);
      return undefined;
    }
  };
  for await (const run of runs) {
    signal.throwIfAborted();
    const isRewarded = run.customization_type === 'REINFORCEMENT_FINE_TUNING' && run.output_data_config !== undefined;
    if (isRewarded) read += 1;
    if (!isRewarded || read > most) {
      yield run;
      continue;
    }
    const reward = await rewardOrProblem(run);
    onRead();
    yield reward === undefined ? run : { ...run, reward };
  }
  if (read > most) onProblem(`Read the rewards of the first ${most} of ${read} reinforcement fine-tuning jobs.`);
}
