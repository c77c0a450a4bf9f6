import type { Construct } from 'constructs';
import { TrackerAlarms } from './alarms.ts';
import { TrackerDashboard } from './dashboard.ts';
import type { Settings } from '../props/settings.ts';
import type { WatchedParts } from './watched.ts';

/** What operators look at, as far as the props want it: the alarms, and the dashboard with them. */
export function addOperations(scope: Construct, settings: Settings, parts: WatchedParts): void {
  const alarms = settings.alarms
    ? new TrackerAlarms(scope, 'Alarms', { ...settings, ...parts, topic: settings.alarmTopic }).alarms
    : [];
  if (settings.dashboard) new TrackerDashboard(scope, 'Dashboard', { ...parts, alarms });
}
