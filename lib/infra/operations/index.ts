import type { BedrockJobTracker } from '../bedrock-job-tracker.ts';
import type { Settings } from '../props/validate-props.ts';
import { TrackerAlarms } from './alarms.ts';
import { TrackerDashboard } from './dashboard.ts';
import { watchedQueuesOf, type WatchedParts } from './watched.ts';

/** Adds the alarms and the dashboard that watch a tracker, unless the props leave them out. */
export function addOperations(tracker: BedrockJobTracker, settings: Settings, rules: WatchedParts['rules']) {
  const { notifyTransitionFunction, jobEventsQueue, sweepsQueue, jobsTable, modelsTable } = tracker;
  const parts: WatchedParts = {
    serviceName: settings.serviceName,
    metric: (name, options) => tracker.metric(name, options),
    jobEventsQueue,
    sweepsQueue,
    queues: watchedQueuesOf(tracker),
    functions: {
      trackJob: tracker.trackJobFunction,
      reconcileJobs: tracker.reconcileJobsFunction,
      publishTransitions: tracker.publishTransitionsFunction,
      ...(notifyTransitionFunction && { notifyTransition: notifyTransitionFunction }),
    },
    rules,
    jobsTable,
    modelsTable,
  };
  const alarms = settings.alarms
    ? new TrackerAlarms(tracker, 'Alarms', { ...settings, ...parts, topic: settings.alarmTopic }).alarms
    : [];
  const { dashboard } = settings.dashboard
    ? new TrackerDashboard(tracker, 'Dashboard', { ...parts, alarms, runbookUrl: settings.runbookUrl })
    : {};
  return { alarms, dashboard };
}
