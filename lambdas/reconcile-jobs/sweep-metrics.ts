import { EVENT_KINDS, METRIC, type SweepKind } from '../../lib/contract.ts';
import type { Meter } from '../../lib/runtime/metrics.ts';
import { formatScope, type Scope } from '../../lib/domain/scope.ts';
import { countCovered, kindsSwept } from '../../lib/tracking/coverage.ts';
import type { SweepStore } from '../../lib/tracking/ports.ts';
import type { ReconcileReport } from '../../lib/tracking/reconcile.ts';
import type { SweepReport } from '../../lib/tracking/sweep-state.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the reports say by themselves. */
export const measureReports = (metrics: Meter, reports: readonly SweepReport[], now: Date): void => {
  for (const event of EVENT_KINDS) {
    const missed = sum(reports.map((report) => report.missed[event]));
    for (let count = 0; count < missed; count += 1) metrics.add(METRIC.eventsMissed, 1, { event });
  }
  const unchanged = sum(reports.map((report) => report.unchanged));
  if (unchanged > 0) metrics.add(METRIC.looksWithoutChange, unchanged);
  measureActiveJobs(metrics, reports, now);
};

const measureActiveJobs = (metrics: Meter, reports: readonly SweepReport[], now: Date): void => {
  const found = reports.flatMap(({ scope, active }) => (active ? [{ scope, ...active }] : []));
  if (found.length === 0) return;
  for (const { scope, count } of found) metrics.add(METRIC.activeJobs, count, { scope: formatScope(scope) });
  metrics.add(METRIC.activeJobs, sum(found.map(({ count }) => count)));
  const ages = found.flatMap(({ oldestCreationTime }) =>
    oldestCreationTime === undefined ? [] : (now.getTime() - Date.parse(oldestCreationTime)) / 1000,
  );
  metrics.add(METRIC.oldestActiveJobAge, Math.max(0, ...ages));
};

/** From the first scope's beginning to the last one's end: scopes are swept side by side. */
const measureDuration = (metrics: Meter, reports: readonly SweepReport[], sweep: SweepKind): void => {
  const ofKind = reports.filter((report) => report.sweep === sweep);
  if (ofKind.length === 0) return;
  const start = Math.min(...ofKind.map(({ startedAt }) => Date.parse(startedAt)));
  const end = Math.max(...ofKind.map(({ endedAt }) => Date.parse(endedAt)));
  metrics.add(METRIC.sweepDuration, end - start, { sweep });
};

/** Of each kind of sweep that the run was at: how long it took, and what share of the scopes is covered now. */
export const measureSweeps = async (
  metrics: Meter,
  sweeps: Pick<SweepStore, 'get'>,
  run: { readonly sweep: SweepKind; readonly scopes: readonly Scope[] },
  report: ReconcileReport,
): Promise<void> => {
  for (const sweep of kindsSwept(run, report)) {
    const covered = await countCovered(sweeps, sweep, report, run.scopes);
    measureDuration(metrics, report.reports, sweep);
    // Zero is a value too: that there is one says that a run came to its end.
    metrics.add(METRIC.sweepCompleteness, (100 * covered) / run.scopes.length, { sweep });
  }
};
