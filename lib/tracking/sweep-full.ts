import { driftOf } from '../domain/drift.ts';
import { arnOf } from '../domain/kind.ts';
import { correctDrift, type SweepRun } from './correct-drift.ts';
import { mergeJoin, TIME_TOLERANCE_MS, type Step } from './merge-join.ts';
import {
  addCounts,
  MAX_NAMED_FAILURES,
  NO_COUNTS,
  NONE_MISSED,
  type SweepFailure,
  type SweepReport,
} from './sweep-state.ts';
import type { SweepKind } from '../contract.ts';
import type { Tracker } from './track.ts';

/** Jobs compared before progress is saved: a killed run repeats at most this many. */
export const CHUNK = 500;

export interface FullSweepRun extends SweepRun {
  readonly sweep: SweepKind;
  /** Where an earlier run stopped: jobs created after this time are done. */
  readonly watermark: string | undefined;
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
 * Compares all that Bedrock lists of a scope with the records, newest first, and tracks what drifted; compares the tags of
 * what was modified since `tagsSince`. Costs a List call and some index reads for 1000 resources, and a
 * ListTagsForResource for each recently modified one. Holds about 2000 at a time. Stops at the deadline; the next run
 * goes on from the watermark.
 */
export const sweepFull = async (tracker: Tracker, run: FullSweepRun): Promise<SweepReport> => {
  const { scope, kind, clock } = tracker;
  const drift = driftOf(kind);
  const { sweep, watermark, tagsSince, chunk: chunkSize = CHUNK } = run;
  const startedAt = clock().toISOString();
  const list = tracker.list();
  const before = createdBefore(watermark);
  const steps = mergeJoin(kind, list.listed(before), tracker.store.listScope(scope, before), chunkSize);
  let counts = NO_COUNTS;
  let stateChangesMissed = 0;
  let unchanged = 0;
  const failures: SweepFailure[] = [];
  const report = (finished: boolean): SweepReport => {
    const endedAt = clock().toISOString();
    // Missed creations are known of active jobs only, which active sweeps count.
    const missed = { ...NONE_MISSED, 'state-change': sweep === 'full' ? stateChangesMissed : 0 };
    return { scope, sweep, startedAt, endedAt, finished, counts, missed, unchanged, failures };
  };
  const dueIn = ({ tracked, ...own }: Step) => {
    const isListed = own.listed.length > 0 || list.unlisted === undefined;
    const listed = isListed ? own.listed : tracked.flatMap((one) => list.unlisted?.(arnOf(kind, one)) ?? []);
    if (run.refreshes) return drift.selectOutdated(listed, tracked);
    const checks = tagsSince === undefined ? [] : drift.selectTagChecks(listed, tracked, tagsSince);
    return [...drift.selectDrifted(listed, tracked), ...checks];
  };
  const correct = async (due: Parameters<typeof correctDrift>[2], listed: number): Promise<boolean> => {
    const correction = await correctDrift(tracker, run, due);
    counts = addCounts(counts, { ...correction.counts, listed });
    stateChangesMissed += correction.missed['state-change'];
    unchanged += correction.unchanged;
    failures.push(...correction.failures.slice(0, MAX_NAMED_FAILURES - failures.length));
    return correction.finished;
  };

  for await (const chunk of toChunks(steps, chunkSize)) {
    if (clock() >= run.deadline) return report(false);
    const listed = chunk.reduce((sum, step) => sum + step.listed.length, 0);
    if (!(await correct(chunk.flatMap(dueIn), listed))) return report(false);
    const last = chunk.at(-1)?.creationTime;
    if (last) await run.saveWatermark(last, counts.failed);
  }
  return report(await correct(drift.selectDrifted(list.rest?.() ?? [], []), 0));
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
