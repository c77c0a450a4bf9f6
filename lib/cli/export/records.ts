import { pMapIterable } from 'p-map';
import { BATCH_SIZE, getRecords } from '../../operator/batch-get.ts';
import type { JobsClient, ListJobsRequest } from '../../client/requests.ts';
import type { Connection } from '../context.ts';
import type { Exported } from './attributes.ts';

/** Batches that are asked for at a time, and that wait for the writer at most: some 2 MB. */
const AT_ONCE = 4;
const WAITING = 8;

type Request = Parameters<JobsClient['iterateJobs']>[0];
export type ExportFilter = Omit<ListJobsRequest, 'cursor' | 'maxReadUnits' | 'limit'>;

export interface ExportSource {
  readonly connection: Pick<Connection, 'jobs' | 'dynamoDb' | 'tableName'>;
  readonly filter: ExportFilter;
  /** What the index carries of each job in place of its record. */
  readonly summaries: boolean;
  /** Is told what each request cost, in read units. */
  readonly onCost: (readUnits: number) => void;
  readonly signal: AbortSignal;
}

/** What an index says of the jobs. Its cost is known at its end. */
async function* summariesOf({ connection, filter, onCost }: ExportSource): AsyncGenerator<Exported> {
  const { readUnits } = yield* connection.jobs.iterateJobs(filter satisfies Request) as AsyncGenerator<
    Exported,
    { readonly readUnits: number }
  >;
  onCost(readUnits);
}

async function* inBatches(jobs: AsyncIterable<Exported>, signal: AbortSignal): AsyncGenerator<readonly Exported[]> {
  let batch: Exported[] = [];
  for await (const job of jobs) {
    batch.push(job);
    if (batch.length < BATCH_SIZE) continue;
    yield batch;
    signal.throwIfAborted();
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * The jobs of a filter, one after the other in the order of the index, read as fast as they are taken and never far
 * ahead. Rejects with the signal's reason, and as the client does.
 */
export async function* recordsOf(source: ExportSource): AsyncGenerator<Exported> {
  const { connection, onCost, signal } = source;
  const batches = inBatches(summariesOf(source), signal);
  if (source.summaries) {
    for await (const batch of batches) yield* batch;
    return;
  }
  const advice = 'Or read the index alone, with --summary.';
  const table = { dynamoDb: connection.dynamoDb, tableName: connection.tableName, onCost, signal, advice };
  const records = pMapIterable(
    batches,
    (batch) =>
      getRecords(
        batch.map((job) => String(job['job_arn'])),
        table,
      ),
    { concurrency: AT_ONCE, backpressure: WAITING },
  );
  for await (const batch of records) {
    signal.throwIfAborted();
    yield* batch;
  }
}
