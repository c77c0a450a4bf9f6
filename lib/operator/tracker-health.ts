import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { RUNBOOK_URL, SWEEP_FAILURE, SWEEPS, type SweepKind } from '../contract.ts';
import { oneLine, pluralize } from '../domain/text.ts';
import { formatScope, parseScope, type Scope } from '../domain/identity.ts';
import { threeOf } from '../tracking/scope.ts';
import type { SweepState } from '../tracking/sweep-state.ts';
import { HOUR, MINUTE } from '../domain/time.ts';
import {
  hasProblem,
  NO_COUNTS,
  periodsOf,
  readRegistry,
  readScope,
  type ScopeCounts,
  type ScopeRow,
  type ScopesTable,
  trackedOf,
} from './scopes.ts';
import { NO_SETTINGS, type FoundSettings, type Schedules } from './tracker-settings.ts';

/** The last sweeps of one scope. */
export interface ScopeHealth extends Readonly<Partial<Record<SweepKind, SweepState>>> {
  readonly scope: Scope;
  /** Absent where it is not registered yet. */
  readonly registered?: ScopeRow;
}

/** A queue that is empty unless something is wrong. */
export interface QueueHealth {
  readonly name: string;
  /** Approximate, as SQS counts. */
  readonly messages: number;
}

/** What is to know about how the tracker does. Times are ISO-8601 UTC. */
export interface TrackerHealth {
  /** All that are tracked, or where they are more than `MOST_SCOPES` those that are failing or late: so many of them. */
  readonly scopes: readonly ScopeHealth[];
  /** Absent where the scopes are all that there are. */
  readonly counts?: ScopeCounts;
  readonly queues: readonly QueueHealth[];
  /** By which sweeps are judged. @default the default schedules */
  readonly settings?: FoundSettings;
}

/** How many scopes are looked at one by one. */
export const MOST_SCOPES = 10;
/** Whether all tracked scopes were looked at: of many only those with problems are. */
export const isWhole = ({ counts = NO_COUNTS }: Pick<TrackerHealth, 'counts'>): boolean =>
  trackedOf(counts) <= MOST_SCOPES;

/**
 * The scopes with their sweeps: the queries of `readRegistry`, and one for each scope that is looked at. `named`: scopes
 * that are tracked even if they are not registered yet.
 */
export const readScopeHealth = async (
  table: ScopesTable,
  { named = [], settings = NO_SETTINGS }: { readonly named?: readonly Scope[]; readonly settings?: FoundSettings },
  now: Date,
): Promise<Required<Pick<TrackerHealth, 'scopes' | 'counts'>>> => {
  const { scopes, counts } = await readRegistry(table, settings.schedules, now);
  const known = new Set(scopes.map(({ scope }) => scope));
  const tracked = scopes.filter(({ state }) => state !== 'released');
  const shown = isWhole({ counts }) ? tracked : tracked.filter(hasProblem);
  const looked = [
    ...shown.map((registered) => ({ scope: parseScope(registered.scope), registered })),
    ...named.filter((scope) => !known.has(formatScope(scope))).map((scope) => ({ scope, registered: undefined })),
  ];
  const read = looked.slice(0, MOST_SCOPES).map(async ({ scope, registered }): Promise<ScopeHealth[]> => {
    if (scope === undefined) return [];
    const { record, sweeps } = await readScope(table, scope);
    return [{ scope, ...(registered && { registered: { ...registered, ...record } }), ...sweeps }];
  });
  return { scopes: (await Promise.all(read)).flat(), counts };
};

/** How many messages wait in each queue: one request a queue. */
export const readQueueHealth = (client: SQSClient, urls: readonly string[]): Promise<QueueHealth[]> =>
  Promise.all(
    urls.map(async (QueueUrl) => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      );
      return {
        name: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1),
        messages: Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0),
      };
    }),
  );

/** As the alarms have it: two sweeps that are daily, with an hour to spare. A sweep that is not scheduled is never overdue. */
const twoOf = (minutes: number): number => 2 * minutes * MINUTE + HOUR;

/** How old a sweep's last success may be, in ms. */
export const OVERDUE_AFTER = {
  active: (schedules) => threeOf(periodsOf(schedules).active),
  full: ({ fullSweepMinutes }) => twoOf(fullSweepMinutes),
  models: ({ modelSweepMinutes = Infinity }) => threeOf(modelSweepMinutes * MINUTE),
  usage: ({ idleAfterDays }) => (idleAfterDays === undefined ? Infinity : twoOf(24 * 60)),
} as const satisfies Readonly<Record<SweepKind, (schedules: Schedules) => number>>;

/** Ends a sentence with the address of a paragraph of the runbook. */
const seeRunbook = (paragraph: string, { settings }: FoundSettings): string =>
  `see ${settings?.runbookUrl ?? RUNBOOK_URL}#${paragraph}`;

const PARAGRAPH: Readonly<Record<SweepKind, string>> = {
  active: 'active-sweeps-are-incomplete',
  full: 'full-sweeps-fail',
  models: 'sweeps-of-models-fail',
  usage: 'sweeps-of-models-fail',
};

/** Whether sweeps start by hand alone: that they are missing is then said once. */
const isPaused = ({ settings }: FoundSettings): boolean => settings?.schedulesEnabled === false;

/** A scope's first sweeps may take so long. */
const NEW_MS = HOUR;

/** Whatever is due in a scope waits until that is swept. */
const waitOf = ({ registered }: ScopeHealth, { schedules }: FoundSettings): number => {
  const periods = periodsOf(schedules);
  const { state = 'active' } = registered ?? {};
  return state === 'released' ? Infinity : periods[state] - periods.active;
};

const isOverdue = (health: ScopeHealth, sweep: SweepKind, found: FoundSettings, now: Date): boolean => {
  const { registered: { failing_since, late, registered_at } = {} } = health;
  const longest = OVERDUE_AFTER[sweep](found.schedules) + waitOf(health, found);
  // That sweeps fail, or are not made, is one problem.
  if (isPaused(found) || longest === Infinity || failing_since !== undefined) return false;
  if (late !== undefined && sweep === 'active') return late;
  const { succeeded_at } = health[sweep] ?? {};
  if (succeeded_at !== undefined) return now.getTime() - Date.parse(succeeded_at) > longest;
  return registered_at === undefined || now.getTime() - Date.parse(registered_at) > NEW_MS;
};

const sweepProblems = (health: ScopeHealth, sweep: SweepKind, found: FoundSettings, now: Date): string[] => {
  const { succeeded_at, counts, unfinished } = health[sweep] ?? {};
  const name = formatScope(health.scope);
  const failed = counts?.failed ?? 0;
  const advice = seeRunbook(PARAGRAPH[sweep], found);
  return [
    ...(isOverdue(health, sweep, found, now)
      ? [
          succeeded_at === undefined
            ? `No ${sweep} sweep of ${name} has ever succeeded${unfinished === true ? ', one is unfinished' : ''}: ${advice}`
            : `No ${sweep} sweep of ${name} has succeeded since ${succeeded_at}: ${advice}`,
        ]
      : []),
    ...(failed > 0
      ? [
          `The last ${sweep} sweep of ${name} had ${pluralize(failed, 'failure')}: ` +
            `see "${SWEEP_FAILURE[sweep]}" in the log of reconcile-jobs.`,
        ]
      : []),
  ];
};

const scopeProblems = (health: ScopeHealth, found: FoundSettings, now: Date): string[] => {
  const { failing_since, failures = 1, error = '' } = health.registered ?? {};
  const fails =
    `Sweeps of ${formatScope(health.scope)} have failed since ${failing_since ?? ''} (${pluralize(failures, 'time')}, ` +
    `${seeRunbook('active-sweeps-are-incomplete', found)}): ${oneLine(error, 300)}`;
  return [
    ...(failing_since === undefined ? [] : [fails]),
    ...SWEEPS.flatMap((sweep) => sweepProblems(health, sweep, found, now)),
  ];
};

/** The scopes that are failing or late and not looked at one by one. */
const moreProblems = (scopes: readonly ScopeHealth[], counts: ScopeCounts): string[] => {
  const rows = scopes.flatMap(({ registered }) => registered ?? []);
  const failing = counts.failing - rows.filter(({ failing_since }) => failing_since !== undefined).length;
  const late = counts.late - rows.filter((row) => row.late).length;
  const words = [...(failing > 0 ? [`${failing} failing`] : []), ...(late > 0 ? [`${late} late`] : [])].join(', ');
  return words === '' ? [] : [`More scopes have problems (${words}): list them with bedrock-jobs scopes.`];
};

const PAUSED =
  'The schedules are switched off, so no sweep starts by itself: deploy the stack without schedulesEnabled=false to start them.';
const NO_SCOPE =
  'No account and Region has ever been swept: is the tracker deployed as a whole, and a hub with a spoke?';

/** What is wrong with the sweeps of the scopes that are followed. */
export const sweepProblemsOf = (
  { scopes, counts = NO_COUNTS, settings = NO_SETTINGS }: Omit<TrackerHealth, 'queues'>,
  now: Date,
) => [
  ...(settings.problem === undefined ? [] : [settings.problem]),
  ...(isPaused(settings) ? [PAUSED] : []),
  ...(scopes.length + trackedOf(counts) === 0 && !isPaused(settings) ? [NO_SCOPE] : []),
  ...scopes
    // Its next full sweep begins anew.
    .filter(({ full }) => full?.untracked_since === undefined)
    .flatMap((scope) => scopeProblems(scope, settings, now)),
  ...(isPaused(settings) ? [] : moreProblems(scopes, counts)),
];

/** What waits where nothing should. */
export const queueProblemsOf = ({ queues, settings = NO_SETTINGS }: Omit<TrackerHealth, 'scopes'>): string[] =>
  queues
    .filter(({ messages }) => messages > 0)
    .map(({ name, messages }) => `${pluralize(messages, 'message')} in ${name}: ${seeRunbook('alarms', settings)}`);

/** What is wrong with a tracker, each a sentence with the next step; empty where all is well. */
export const problemsOf = (health: TrackerHealth, now: Date): readonly string[] => [
  ...sweepProblemsOf(health, now),
  ...queueProblemsOf(health),
];
