/** Reads what the columns of runs need beyond the indexes. The command line and the dashboard share it. */
import type { JobSummary } from '../client/requests.ts';
import { type Run, RUN_ATTRIBUTES, type RunColumn } from '../domain/run.ts';
import { getRecordBatches, type RecordsTable } from './batch-get.ts';

/** Rewards are read from the job's output. */
const ATTRIBUTES = ['job_arn', 'job_id', 'output_data_config', ...RUN_ATTRIBUTES] as const;

/** Whether a column needs the records: the indexes carry neither hyperparameters nor data. */
export const needsRecords = (columns: readonly RunColumn[]): boolean =>
  columns.some(({ source }) => source !== 'summary');

/**
 * Jobs as runs, in their order: with what these columns need of their records, at half a read unit for each 4 KB of a
 * record. Reads some batches ahead of its consumer, never all. A job whose record is gone stays as the index has it.
 * Rewards are read apart.
 *
 * @throws TrackerError THROTTLED
 */
export async function* readRuns(
  jobs: AsyncIterable<JobSummary> | Iterable<JobSummary>,
  columns: readonly RunColumn[],
  table: Omit<RecordsTable, 'attributes'>,
): AsyncGenerator<Run> {
  if (!needsRecords(columns)) {
    yield* jobs;
    return;
  }
  for await (const batch of getRecordBatches(jobs, { ...table, attributes: ATTRIBUTES })) {
    const records = new Map(batch.records.map((record) => [record['job_arn'], record]));
    for (const job of batch.jobs) yield { ...job, ...records.get(job.job_arn) };
  }
}
