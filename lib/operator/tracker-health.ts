import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { RUNBOOK_URL, SWEEP_FAILURE, SWEEPS, type SweepKind } from '../contract.ts';
import { compareText, pluralize } from '../domain/text.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import type { SweepStore } from '../tracking/ports.ts';
import type { SweepState } from '../tracking/sweep-state.ts';
import { MINUTE } from '../domain/time.ts';
import { NO_SETTINGS, type FoundSettings, type Schedules } from './tracker-settings.ts';

/** The last sweeps of one scope. */
export interface ScopeHealth extends Readonly<Partial<Record<SweepKind, SweepState>>> {
  readonly scope: Scope;
}

/** A queue that is empty unless something is wrong. */
export interface QueueHealth {
  readonly name: string;
  /** Approximate, as SQS counts. */
  readonly messages: number;
}

/** What is to know about how the tracker does. Times are ISO-8601 UTC. */
export interface TrackerHealth {
  readonly scopes: readonly ScopeHealth[];
  readonly queues: readonly QueueHealth[];
  /** By which sweeps are judged. @default the default schedules */
  readonly settings?: FoundSettings;
}

/** All scopes that were ever swept, with their sweeps: one Scan of the sweeps table, an item for each sweep of a scope. */
export const readScopeHealth = async (sweeps: SweepStore): Promise<ScopeHealth[]> => {
  const byScope = new Map<string, ScopeHealth>();
  for (const { scope, sweep, state } of await sweeps.list()) {
    const key = formatScope(scope);
    byScope.set(key, { ...(byScope.get(key) ?? { scope }), [sweep]: state });
  }
  return [...byScope].sort(([a], [b]) => compareText(a, b)).map(([, health]) => health);
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

/** The longest that a run takes: Lambda ends it. */
const LONGEST_RUN_MINUTES = 15;

/** As the alarms have it: three sweeps that are frequent, or two daily ones with an hour to spare. A sweep that is not scheduled is never overdue. */
const threeOf = (minutes: number): number => Math.max(3 * minutes, LONGEST_RUN_MINUTES);
const twoOf = (minutes: number): number => 2 * minutes + 60;

/** How old a sweep's last success may be. */
export const OVERDUE_MINUTES = {
  active: ({ activeSweepMinutes }) => threeOf(activeSweepMinutes),
  full: ({ fullSweepMinutes }) => twoOf(fullSweepMinutes),
  models: ({ modelSweepMinutes = Infinity }) => threeOf(modelSweepMinutes),
  usage: ({ idleAfterDays }) => (idleAfterDays === undefined ? Infinity : twoOf(24 * 60)),
} as const satisfies Readonly<Record<SweepKind, (schedules: Schedules) => number>>;

/** Ends a sentence with the address of a paragraph of the runbook. */
const seeRunbook = (paragraph: string, { settings }: FoundSettings): string =>
  `see ${settings?.runbookUrl ?? RUNBOOK_URL}#${paragraph}`;

/** Whether sweeps start by hand alone: that they are missing is then said once. */
const isPaused = ({ settings }: FoundSettings): boolean => settings?.schedulesEnabled === false;

const sweepProblems = (
  { scope, ...sweeps }: ScopeHealth,
  sweep: SweepKind,
  found: FoundSettings,
  now: Date,
): string[] => {
  const { succeeded_at, counts, unfinished } = sweeps[sweep] ?? {};
  const name = formatScope(scope);
  const failed = counts?.failed ?? 0;
  const longestGap = OVERDUE_MINUTES[sweep](found.schedules) * MINUTE;
  const isOverdue =
    !isPaused(found) &&
    longestGap !== Infinity &&
    (succeeded_at === undefined || now.getTime() - Date.parse(succeeded_at) > longestGap);
  const isOfModels = sweep === 'models' || sweep === 'usage';
  const advice = seeRunbook(isOfModels ? 'sweeps-of-models-fail' : `${sweep}-sweeps-are-incomplete`, found);
  return [
    ...(isOverdue
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

const PAUSED =
  'The schedules are switched off, so no sweep starts by itself: deploy the stack without schedulesEnabled=false to start them.';

/** What is wrong with the sweeps of the scopes that are followed. */
export const sweepProblemsOf = ({ scopes, settings = NO_SETTINGS }: Omit<TrackerHealth, 'queues'>, now: Date) => [
  ...(settings.problem === undefined ? [] : [settings.problem]),
  ...(isPaused(settings) ? [PAUSED] : []),
  ...(scopes.length === 0 && !isPaused(settings)
    ? ['No account and Region has ever been swept: is the tracker deployed as a whole?']
    : []),
  ...scopes
    // Nobody sweeps what is not followed any more.
    .filter(({ full }) => full?.untracked_since === undefined)
    .flatMap((scope) => SWEEPS.flatMap((sweep) => sweepProblems(scope, sweep, settings, now))),
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
