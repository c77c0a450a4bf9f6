import { RECORD_VERSION } from '../../lib/domain/record.ts';
import type { JobStore, SweepStore } from '../../lib/tracking/ports.ts';
import { recordOf } from '../../test/support/integration/load-table.ts';
import { memoryJobStore, memorySweepStore } from '../../test/support/memory-stores.ts';
import { HISTORY_SCOPE, historyJobs, type History } from './history.ts';

export interface Stores {
  readonly jobs: JobStore;
  readonly sweeps: SweepStore;
}

/**
 * Notes that the scope was swept by this version of the tracker: an active sweep does not go on to a full one, and a full
 * one looks only at what has drifted.
 */
export const markSwept = async (sweeps: SweepStore): Promise<void> => {
  const now = new Date().toISOString();
  const swept = { begun_at: now, finished_at: now, succeeded_at: now, record_version: RECORD_VERSION };
  await sweeps.save(HISTORY_SCOPE, 'full', swept);
};

/** A tracker's tables in memory after a backfill of a history. */
export const sweptStores = async (count: number, history: History): Promise<Stores> => {
  const jobs = memoryJobStore();
  const sweeps = memorySweepStore();
  for (const job of historyJobs(count, history)) {
    const record = recordOf(job);
    jobs.records.set(record.job_arn, record);
  }
  await markSwept(sweeps);
  return { jobs, sweeps };
};
