import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import type { Context, SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import {
  EVENT_KINDS,
  METRIC,
  type ReconcileRequest,
  SWEEP_FAILURE,
  type SweepMessage,
  SWEEPS,
} from '../../lib/contract.ts';
import { type EventSources, measureSources } from './event-sources.ts';
import type { MetricRecorder } from '../../lib/runtime/metrics.ts';
import { errorFields, type Log } from '../../lib/runtime/log.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { formatScope, parseScope, resourceKindOf, type Scope } from '../../lib/domain/identity.ts';
import { present } from '../../lib/domain/text.ts';
import { MINUTE } from '../../lib/domain/time.ts';
import { incompleteError, type SweptScope, sweptScopes, together } from '../../lib/tracking/reconcile-report.ts';
import type { ReleaseReport } from '../../lib/tracking/release-scope.ts';
import type { SweepDependencies } from '../../lib/tracking/run-sweep.ts';
import { startSweeps, type Tally, tallyScopes } from '../../lib/tracking/start-sweeps.ts';
import { refuseSwitchedOff, type ScopeReport, type ScopeRequest, sweepScope } from '../../lib/tracking/sweep-scope.ts';
import type { SweepReport } from '../../lib/tracking/sweep-state.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Of the sweeps of one scope: what they missed, how long they took, and whether they tracked everything. */
const measureScope = (metrics: MetricRecorder, { reports, errors, released }: ScopeReport): void => {
  for (const event of EVENT_KINDS) {
    const missed = sum(reports.map((report) => report.missed[event]));
    for (let count = 0; count < missed; count += 1) metrics.add(METRIC.eventsMissed, 1, { event });
  }
  const unchanged = sum(reports.map((report) => report.unchanged));
  if (unchanged > 0) metrics.add(METRIC.looksWithoutChange, unchanged);
  for (const { sweep, startedAt, endedAt, finished, counts } of reports) {
    // Of sweeps of jobs, which can outlast a run.
    const isOfJobs = sweep === 'active' || sweep === 'full';
    if (isOfJobs) metrics.add(METRIC.sweepDuration, Date.parse(endedAt) - Date.parse(startedAt), { sweep });
    // Of active sweeps the share of all scopes counts.
    if (sweep !== 'active') metrics.add(METRIC.sweepCompleteness, finished && counts.failed === 0 ? 100 : 0, { sweep });
  }
  for (const { sweep } of errors) if (sweep !== 'active') metrics.add(METRIC.sweepCompleteness, 0, { sweep });
  if (released === undefined) return;
  metrics.add(METRIC.scopesReleased, 1);
  metrics.add(METRIC.scopesReleased, 1, { scope: formatScope(released) });
};

/** Of all scopes together. Also if nothing is due: a value shows that a run ended. */
const measureAll = (metrics: MetricRecorder, tally: Tally, now: Date): void => {
  const { scopes, covered, activeJobs, oldestActiveAt } = tally;
  metrics.add(METRIC.sweepCompleteness, scopes === 0 ? 100 : (100 * covered) / scopes, { sweep: 'active' });
  metrics.add(METRIC.activeJobs, activeJobs);
  const age = oldestActiveAt === undefined ? 0 : (now.getTime() - Date.parse(oldestActiveAt)) / 1000;
  metrics.add(METRIC.oldestActiveJobAge, Math.max(0, age));
};

/** Which scopes cannot be asked. Of a tracker of one scope the sweeps say it, and each series has its price. */
const measureFailing = (metrics: MetricRecorder, { failing, failingScopes }: Tally): void => {
  metrics.add(METRIC.scopesFailing, failing);
  for (const scope of failingScopes) metrics.add(METRIC.scopesFailing, 1, { scope });
};

/** Sends messages to the queue of sweeps. Rejects if any could not be sent. */
export type SendSweeps = (messages: readonly SweepMessage[]) => Promise<void>;

export interface ReconcileHandlerDependencies extends SweepDependencies {
  readonly log: Log;
  readonly metrics: MetricRecorder;
  /** Absent where this function sweeps the scopes itself: those of a tracker without spokes. */
  readonly send?: SendSweeps;
  /** What each run checks too. @default nothing, as in a local run */
  readonly eventSources?: EventSources;
}

/** The last job in flight, retries included, must end before the function times out. */
const STOP_BEFORE_END_MS = MINUTE;
/** Of a short time limit (a test, a local run) only this share is reserved. */
const LARGEST_RESERVED_SHARE = 0.2;

const scopeName = v.pipe(
  v.string(),
  v.check((text) => parseScope(text) !== undefined),
);
const request = v.object({ sweep: v.picklist([...SWEEPS, 'due']), scope: v.optional(scopeName) });
const sweepMessage = v.object({ scope: scopeName, sweep: v.optional(v.picklist(SWEEPS)) });

// Without the input: Lambda logs what a function throws.
const notUnderstood = (what: string): TrackerError => new TrackerError('MESSAGE_NOT_UNDERSTOOD', what);

const parseRequest = (event: unknown): ReconcileRequest => {
  const result = v.safeParse(request, event);
  if (result.success) return present(result.output);
  const inputs = ['due', ...SWEEPS].map((sweep) => JSON.stringify({ sweep })).join(' or ');
  throw notUnderstood(`The input must be ${inputs}, with "scope": "<account id>#<Region>" for one scope alone.`);
};

const parseMessage = (body: string): ScopeRequest => {
  const { output, success } = v.safeParse(v.pipe(v.string(), v.parseJson(), sweepMessage), body);
  if (!success) throw notUnderstood('The message must be {"scope": "<account id>#<Region>"}, or name a "sweep" too.');
  return requestOf(output);
};

/** The names of scopes were checked. */
const requestOf = ({ scope, sweep }: v.InferOutput<typeof sweepMessage>): ScopeRequest => ({
  scope: parseScope(scope) as Scope,
  ...present({ sweep }),
});

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

const logRelease = (log: Log, { scope, finished, marked, failed, failures }: ReleaseReport): void => {
  log.info('scope released', { scope: formatScope(scope), finished, marked, failed });
  for (const { arn, error } of failures) {
    log.error('record not released', { ...arnField(arn), ...errorFields(error) });
  }
};

const logScope = (log: Log, { reports, errors, releases }: ScopeReport): void => {
  for (const report of reports) logReport(log, report);
  for (const { scope, sweep, error } of errors) {
    log.error('scope not swept', { scope: formatScope(scope), sweep, ...errorFields(error) });
  }
  for (const release of releases) logRelease(log, release);
};

export type SweptScopes = readonly SweptScope[];
/** The function's answer: what it swept, or how many messages it sent. */
export type ReconcileAnswer = SweptScopes | { readonly sent: number };

type InvocationContext = Pick<Context, 'getRemainingTimeInMillis'>;

const isQueued = (event: unknown): event is SQSEvent =>
  Array.isArray((event as Partial<SQSEvent> | undefined)?.Records);

/**
 * Starts sweeps, or sweeps the scope of a message.
 *
 * A scope that cannot be swept is logged and counted, and due again soon: its message is done. Where this function sweeps
 * the scopes itself it throws SWEEP_INCOMPLETE then, so that its error metric shows it. The metrics are recorded either way.
 */
export const makeHandler = ({ log, metrics, send, eventSources, ...deps }: ReconcileHandlerDependencies) => {
  const sweepOne = async (asked: ScopeRequest, deadline: Date): Promise<ScopeReport[]> => {
    const report = await sweepScope(deps, asked, deadline);
    if (report === undefined) return [];
    logScope(log, report);
    measureScope(metrics, report);
    return [report];
  };
  const start = async (event: unknown, deadline: Date): Promise<ReconcileAnswer> => {
    const asked = parseRequest(event);
    refuseSwitchedOff(deps, asked.sweep);
    const sweeping: Promise<ScopeReport[]>[] = [];
    const sweepHere: SendSweeps = (messages) => {
      sweeping.push(...messages.map((message) => sweepOne(requestOf(message), deadline)));
      return Promise.resolve();
    };
    const [sent] = await Promise.all([
      startSweeps(deps, asked, send ?? sweepHere),
      eventSources ? measureSources({ metrics, log }, eventSources) : undefined,
    ]);
    const report = together((await Promise.all(sweeping)).flat());
    if (asked.sweep === 'due' || asked.sweep === 'active') {
      const tally = await tallyScopes(deps);
      measureAll(metrics, tally, deps.clock());
      if (send) measureFailing(metrics, tally);
    }
    if (send) return { sent };
    const incomplete = incompleteError(report);
    if (incomplete) throw incomplete;
    return sweptScopes(report);
  };
  const work = async (event: SQSEvent, deadline: Date): Promise<PartialItemFailureResponse> => {
    const batchItemFailures = await Promise.all(
      event.Records.map(async ({ messageId, body }) => {
        try {
          await sweepOne(parseMessage(body), deadline);
          return [];
        } catch (error) {
          log.error('message failed', { message_id: messageId, ...errorFields(error) });
          return [{ itemIdentifier: messageId }];
        }
      }),
    );
    return { batchItemFailures: batchItemFailures.flat() };
  };
  return (event: unknown, context: InvocationContext): Promise<ReconcileAnswer | PartialItemFailureResponse> => {
    const deadline = deadlineOf(deps.clock(), context.getRemainingTimeInMillis());
    return isQueued(event) ? work(event, deadline) : start(event, deadline);
  };
};
