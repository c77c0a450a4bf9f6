import type { JobStore, SweepStore } from '../../lib/tracking/ports.ts';
import { recordOf } from '../../test/support/integration/load-table.ts';
import { memoryJobStore, memorySweepStore } from '../../test/support/memory-stores.ts';
import { HISTORY_SCOPE, historyJobs, type History } from './history.ts';

export interface Stores {
  readonly jobs: JobStore;
  readonly sweeps: SweepStore;
}

/** Notes that the scope was swept, so that an active sweep does not go on to a full one. */
export const markSwept = async (sweeps: SweepStore): Promise<void> => {
  const now = new Date().toISOString();
  await sweeps.save(HISTORY_SCOPE, 'full', { begun_at: now, finished_at: now, succeeded_at: now });
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
