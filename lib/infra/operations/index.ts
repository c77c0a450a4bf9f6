import type { BedrockJobTracker } from '../bedrock-job-tracker.ts';
import type { Settings } from '../props/validate-props.ts';
import { TrackerAlarms } from './alarms.ts';
import { TrackerDashboard } from './dashboard.ts';
import { watchedQueuesOf, type WatchedParts } from './watched.ts';

export interface OperationsProps {
  readonly settings: Settings;
  /** The rules that bring events in, by name. */
  readonly rules: WatchedParts['rules'];
}

/** Adds the alarms and the dashboard, unless the props leave them out. */
export function addOperations(tracker: BedrockJobTracker, { settings, rules }: OperationsProps): void {
  const { notifications, jobEventsQueue, jobsTable } = tracker;
  const parts: WatchedParts = {
    serviceName: settings.serviceName,
    metric: (name, options) => tracker.metric(name, options),
    jobEventsQueue,
    queues: watchedQueuesOf(tracker),
    functions: {
      trackJob: tracker.trackJobFunction,
      reconcileJobs: tracker.reconcileJobsFunction,
      publishTransitions: tracker.publishTransitionsFunction,
      ...(notifications && { notifyTransition: notifications.function }),
    },
    rules: { ...rules, ...(notifications && { Notification: notifications.watchedRule }) },
    jobsTable,
  };
  const alarms = settings.alarms
    ? new TrackerAlarms(tracker, 'Alarms', { ...settings, ...parts, topic: settings.alarmTopic }).alarms
    : [];
  if (settings.dashboard) new TrackerDashboard(tracker, 'Dashboard', { ...parts, alarms });
}
