import type { SweepKind } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import { oneLine, pluralize, present, redact } from '../domain/text.ts';
import { changeScope } from './hear.ts';
import { runUsage } from './measure-usage.ts';
import type { KnownScope } from './ports.ts';
import { isReleased, releaseScope, type ReleaseReport, type Swept } from './release-scope.ts';
import { runActive, runFull, type RunTimes, type SweepDependencies, sweptJobs } from './run-sweep.ts';
import {
  claimed,
  isDue,
  isSilent,
  released,
  type ScopeOutcome,
  type ScopeRecord,
  slackOf,
  swept,
  type SweepPeriods,
} from './scope.ts';
import type { SweepReport } from './sweep-state.ts';
import { sweptModels } from './track-model.ts';

/** A scope to sweep: what is due in it, or one kind of sweep now. */
export interface ScopeRequest {
  readonly scope: Scope;
  readonly sweep?: SweepKind;
}

/** What was done in a scope: its sweeps, those that failed as a whole, and its release. */
export interface ScopeReport {
  readonly reports: readonly SweepReport[];
  /** Whether another run holds the lease of a sweep that is due. */
  readonly isHeld?: boolean;
  readonly errors: readonly { readonly scope: Scope; readonly sweep: SweepKind; readonly error: unknown }[];
  readonly releases: readonly ReleaseReport[];
  /** The scope whose release ended with this report. */
  readonly released?: Scope;
}

type Passes = Exclude<SweepKind, 'active'>;

/** Whether a pass over everything is due: never finished, under way, or begun a period ago. */
const isPassDue = ({ record, sweeps }: KnownScope, sweep: Passes, now: Date, periods: SweepPeriods): boolean => {
  const { begun_at, finished_at, unfinished } = sweeps[sweep] ?? {};
  const period = periods[sweep];
  if (period === undefined) return false;
  // An empty scope is swept so rarely that a pass over its jobs that is left out would come a day too late.
  const slack = sweep === 'full' && record?.state === 'empty' ? periods.empty / 2 : slackOf(periods);
  const nextAt = Date.parse(begun_at ?? finished_at ?? '') + period - slack;
  return unfinished === true || finished_at === undefined || !(nextAt > now.getTime());
};

/** The passes over everything: those of jobs, of models and of their use where they are tracked. */
const passesOf = (deps: SweepDependencies, toldAt: string | undefined) => {
  const { sweeps, clock, models, usage } = deps;
  const kinds: Swept[] = [sweptJobs(deps, toldAt), ...(models ? [sweptModels({ ...models, clock })] : [])];
  const runs: { sweep: Passes; run: (scope: Scope, times: RunTimes) => Promise<SweepReport | undefined> }[] = kinds.map(
    (one) => ({
      sweep: one.sweep,
      run: (scope, times) => runFull(deps, one, scope, times),
    }),
  );
  if (models && usage) {
    const measuring = { sweeps, clock, ...models, ...usage };
    runs.push({ sweep: 'usage', run: (scope, times) => runUsage(measuring, scope, times) });
  }
  return { kinds, runs };
};

const messageOf = (error: unknown): string =>
  oneLine(redact(error instanceof Error ? error.message : String(error)), 300);

/** Of active jobs, or of all where these were not asked for: the other sweeps keep a state of their own. */
const errorOf = (report: ScopeReport): string | undefined => {
  const all: readonly { readonly sweep: SweepKind }[] = [...report.reports, ...report.errors];
  const kind = all.some(({ sweep }) => sweep === 'active') ? 'active' : 'full';
  const error = report.errors.find(({ sweep }) => sweep === kind);
  if (error !== undefined) return messageOf(error.error);
  const reports = report.reports.filter(({ sweep }) => sweep === kind);
  const failed = reports.reduce((sum, { counts }) => sum + counts.failed, 0);
  const first = reports.flatMap(({ failures }) => failures)[0];
  return failed === 0 ? undefined : `${pluralize(failed, 'failure')}, the first: ${messageOf(first?.error)}`;
};

/** Makes the sweeps of a scope: of active jobs first, as a pass over everything takes longer. */
const sweepTracked = async (
  deps: SweepDependencies,
  { scope, sweep }: ScopeRequest,
  known: KnownScope,
  times: RunTimes,
): Promise<ScopeReport> => {
  const { record, sweeps } = known;
  const reports: SweepReport[] = [];
  const errors: ScopeReport['errors'][number][] = [];
  let isHeld = false;
  const attempt = async (kind: SweepKind, work: () => Promise<SweepReport | undefined>): Promise<void> => {
    try {
      const report = await work();
      if (report === undefined) isHeld = true;
      else reports.push(report);
    } catch (error) {
      errors.push({ scope, sweep: kind, error });
    }
  };
  const isAsked = (kind: Passes) =>
    sweep === undefined || sweep === 'active' ? isPassDue(known, kind, times.begunAt, deps.periods) : kind === sweep;
  const active = () => attempt('active', () => runActive(deps, scope, sweeps, times));
  // Of a scope that never had a job the list of all jobs says the same by one call.
  const isEmpty = record?.state === 'empty' && sweeps.full?.finished_at !== undefined && isAsked('full');
  if (sweep === 'active' || (sweep === undefined && !isEmpty)) await active();
  if (errors.length === 0) {
    const { runs } = passesOf(deps, sweeps.active?.creation_told_at);
    const make = (some: typeof runs) =>
      Promise.all(some.map(({ sweep: kind, run }) => attempt(kind, () => run(scope, times))));
    await make(runs.filter(({ sweep: kind }) => kind !== 'usage' && isAsked(kind)));
    // Use is measured of what a sweep of models found.
    const areModelsKnown = sweeps.models?.finished_at !== undefined || reports.some((one) => one.sweep === 'models');
    await make(runs.filter(({ sweep: kind }) => kind === 'usage' && isAsked(kind) && areModelsKnown));
    if (sweep === undefined && isEmpty && reports.some(({ counts }) => counts.listed > 0)) await active();
  }
  return { reports, errors, isHeld, releases: [] };
};

const outcomeOf = (report: ScopeReport, at: string, endedAt: string): ScopeOutcome => {
  const { reports, errors, isHeld = false } = report;
  const active = reports.find(({ sweep }) => sweep === 'active');
  return {
    at,
    endedAt,
    hasJobs: reports.some(({ counts }) => counts.listed > 0),
    ...present({ active: active?.active }),
    creationToldAt: active?.creationToldAt,
    // The run that holds the lease may have been killed.
    unfinished: isHeld || reports.some(({ finished }) => !finished),
    isUnknown: errors.some((error) => error.sweep === 'full'),
    reached: reports.length > 0 || errors.length === 0,
    error: errorOf(report),
  };
};

/** Marks the records of a scope that is not tracked any more, and then the scope, unless it was heard meanwhile. */
const releaseSilent = async (
  deps: SweepDependencies,
  scope: Scope,
  record: ScopeRecord,
  times: RunTimes,
): Promise<ScopeReport> => {
  const { kinds } = passesOf(deps, undefined);
  const found = await Promise.allSettled(kinds.map((kind) => releaseScope(deps, kind, scope, times.deadline)));
  const { record: now, sweeps } = await deps.scopes.read(scope);
  const isDone = kinds.every(({ sweep }) => isReleased(sweeps[sweep] ?? {}));
  const after = await changeScope(
    deps.scopes,
    scope,
    (previous) =>
      isDone && previous !== undefined && previous.heard_at === record.heard_at
        ? released(previous, deps.clock().toISOString())
        : undefined,
    now,
  );
  return {
    reports: [],
    errors: found.flatMap((one, position) =>
      one.status === 'rejected'
        ? [{ scope, sweep: kinds[position]?.sweep ?? 'full', error: one.reason as unknown }]
        : [],
    ),
    releases: found.flatMap((one) => (one.status === 'fulfilled' ? (one.value ?? []) : [])),
    ...(after?.state === 'released' && { released: scope }),
  };
};

/** Throws BAD_REQUEST for a sweep that is switched off. */
export const refuseSwitchedOff = ({ models, usage }: SweepDependencies, sweep: string | undefined): void => {
  if ((sweep === 'models' && !models) || (sweep === 'usage' && !(models && usage)))
    throw new TrackerError('BAD_REQUEST', `There are no ${sweep} sweeps here: they are switched off.`);
};

/**
 * Sweeps one scope, or releases it if nothing tells of it any more, and writes when it is due next. Undefined if nothing
 * is due: another delivery of the message was faster. Failures of Bedrock are part of the report.
 *
 * Throws BAD_REQUEST for a sweep that is switched off, and SCOPE_NOT_TRACKED for one by hand of a scope that is not known.
 *
 * Costs one read and two writes of the sweeps table besides the sweeps. Any number may run at once: an active sweep can be
 * repeated, and the others hold a lease.
 */
export const sweepScope = async (
  deps: SweepDependencies,
  request: ScopeRequest,
  deadline: Date,
): Promise<ScopeReport | undefined> => {
  const { scopes, clock, periods, named } = deps;
  const { scope, sweep } = request;
  refuseSwitchedOff(deps, sweep);
  // Before the states are read: a sweep that they do not show yet cannot have begun much earlier.
  const begunAt = clock();
  const at = begunAt.toISOString();
  const known = await scopes.read(scope);
  let { record } = known;
  const isNamed = named.some((one) => formatScope(one) === formatScope(scope));
  if (sweep !== undefined && record === undefined && !isNamed) {
    const why = `Account ${scope.accountId}, Region ${scope.region} is not registered and not named: deploy its spoke, or name it in the prop scopes.`;
    throw new TrackerError('SCOPE_NOT_TRACKED', why);
  }
  if (sweep === undefined || (sweep === 'active' && record !== undefined)) {
    const isWanted = (previous: ScopeRecord) => sweep === 'active' || isDue(previous, at, periods);
    const claim = (previous: ScopeRecord | undefined) =>
      previous !== undefined && isWanted(previous) ? claimed(previous, at, periods) : undefined;
    record = await changeScope(scopes, scope, claim, record);
    if (record === undefined) return undefined;
  }
  const times = { begunAt, deadline };
  if (record !== undefined && isSilent(record, isNamed, at, periods)) return releaseSilent(deps, scope, record, times);
  const report = await sweepTracked(deps, request, { ...known, ...present({ record }) }, times);
  // Nothing of what the record says was asked.
  if (record === undefined || sweep === 'models' || sweep === 'usage') return report;
  const outcome = outcomeOf(report, at, clock().toISOString());
  await changeScope(
    scopes,
    scope,
    (previous) =>
      previous === undefined || previous.state === 'released' ? undefined : swept(previous, outcome, isNamed, periods),
    record,
  );
  return report;
};
