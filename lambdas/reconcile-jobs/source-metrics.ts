import type { EventSources } from '../../lib/runtime/event-sources.ts';
import type { Meter } from '../../lib/runtime/metrics.ts';
import { errorFields, type Log } from '../../lib/runtime/telemetry.ts';
import { METRIC } from '../../lib/contract.ts';

/**
 * Measures of each source of events whether Lambda reads it. Where nobody can tell, it counts as not read: a sweep goes on
 * without it, and the alarm leads to the log line.
 */
export const measureSources = async (
  { metrics, log }: { readonly metrics: Meter; readonly log: Log },
  eventSources: EventSources,
): Promise<void> => {
  await Promise.all(
    Object.entries(eventSources).map(async ([source, look]) => {
      let enabled = false;
      try {
        enabled = await look();
        if (!enabled) log.error('event source not enabled', { source });
      } catch (error) {
        log.error('event source not looked at', { source, ...errorFields(error) });
      }
      metrics.add(METRIC.eventSourceEnabled, enabled ? 1 : 0, { source });
    }),
  );
};
