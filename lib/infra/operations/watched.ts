import type { IRule } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { TrackerMetrics } from './metrics.ts';

/** The queues in which something waits for a person, by what put it there. */
export interface WatchedQueues {
  /** Messages that track-job failed on. */
  readonly jobEventsDeadLetters: IQueue;
  /** Events that EventBridge could not put into the queue of events. */
  readonly undeliveredEvents: IQueue;
  /** Sweeps that EventBridge Scheduler could not start. */
  readonly undeliveredSweeps: IQueue;
  /** Parts of the table's stream that publish-transitions failed on. */
  readonly undeliveredTransitions?: IQueue | undefined;
  /** Transitions that nobody was notified of. */
  readonly undeliveredNotifications?: IQueue | undefined;
}

/** What has them. */
export interface QueueOwner {
  readonly jobEventsDeadLetterQueue: IQueue;
  readonly undeliveredEventsQueue: IQueue;
  readonly undeliveredSweepsQueue: IQueue;
  readonly undeliveredTransitionsQueue: IQueue;
  readonly notifications?: { readonly undeliveredQueue: IQueue };
}

/** The watched queues of a tracker. */
export const watchedQueuesOf = (tracker: QueueOwner): WatchedQueues => ({
  jobEventsDeadLetters: tracker.jobEventsDeadLetterQueue,
  undeliveredEvents: tracker.undeliveredEventsQueue,
  undeliveredSweeps: tracker.undeliveredSweepsQueue,
  undeliveredTransitions: tracker.undeliveredTransitionsQueue,
  undeliveredNotifications: tracker.notifications?.undeliveredQueue,
});

export interface WatchedFunctions {
  readonly trackJob: IFunction;
  readonly reconcileJobs: IFunction;
  readonly publishTransitions?: IFunction | undefined;
  readonly notifyTransition?: IFunction | undefined;
}

/** A rule as its metrics name it. */
export interface WatchedRule {
  /** The rule itself. */
  readonly rule: IRule;
  /** The rule's bus. Leave it out for the default bus, whose metrics do not name it. */
  readonly eventBusName?: string | undefined;
}

/** The parts of a tracker that alarms and dashboard look at. Those that exist by a prop only are optional. */
export interface WatchedParts {
  readonly metrics: TrackerMetrics;
  /** Events on their way to track-job. */
  readonly jobEventsQueue: IQueue;
  readonly queues: WatchedQueues;
  readonly functions: WatchedFunctions;
  /** The tracker's rules by a name in PascalCase, which becomes part of the alarm's. */
  readonly rules: Readonly<Record<string, WatchedRule>>;
  readonly jobsTable: { readonly tableName: string };
}

/** The parts of a group that are there, by name. */
export const present = <T>(parts: Readonly<Record<string, T | undefined>>): [string, T][] =>
  Object.entries(parts).flatMap(([name, part]): [string, T][] => (part === undefined ? [] : [[name, part]]));

/** StateChange → stateChange, for names in expressions. */
export const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** jobEvents → JobEvents, for ids of constructs. */
export const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
