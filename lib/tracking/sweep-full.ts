import { selectDrifted, selectOutdated, selectTagChecks } from '../domain/drift.ts';
import { correctDrift, type SweepRun } from './correct-drift.ts';
import { mergeJoin, TIME_TOLERANCE_MS } from './merge-join.ts';
import {
  addCounts,
  MAX_NAMED_FAILURES,
  NO_COUNTS,
  NONE_MISSED,
  type SweepFailure,
  type SweepReport,
} from './sweep-state.ts';
import type { TrackingDependencies } from './track-job.ts';

/** Jobs compared before progress is saved: a killed run repeats at most this many. */
export const CHUNK = 500;

export interface FullSweepRun extends SweepRun {
  /** Where an earlier run stopped: jobs created after this time are done. */
  readonly watermark: string | undefined;
  readonly tagsSince: string;
  readonly refreshes: boolean;
  /** All jobs created after the watermark are done; `failed` of them failed. */
  readonly saveWatermark: (watermark: string, failed: number) => Promise<void>;
  /** @default 500 */
  readonly chunk?: number;
}

/** Jobs created around the watermark come again: one side may round times to the second, and no job may be skipped. */
const createdBefore = (watermark: string | undefined): { createdBefore?: string } =>
  watermark === undefined ? {} : { createdBefore: new Date(Date.parse(watermark) + TIME_TOLERANCE_MS).toISOString() };

/**
 * Compares all jobs of a scope with their records, newest first, and tracks those that drifted; compares the tags of jobs
 * modified since `tagsSince`. Costs a List call and some index reads for 1000 jobs, and a ListTagsForResource for each
 * recently modified job. Holds about 2000 jobs at a time. Stops at the deadline; the next run goes on from the watermark.
 */
export const sweepFull = async (deps: TrackingDependencies, run: FullSweepRun): Promise<SweepReport> => {
  const { scope, watermark } = run;
  const startedAt = deps.clock().toISOString();
  const { chunk: chunkSize = CHUNK } = run;
  const steps = mergeJoin(
    deps.bedrockOf(scope).listJobs(createdBefore(watermark)),
    deps.jobs.listScope(scope, createdBefore(watermark)),
    chunkSize,
  );
  let counts = NO_COUNTS;
  let stateChangesMissed = 0;
  let unchanged = 0;
  const failures: SweepFailure[] = [];
  const report = (finished: boolean): SweepReport => {
    const endedAt = deps.clock().toISOString();
    // Missed creations are known of active jobs only, which active sweeps count.
    const missed = { ...NONE_MISSED, 'state-change': stateChangesMissed };
    return { scope, sweep: 'full', startedAt, endedAt, finished, counts, missed, unchanged, failures };
  };

  for await (const chunk of toChunks(steps, chunkSize)) {
    if (deps.clock() >= run.deadline) return report(false);
    const due = chunk.flatMap(({ listed, tracked }) =>
      run.refreshes
        ? selectOutdated(listed, tracked)
        : [...selectDrifted(listed, tracked), ...selectTagChecks(listed, tracked, run.tagsSince)],
    );
    const correction = await correctDrift(deps, run, due);
    const listed = chunk.reduce((sum, step) => sum + step.listed.length, 0);
    counts = addCounts(counts, { ...correction.counts, listed });
    stateChangesMissed += correction.missed['state-change'];
    unchanged += correction.unchanged;
    failures.push(...correction.failures.slice(0, MAX_NAMED_FAILURES - failures.length));
    if (!correction.finished) return report(false);
    const last = chunk.at(-1)?.creationTime;
    if (last) await run.saveWatermark(last, counts.failed);
  }
  return report(true);
};

/** Groups items into lists of `size`; the last may be smaller. */
export async function* toChunks<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  size: number,
): AsyncGenerator<Item[], void, undefined> {
  let chunk: Item[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
