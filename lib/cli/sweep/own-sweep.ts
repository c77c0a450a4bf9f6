import pMap from 'p-map';
import { explain, rememberRequests } from '../../operator/aws-errors.ts';
import { createBedrockClient } from '../../runtime/bedrock-calls.ts';
import { cloudWatchUse, createCloudWatchClient } from '../../runtime/cloudwatch.ts';
import { dynamoDbScopeStore, dynamoDbSweepStore } from '../../runtime/dynamodb-stores.ts';
import { trackingDependencies } from '../../runtime/tracking-dependencies.ts';
import { SWEEP_TIMEOUTS } from '../../runtime/timeouts.ts';
import { formatScope, type Scope } from '../../domain/identity.ts';
import type { SweepDependencies } from '../../tracking/run-sweep.ts';
import { incompleteError, sweptScopes, together } from '../../tracking/reconcile-report.ts';
import { type ScopeReport, sweepScope } from '../../tracking/sweep-scope.ts';
import type { SweepKind } from '../../tracking/sweep-state.ts';
import type { ScopeStore } from '../../tracking/ports.ts';
import { periodsOf } from '../../operator/scopes.ts';
import type { CommandContext, Connection } from '../context.ts';
import { some } from '../doctor/check.ts';
import { definedOf } from '../flags.ts';
import { visible } from '../output/values.ts';
import { IDLE_AFTER_MS } from '../../domain/idle.ts';
import { DAY, MINUTE } from '../../domain/time.ts';
import { TrackerError } from '../../domain/errors.ts';

/** Some of many scopes. */
export const names = (scopes: readonly Scope[]): string => some(scopes.map(formatScope), 5);

/**
 * The scopes that a run with one's own credentials sweeps: of those that were asked for, else of all that are tracked,
 * the ones of the caller's account; those of others are left out. A scope that the tracker does not follow is refused: nothing would keep its records.
 *
 * @throws TrackerError BAD_REQUEST where there is none
 */
export const chooseScopes = (
  tracked: readonly Scope[],
  asked: readonly Scope[] | undefined,
  account: string | undefined,
): { readonly scopes: readonly Scope[]; readonly leftOut: readonly Scope[] } => {
  if (asked === undefined && tracked.length === 0) {
    throw new TrackerError(
      'BAD_REQUEST',
      'The scopes of the tracker are not known here: name some with --scopes <account id>#<Region>.',
    );
  }
  const known = new Set(tracked.map(formatScope));
  const foreign = known.size === 0 ? [] : (asked ?? []).filter((scope) => !known.has(formatScope(scope)));
  if (foreign.length > 0) {
    throw new TrackerError(
      'BAD_REQUEST',
      `The tracker does not follow ${names(foreign)}, only ${names(tracked)}: deploy a spoke there, or add it to the tracker's props.`,
    );
  }
  const candidates = asked ?? tracked;
  const isOwn = ({ accountId }: Scope) => account === undefined || accountId === account;
  const scopes = candidates.filter(isOwn);
  const leftOut = candidates.filter((scope) => !isOwn(scope));
  if (scopes.length > 0) return { scopes, leftOut };
  throw new TrackerError(
    'BAD_REQUEST',
    `Your credentials are of account ${account ?? ''}, but the scopes are in others (${names(leftOut)}): use --deployed, ` +
      "which sweeps them with the tracker's roles, or credentials of that account.",
  );
};

/**
 * As long as the function works at most: the lease of a full sweep lasts until then, so that a run that is killed keeps
 * the function's sweeps waiting no longer than one of its own would.
 */
const LONGEST_MS = 14 * MINUTE;

/** When to stop beginning work. It comes at once when the person asks for the end: what is in flight is finished. */
const deadlineOf = ({ clock, signal, terminal }: CommandContext): Date => {
  const deadline = new Date(clock().getTime() + LONGEST_MS);
  const end = () => {
    deadline.setTime(0);
    terminal.tell('Stopping after the requests in flight. Press Ctrl-C again to stop at once.');
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return deadline;
};

const inWords = ({ reports, errors, releases }: ScopeReport): ScopeReport => ({
  reports: reports.map((report) => ({
    ...report,
    failures: report.failures.map(({ arn, error }) => ({ arn, error: explain(error) })),
  })),
  errors: errors.map(({ error, ...one }) => ({ ...one, error: explain(error) })),
  releases,
});

/** That a person's credentials do not reach a scope says nothing of the tracker's. */
const withoutFailures = (scopes: ScopeStore): ScopeStore => ({
  ...scopes,
  put: (record) => (record.error === undefined ? scopes.put(record) : Promise.resolve('written')),
});

/** Scopes whose sweep another run is at. */
const heldOf = (all: readonly ScopeReport[], kind: SweepKind, scopes: readonly Scope[]): string[] => {
  if (kind === 'active') return [];
  const told = new Set(
    all.flatMap(({ reports, errors }) => [...reports, ...errors]).map(({ scope }) => formatScope(scope)),
  );
  return scopes.map(formatScope).filter((scope) => !told.has(scope));
};

/**
 * Sweeps scopes as the function does, in this process and with the caller's own credentials. Needs what the function
 * may do: Bedrock's List, Get and ListTags, CloudWatch's GetMetricData for use, and reading and writing the tables.
 */
export const sweepMyself = async (
  context: CommandContext,
  connection: Connection,
  sweep: SweepKind,
  scopes: readonly Scope[],
) => {
  const { dynamoDb, tableName } = connection;
  const { schedules, problem } = await connection.settings();
  if (problem !== undefined) context.terminal.tell(visible(problem));
  const isOfJobs = sweep === 'active' || sweep === 'full';
  const modelsTable = isOfJobs ? undefined : await connection.modelsTableName();
  const createClient = (scope: Scope) => rememberRequests(createBedrockClient(scope, SWEEP_TIMEOUTS));
  const { sweepsTable } = await connection.scopesTable();
  const deps: SweepDependencies = {
    ...trackingDependencies({ jobsTable: tableName, ...definedOf({ modelsTable }) }, createClient, dynamoDb),
    usage: {
      useOf: (scope) => cloudWatchUse(rememberRequests(createCloudWatchClient(scope, SWEEP_TIMEOUTS)), scope),
      idleAfterMs: schedules.idleAfterDays === undefined ? IDLE_AFTER_MS : schedules.idleAfterDays * DAY,
    },
    sweeps: dynamoDbSweepStore(dynamoDb, sweepsTable),
    scopes: withoutFailures(dynamoDbScopeStore(dynamoDb, sweepsTable)),
    named: scopes,
    periods: { ...periodsOf(schedules), full: schedules.fullSweepMinutes * MINUTE },
    clock: context.clock,
    ...definedOf({ tagRefreshDays: schedules.tagRefreshDays }),
  };
  const deadline = deadlineOf(context);
  const all = (await pMap(scopes, (scope) => sweepScope(deps, { scope, sweep }, deadline), { concurrency: 4 })).filter(
    (report) => report !== undefined,
  );
  const report = together(all);
  return { swept: sweptScopes(report), problem: incompleteError(inWords(report)), held: heldOf(all, sweep, scopes) };
};
