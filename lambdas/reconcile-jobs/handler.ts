import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import {
  EVENT_KINDS,
  METRIC,
  type ReconcileRequest,
  SWEEP_FAILURE,
  type SweepKind,
  SWEEPS,
} from '../../lib/contract.ts';
import { type EventSources, measureSources } from './event-sources.ts';
import type { MetricRecorder } from '../../lib/runtime/metrics.ts';
import { errorFields, type Log } from '../../lib/runtime/log.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { formatScope, resourceKindOf, type Scope } from '../../lib/domain/identity.ts';
import { countCovered, incompleteError, sweptKinds } from '../../lib/tracking/reconcile-report.ts';
import { reconcile, type ReconcileReport } from '../../lib/tracking/reconcile.ts';
import type { SweepDependencies } from '../../lib/tracking/sweep-scope.ts';
import type { ReleaseReport } from '../../lib/tracking/release-scopes.ts';
import type { SweepReport } from '../../lib/tracking/sweep-state.ts';
import type { SweepStore } from '../../lib/tracking/ports.ts';
import { MINUTE } from '../../lib/domain/time.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const measureReports = (metrics: MetricRecorder, reports: readonly SweepReport[], now: Date): void => {
  for (const event of EVENT_KINDS) {
    const missed = sum(reports.map((report) => report.missed[event]));
    for (let count = 0; count < missed; count += 1) metrics.add(METRIC.eventsMissed, 1, { event });
  }
  const unchanged = sum(reports.map((report) => report.unchanged));
  if (unchanged > 0) metrics.add(METRIC.looksWithoutChange, unchanged);
  measureActiveJobs(metrics, reports, now);
};

const measureActiveJobs = (metrics: MetricRecorder, reports: readonly SweepReport[], now: Date): void => {
  const found = reports.flatMap(({ scope, active }) => (active ? [{ scope, ...active }] : []));
  if (found.length === 0) return;
  for (const { scope, count } of found) metrics.add(METRIC.activeJobs, count, { scope: formatScope(scope) });
  metrics.add(METRIC.activeJobs, sum(found.map(({ count }) => count)));
  const ages = found.flatMap(({ oldestCreationTime }) =>
    oldestCreationTime === undefined ? [] : (now.getTime() - Date.parse(oldestCreationTime)) / 1000,
  );
  metrics.add(METRIC.oldestActiveJobAge, Math.max(0, ...ages));
};

/** From the first start to the last end, as scopes are swept in parallel; of sweeps of jobs, which can outlast a run. */
const measureDuration = (metrics: MetricRecorder, reports: readonly SweepReport[], sweep: SweepKind): void => {
  const ofKind = reports.filter((report) => report.sweep === sweep);
  if (ofKind.length === 0 || (sweep !== 'active' && sweep !== 'full')) return;
  const start = Math.min(...ofKind.map(({ startedAt }) => Date.parse(startedAt)));
  const end = Math.max(...ofKind.map(({ endedAt }) => Date.parse(endedAt)));
  metrics.add(METRIC.sweepDuration, end - start, { sweep });
};

/** For each kind of sweep in the run: its duration, and the share of covered scopes. */
const measureSweeps = async (
  metrics: MetricRecorder,
  sweeps: Pick<SweepStore, 'get'>,
  run: { readonly sweep: SweepKind; readonly scopes: readonly Scope[] },
  report: ReconcileReport,
): Promise<void> => {
  for (const sweep of sweptKinds(run, report)) {
    const covered = await countCovered(sweeps, sweep, report, run.scopes);
    measureDuration(metrics, report.reports, sweep);
    // Also if it is 0: a value shows that a run ended.
    metrics.add(METRIC.sweepCompleteness, (100 * covered) / run.scopes.length, { sweep });
  }
};

export interface ReconcileHandlerDependencies extends SweepDependencies {
  readonly log: Log;
  readonly metrics: MetricRecorder;
  readonly scopes: readonly Scope[];
  /** What active sweeps check too. @default nothing, as in a local run */
  readonly eventSources?: EventSources;
}

/** The last job in flight, retries included, must end before the function times out. */
const STOP_BEFORE_END_MS = MINUTE;
/** Of a short time limit (a test, a local run) only this share is reserved. */
const LARGEST_RESERVED_SHARE = 0.2;

const request = v.object({ sweep: v.picklist(SWEEPS) });

const parseRequest = (event: unknown): ReconcileRequest => {
  const result = v.safeParse(request, event);
  if (result.success) return result.output;
  throw new TrackerError(
    'MESSAGE_NOT_UNDERSTOOD',
    // Without the input: Lambda logs what a function throws.
    `The input must be ${SWEEPS.map((sweep) => JSON.stringify({ sweep })).join(' or ')}.`,
  );
};

const deadlineOf = (now: Date, remainingMs: number): Date => {
  const reserve = Math.min(STOP_BEFORE_END_MS, remainingMs * LARGEST_RESERVED_SHARE);
  return new Date(now.getTime() + remainingMs - reserve);
};

/** As transitions are logged: a deployment or a throughput is a resource. */
const arnField = (arn: string): object => {
  const kind = resourceKindOf(arn) ?? 'job';
  return { [kind === 'job' || kind === 'model' ? `${kind}_arn` : 'resource']: arn };
};

const logReport = (log: Log, { scope, sweep, finished, counts, failures }: SweepReport): void => {
  log.info('scope swept', { scope: formatScope(scope), sweep, finished, ...counts });
  for (const { arn, error } of failures) log.error(SWEEP_FAILURE[sweep], { ...arnField(arn), ...errorFields(error) });
};

const logRelease = (log: Log, { scope, finished, marked, failed, failures, error }: ReleaseReport): void => {
  const fields = { scope: formatScope(scope), finished, marked, failed };
  if (error === undefined) log.info('scope released', fields);
  else log.error('scope not released', { ...fields, ...errorFields(error) });
  for (const { arn, error: why } of failures) {
    log.error('record not released', { ...arnField(arn), ...errorFields(why) });
  }
};

/** The function's answer: the counts of each sweep. */
export type ReconcileAnswer = readonly ({ scope: string } & Pick<SweepReport, 'sweep' | 'finished' | 'counts'>)[];

/**
 * Runs sweeps, then throws SWEEP_INCOMPLETE if jobs or scopes failed, so that the function's error metric shows it. The
 * metrics are recorded either way.
 */
export const makeHandler =
  ({ log, metrics, scopes, eventSources, ...deps }: ReconcileHandlerDependencies) =>
  async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<ReconcileAnswer> => {
    const { sweep } = parseRequest(event);
    const deadline = deadlineOf(deps.clock(), context.getRemainingTimeInMillis());
    const [report] = await Promise.all([
      reconcile(deps, { sweep, deadline }, scopes),
      sweep === 'active' && eventSources ? measureSources({ metrics, log }, eventSources) : undefined,
    ]);
    for (const done of report.reports) logReport(log, done);
    for (const { scope, error } of report.errors) {
      log.error('scope not swept', { scope: formatScope(scope), ...errorFields(error) });
    }
    for (const release of report.releases) logRelease(log, release);
    measureReports(metrics, report.reports, deps.clock());
    await measureSweeps(metrics, deps.sweeps, { sweep, scopes }, report);
    const incomplete = incompleteError(report);
    if (incomplete) throw incomplete;
    return report.reports.map(({ scope, sweep: kind, finished, counts }) => ({
      scope: formatScope(scope),
      sweep: kind,
      finished,
      counts,
    }));
  };
