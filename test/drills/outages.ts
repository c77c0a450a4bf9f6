import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { HOUR, MINUTE } from '../../lib/domain/time.ts';
import { JOBS, MODELS as MODELS_TABLE } from '../faults/world/table-client.ts';
import { HOME, scopeName, SPOKE, type DrilledTracker, type TrackerOptions } from './tracker.ts';

/** Something that goes wrong and stays so, and the alarm that names it. */
export interface Outage {
  readonly name: string;
  /** What is tracked where it is not the account alone. */
  readonly of?: Partial<TrackerOptions>;
  /** Props of the stack whose alarms watch it. @default none */
  readonly stack?: BedrockJobTrackerStackProps;
  readonly begin: (tracker: DrilledTracker) => void;
  readonly alarm: string;
  /** The scope that it names. */
  readonly names?: string;
  /** What else rings, each with the reason why it is right that it does. */
  readonly follows?: Readonly<Record<string, string>>;
}

const UNREAD = 'what is not read is not tracked by its event, and sweeps find it';
const DEAD = 'events of its jobs fail five times';
const FULL = 'full sweeps meet the same';
const MODELS = 'models sweeps meet the same';
const NO_SWEEP = 'no sweep runs';

const NONE_ENDS = {
  ActiveSweepMissing: NO_SWEEP,
  FullSweepIncomplete: NO_SWEEP,
  ModelsSweepIncomplete: NO_SWEEP,
  UsageSweepIncomplete: NO_SWEEP,
};

const NOT_BEGUN = 'where jobs cannot be listed or read, no other sweep begins';
const LAST_KNOWN = 'the jobs that were active last are not known to have ended';
const NOT_COVERED = 'a scope that fails is not covered';

const env = { account: HOME.accountId, region: HOME.region };
const HUB = { env, spokeAccounts: [SPOKE.accountId], spokeExternalId: 'a-shared-word' };
const OF_HUB = { of: { scopes: [HOME, SPOKE] }, stack: HUB } as const satisfies Partial<Outage>;

const repeat = (tracker: DrilledTracker, every: number, task: () => void): void => {
  task();
  tracker.world.machine.time.after(every, () => repeat(tracker, every, task));
};

/** What the drills play, in the order of the matrix. */
export const OUTAGES: readonly Outage[] = [
  {
    name: 'the rule of state changes is disabled',
    begin: ({ outages }) => outages.disabledRules.add('state-change'),
    alarm: 'StateChangesMissed',
  },
  {
    name: 'the rule of API calls is disabled',
    begin: ({ outages }) => outages.disabledRules.add('api-call'),
    alarm: 'CreationsMissed',
  },
  {
    name: 'the trail is removed',
    begin: ({ outages }) => (outages.hasTrail = false),
    alarm: 'CreationsMissed',
  },
  {
    name: 'the event source mapping of the queue is disabled',
    begin: ({ outages }) => outages.disabledMappings.add('job-events'),
    alarm: 'JobEventsNotRead',
    follows: { JobEventsWaiting: 'nobody reads them', StateChangesMissed: UNREAD, CreationsMissed: UNREAD },
  },
  {
    name: 'the event source mapping of the stream is disabled',
    begin: ({ outages }) => outages.disabledMappings.add('transitions'),
    alarm: 'TransitionsNotRead',
  },
  {
    name: 'the event source mapping of the stream of models is disabled',
    begin: ({ outages }) => outages.disabledMappings.add('model-transitions'),
    alarm: 'TransitionsNotRead',
  },
  {
    name: 'Lambda may not receive from the queue',
    begin: ({ outages }) => (outages.queueIsReadable = false),
    alarm: 'JobEventsWaiting',
    follows: { StateChangesMissed: UNREAD, CreationsMissed: UNREAD },
  },
  {
    name: 'the policy of the queue is lost',
    begin: ({ outages }) => (outages.queueTakesEvents = false),
    alarm: 'UndeliveredEventsNotEmpty',
    follows: { StateChangesMissed: UNREAD, CreationsMissed: UNREAD },
  },
  {
    name: 'the policy of the queue has lost the rule of API calls',
    begin: ({ outages }) => outages.refusedRules.add('api-call'),
    alarm: 'UndeliveredEventsNotEmpty',
    follows: { CreationsMissed: UNREAD },
  },
  {
    name: 'the policies of the queue and of its dead-letter queue are lost',
    begin: ({ outages }) => {
      outages.queueTakesEvents = false;
      outages.undeliveredQueueTakesEvents = false;
    },
    alarm: 'EventsLost',
    follows: { StateChangesMissed: UNREAD, CreationsMissed: UNREAD },
  },
  {
    name: 'Bedrock is denied',
    begin: ({ outages }) => outages.deniedScopes.add(scopeName(HOME)),
    alarm: 'ActiveSweepIncomplete',
    follows: {
      JobEventsDeadLettersNotEmpty: DEAD,
      FullSweepIncomplete: FULL,
      ModelsSweepIncomplete: MODELS,
      UsageSweepIncomplete: NOT_BEGUN,
      JobRunsLong: LAST_KNOWN,
    },
  },
  {
    name: 'the role of one spoke of a hub is gone',
    ...OF_HUB,
    begin: ({ outages }) => {
      outages.deniedScopes.add(scopeName(SPOKE));
      outages.deniedUse.add(scopeName(SPOKE));
    },
    alarm: 'ScopesFailing',
    names: scopeName(SPOKE),
    follows: {
      JobEventsDeadLettersNotEmpty: DEAD,
      ActiveSweepIncomplete: NOT_COVERED,
      JobRunsLong: LAST_KNOWN,
    },
  },
  {
    name: 'one spoke of a hub does not allow to read models',
    ...OF_HUB,
    begin: ({ outages }) => {
      outages.deniedModels.add(scopeName(SPOKE));
      outages.deniedUse.add(scopeName(SPOKE));
    },
    alarm: 'ModelsSweepIncomplete',
    follows: { JobEventsDeadLettersNotEmpty: DEAD, UsageSweepIncomplete: 'nor its CloudWatch' },
  },
  {
    name: 'one spoke of a hub falls silent',
    ...OF_HUB,
    begin: ({ outages }) => outages.silentSpokes.add(scopeName(SPOKE)),
    alarm: 'ScopesReleased',
    names: scopeName(SPOKE),
    follows: { StateChangesMissed: UNREAD, CreationsMissed: UNREAD },
  },
  {
    // A spoke that tells of jobs is heard all the same.
    name: 'the rule of heartbeats is disabled, and no job tells of a spoke',
    ...OF_HUB,
    of: { ...OF_HUB.of, jobsADay: 0 },
    begin: ({ outages }) => outages.disabledRules.add('heartbeat'),
    alarm: 'ScopesReleased',
    names: scopeName(SPOKE),
  },
  {
    name: 'the policy of the queue has lost the rule of heartbeats',
    ...OF_HUB,
    begin: ({ outages }) => outages.refusedRules.add('heartbeat'),
    alarm: 'UndeliveredEventsNotEmpty',
    follows: { ScopesReleased: 'a spoke without jobs is not heard for a day' },
  },
  {
    name: 'the event source mapping of the queue of sweeps is disabled',
    ...OF_HUB,
    begin: ({ outages }) => outages.disabledMappings.add('sweeps'),
    alarm: 'SweepsWaiting',
    follows: { ActiveSweepIncomplete: 'no scope is swept in time', JobRunsLong: LAST_KNOWN },
  },
  {
    name: 'unreadable messages arrive in the queue of sweeps',
    ...OF_HUB,
    begin: (tracker) => repeat(tracker, HOUR, () => tracker.world.sweepsQueue.send('{"scope":"nowhere"}')),
    alarm: 'UndeliveredSweepsNotEmpty',
  },
  {
    name: 'the schedule of a hub is stopped',
    ...OF_HUB,
    begin: ({ outages }) => (outages.scheduleIsDisabled = true),
    alarm: 'ActiveSweepMissing',
  },
  {
    name: 'CloudWatch is denied',
    begin: ({ outages }) => outages.deniedUse.add(scopeName(HOME)),
    alarm: 'UsageSweepIncomplete',
  },
  {
    name: 'access to one job is denied',
    begin: (tracker) => tracker.outages.forbidden.add(tracker.createJob({ trains: 10 * 60 })),
    alarm: 'ActiveSweepIncomplete',
    follows: { JobEventsDeadLettersNotEmpty: DEAD, FullSweepIncomplete: 'the job is still listed when it has ended' },
  },
  {
    name: 'access to a short-lived job is denied',
    begin: (tracker) => tracker.outages.forbidden.add(tracker.createJob({ validates: 1, trains: 3 })),
    alarm: 'FullSweepIncomplete',
    follows: { JobEventsDeadLettersNotEmpty: DEAD },
  },
  {
    name: 'access to one model is denied',
    begin: (tracker) => {
      const job = tracker.world.bedrock.known(tracker.createJob({ trains: 60, ends: 'Completed' }));
      tracker.outages.forbidden.add(job?.life.plan?.outputModelArn ?? '');
    },
    alarm: 'ModelsSweepIncomplete',
    follows: { JobEventsDeadLettersNotEmpty: 'events of the model fail five times' },
  },
  {
    name: 'the schedule is stopped',
    begin: ({ outages }) => (outages.scheduleIsDisabled = true),
    alarm: 'ActiveSweepMissing',
    follows: NONE_ENDS,
  },
  {
    name: 'the schedule may not invoke the function',
    begin: ({ outages }) => (outages.scheduleIsAllowed = false),
    alarm: 'UndeliveredSweepsNotEmpty',
    follows: NONE_ENDS,
  },
  {
    name: 'track-job is throttled',
    begin: ({ outages }) => outages.throttledFunctions.add('track-job'),
    alarm: 'TrackJobThrottles',
    follows: {
      JobEventsDeadLettersNotEmpty: 'a message that Lambda does not hand over counts as received all the same',
      StateChangesMissed: UNREAD,
      CreationsMissed: UNREAD,
    },
  },
  {
    name: 'reconcile-jobs is throttled',
    begin: ({ outages }) => outages.throttledFunctions.add('reconcile-jobs'),
    alarm: 'ReconcileJobsThrottles',
    follows: NONE_ENDS,
  },
  {
    name: 'publish-transitions is throttled',
    begin: ({ outages }) => outages.throttledFunctions.add('publish-transitions'),
    alarm: 'PublishTransitionsThrottles',
  },
  {
    name: 'the jobs table is throttled',
    begin: ({ outages }) => outages.throttledTables.add(JOBS),
    alarm: 'JobsTableThrottled',
    follows: {
      ActiveSweepIncomplete: 'a job that changed cannot be tracked',
      FullSweepIncomplete: FULL,
      ModelsSweepIncomplete: NOT_BEGUN,
      JobEventsDeadLettersNotEmpty: DEAD,
    },
  },
  {
    name: 'the models table is throttled',
    begin: ({ outages }) => outages.throttledTables.add(MODELS_TABLE),
    alarm: 'JobsTableThrottled',
    follows: {
      ModelsSweepIncomplete: 'a model that changed cannot be tracked',
      UsageSweepIncomplete: 'no measurement can be written',
      JobEventsDeadLettersNotEmpty: DEAD,
    },
  },
  {
    name: 'unreadable messages arrive',
    begin: (tracker) => repeat(tracker, HOUR, () => tracker.world.sendUnreadable()),
    alarm: 'JobEventsDeadLettersNotEmpty',
  },
  {
    name: 'the transitions bus is denied',
    begin: ({ outages }) => (outages.busIsDenied = true),
    alarm: 'UndeliveredTransitionsNotEmpty',
  },
  {
    name: 'the notification topic is denied',
    stack: { notifications: {} },
    begin: ({ outages }) => (outages.topicIsDenied = true),
    alarm: 'UndeliveredNotificationsNotEmpty',
  },
  {
    name: 'notify-transition is throttled',
    stack: { notifications: {} },
    begin: ({ outages }) => outages.throttledFunctions.add('notify-transition'),
    alarm: 'NotifyTransitionThrottles',
    follows: { UndeliveredNotificationsNotEmpty: 'Lambda gives up after six hours' },
  },
  {
    name: 'a deployment breaks track-job',
    begin: ({ outages }) => outages.brokenFunctions.add('track-job'),
    alarm: 'TrackJobErrors',
    follows: { JobEventsDeadLettersNotEmpty: DEAD, StateChangesMissed: UNREAD, CreationsMissed: UNREAD },
  },
  {
    name: 'a deployment breaks reconcile-jobs',
    begin: ({ outages }) => outages.brokenFunctions.add('reconcile-jobs'),
    alarm: 'ActiveSweepMissing',
    follows: NONE_ENDS,
  },
  {
    name: 'a deployment breaks publish-transitions',
    begin: ({ outages }) => outages.brokenFunctions.add('publish-transitions'),
    alarm: 'PublishTransitionsErrors',
    follows: { UndeliveredTransitionsNotEmpty: 'Lambda gives up on what fails ten times' },
  },
  {
    name: 'Bedrock takes 12 seconds to answer',
    begin: ({ outages }) => (outages.bedrockTakesMs = 12_000),
    alarm: 'JobEventsDeadLettersNotEmpty',
    follows: { StateChangesMissed: 'messages wait for 8 seconds, sweeps for 15', CreationsMissed: 'as state changes' },
  },
  {
    name: 'Bedrock takes a minute to answer',
    begin: ({ outages }) => (outages.bedrockTakesMs = MINUTE),
    alarm: 'ActiveSweepIncomplete',
    follows: {
      FullSweepIncomplete: FULL,
      ModelsSweepIncomplete: MODELS,
      JobEventsDeadLettersNotEmpty: DEAD,
      UsageSweepIncomplete: NOT_BEGUN,
      JobRunsLong: LAST_KNOWN,
    },
  },
  {
    name: 'a job hangs',
    begin: (tracker) => tracker.createJob({ trains: 30 * 24 * 60 }),
    alarm: 'JobRunsLong',
  },
  {
    name: 'the key of tables, queues and logs is disabled',
    stack: {
      encryptionKeyArn: `arn:aws:kms:${HOME.region}:${HOME.accountId}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
      env,
    },
    begin: ({ outages }) => (outages.keyIsEnabled = false),
    alarm: 'ActiveSweepMissing',
    follows: {
      ...NONE_ENDS,
      EventsLost: 'neither queue takes an event',
      JobEventsWaiting: 'Lambda cannot read what was in the queue',
    },
  },
];
