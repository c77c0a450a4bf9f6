import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Settings } from '../props/validate-props.ts';
import { TrackerAlarms } from './alarms.ts';
import { TrackerDashboard } from './dashboard.ts';
import type { TrackerMetrics } from './metrics.ts';
import { watchedQueuesOf, type QueueOwner, type WatchedParts, type WatchedRule } from './watched.ts';

/** What is watched of a tracker. */
interface WatchedTracker extends Construct, QueueOwner {
  readonly jobsTable: WatchedParts['jobsTable'];
  readonly jobEventsQueue: IQueue;
  readonly trackJobFunction: IFunction;
  readonly reconcileJobsFunction: IFunction;
  readonly publishTransitionsFunction: IFunction;
  readonly notifications?: {
    readonly undeliveredQueue: IQueue;
    readonly function: IFunction;
    readonly watchedRule: WatchedRule;
  };
}

export interface OperationsProps {
  readonly settings: Settings;
  readonly metrics: TrackerMetrics;
  /** The rules that bring events in, by name. */
  readonly rules: WatchedParts['rules'];
}

/** What operators look at, as far as the props want it: the alarms, and the dashboard with them. */
export function addOperations(tracker: WatchedTracker, { settings, metrics, rules }: OperationsProps): void {
  const { notifications, jobEventsQueue, jobsTable } = tracker;
  const parts: WatchedParts = {
    metrics,
    jobEventsQueue,
    queues: watchedQueuesOf(tracker),
    functions: {
      trackJob: tracker.trackJobFunction,
      reconcileJobs: tracker.reconcileJobsFunction,
      publishTransitions: tracker.publishTransitionsFunction,
      notifyTransition: notifications?.function,
    },
    rules: { ...rules, ...(notifications && { Notification: notifications.watchedRule }) },
    jobsTable,
  };
  const alarms = settings.alarms
    ? new TrackerAlarms(tracker, 'Alarms', { ...settings, ...parts, topic: settings.alarmTopic }).alarms
    : [];
  if (settings.dashboard) new TrackerDashboard(tracker, 'Dashboard', { ...parts, alarms });
}
