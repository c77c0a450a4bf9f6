import type { Duration } from 'aws-cdk-lib';

/** When an alarm rings: in how many periods. Together they last a day at most, seven days with periods of an hour or more. */
export interface AlarmPeriods {
  /**
   * Whether the tracker has the alarm.
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * How long a period is: whole minutes.
   * @default - that of docs/configuration.md
   */
  readonly period?: Duration;
  /**
   * How many periods the alarm looks back.
   * @default - those of docs/configuration.md
   */
  readonly periods?: number;
  /**
   * In how many of these periods the threshold must be breached.
   * @default - in all, where `periods` is given
   */
  readonly breachingPeriods?: number;
}

/** When an alarm rings: from which value on, and in how many periods. */
export interface AlarmThreshold extends AlarmPeriods {
  /**
   * The value.
   * @default - that of docs/configuration.md
   */
  readonly threshold?: number;
}

/** Alarms that ring otherwise than by default. docs/configuration.md has the defaults, docs/runbook.md what to do. */
export interface AlarmThresholds {
  /** Messages in the dead-letter queue of track-job, at least this many. */
  readonly jobEventsDeadLettersNotEmpty?: AlarmThreshold;
  /** Messages in the queue of undelivered events, at least this many. */
  readonly undeliveredEventsNotEmpty?: AlarmThreshold;
  /** Messages in the queue of undelivered sweeps, at least this many. */
  readonly undeliveredSweepsNotEmpty?: AlarmThreshold;
  /** Messages in the queue of undelivered transitions, at least this many. */
  readonly undeliveredTransitionsNotEmpty?: AlarmThreshold;
  /** Messages in the queue of undelivered notifications, at least this many. */
  readonly undeliveredNotificationsNotEmpty?: AlarmThreshold;
  /** Seconds that the oldest event has waited in the queue, more than this. */
  readonly jobEventsWaiting?: AlarmThreshold;
  /** Seconds that the oldest sweep of a scope has waited in its queue, more than this: of a hub. */
  readonly sweepsWaiting?: AlarmThreshold;
  /** Lost events in a period, at least this many. */
  readonly eventsLost?: AlarmThreshold;
  /** Failed invocations of track-job in a period, at least this many. */
  readonly trackJobErrors?: AlarmThreshold;
  /** Throttled invocations of track-job in a period, at least this many. */
  readonly trackJobThrottles?: AlarmThreshold;
  /** Throttled invocations of reconcile-jobs in a period, at least this many. */
  readonly reconcileJobsThrottles?: AlarmThreshold;
  /** Failed invocations of publish-transitions in a period, at least this many. */
  readonly publishTransitionsErrors?: AlarmThreshold;
  /** Throttled invocations of publish-transitions in a period, at least this many. */
  readonly publishTransitionsThrottles?: AlarmThreshold;
  /** Throttled invocations of notify-transition in a period, at least this many. */
  readonly notifyTransitionThrottles?: AlarmThreshold;
  /** Periods without an active sweep. */
  readonly activeSweepMissing?: AlarmPeriods;
  /** Percent of the scopes that active sweeps cover, less than this. */
  readonly activeSweepIncomplete?: AlarmThreshold;
  /** Percent of the full sweeps of scopes that cover every job, less than this; a period without a sweep counts as 0. */
  readonly fullSweepIncomplete?: AlarmThreshold;
  /** Percent of the models sweeps of scopes that cover every model, less than this; a period without a sweep counts as 0. */
  readonly modelsSweepIncomplete?: AlarmThreshold;
  /** Percent of the usage sweeps of scopes that cover every model, less than this; a period without a sweep counts as 0. */
  readonly usageSweepIncomplete?: AlarmThreshold;
  /** Periods in which a scope cannot be swept: of a hub, three hours at most. */
  readonly scopesFailing?: AlarmPeriods;
  /** Periods in which a scope is released: of a hub, three hours at most. */
  readonly scopesReleased?: AlarmPeriods;
  /** Periods in which a job is older than `longRunningAfter`. */
  readonly jobRunsLong?: AlarmPeriods;
  /** Share of the changes of jobs that come without an event, more than this: from 0 to 1. */
  readonly stateChangesMissed?: AlarmThreshold;
  /** Share of the new jobs that come without an event, more than this: from 0 to 1. */
  readonly creationsMissed?: AlarmThreshold;
  /** Periods in which Lambda does not read the queue of events. */
  readonly jobEventsNotRead?: AlarmPeriods;
  /** Periods in which Lambda does not read the stream of a table of records. */
  readonly transitionsNotRead?: AlarmPeriods;
  /** Throttled requests to the tables of records in a period, at least this many. */
  readonly jobsTableThrottled?: AlarmThreshold;
}
