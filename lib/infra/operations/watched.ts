import type { IRule } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { BedrockJobTracker } from '../bedrock-job-tracker.ts';
import type { FunctionOverrides } from '../props/functions.ts';
import type { MetricOf } from './metrics.ts';

/** The queues that are empty unless something is wrong. */
export type WatchedQueue =
  | 'jobEventsDeadLetters'
  | 'undeliveredEvents'
  | 'undeliveredSweeps'
  | 'undeliveredTransitions'
  | 'undeliveredNotifications';

/** Those of a tracker. */
export const watchedQueuesOf = (tracker: BedrockJobTracker): Partial<Record<WatchedQueue, IQueue>> => ({
  jobEventsDeadLetters: tracker.jobEventsDeadLetterQueue,
  undeliveredEvents: tracker.undeliveredEventsQueue,
  undeliveredSweeps: tracker.undeliveredSweepsQueue,
  undeliveredTransitions: tracker.undeliveredTransitionsQueue,
  ...(tracker.undeliveredNotificationsQueue && {
    undeliveredNotifications: tracker.undeliveredNotificationsQueue,
  }),
});

export type WatchedFunction = keyof FunctionOverrides;

/** A rule as its metrics name it. */
export interface WatchedRule {
  /** The rule itself. */
  readonly rule: IRule;
  /** The rule's bus. Leave it out for the default bus, whose metrics do not name it. */
  readonly eventBusName?: string | undefined;
}

/** The parts of a tracker that alarms and dashboard look at. */
export interface WatchedParts {
  readonly serviceName: string;
  readonly metric: MetricOf;
  /** Events on their way to track-job. */
  readonly jobEventsQueue: IQueue;
  /** Sweeps of scopes on their way to reconcile-jobs: in a hub. */
  readonly sweepsQueue?: IQueue | undefined;
  readonly queues: Partial<Record<WatchedQueue, IQueue>>;
  readonly functions: Partial<Record<WatchedFunction, IFunction>>;
  /** The tracker's rules by a name in PascalCase, which becomes part of an alarm's. */
  readonly rules: Readonly<Record<string, WatchedRule>>;
  readonly jobsTable: { readonly tableName: string };
  readonly modelsTable?: { readonly tableName: string } | undefined;
}

/** Object.entries with the names' type. */
export const entriesOf = <Name extends string, T>(parts: Partial<Record<Name, T>>): [Name, T][] =>
  Object.entries(parts) as [Name, T][];

/** StateChange → stateChange, for names in expressions. */
export const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** jobEvents → JobEvents, for ids of constructs. */
export const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
