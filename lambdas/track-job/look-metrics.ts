import type { Meter } from '../../lib/adapters/metrics.ts';
import { METRIC } from '../../lib/contract.ts';
import type { Clock } from '../../lib/tracking/ports.ts';
import type { TrackedOutcome } from '../../lib/tracking/track-job.ts';

/** Looks that write make the record show something new; the others say nothing about how long that took. */
const wrote = ({ outcome }: TrackedOutcome): boolean => outcome === 'created' || outcome === 'updated';

/**
 * Runs a look at a job and counts it by its outcome. Where it wrote, the time since the earliest of the events that led
 * to it is measured: that is the one that waited longest.
 */
export const measureLook = async (
  { metrics, clock }: { readonly metrics: Meter; readonly clock: Clock },
  eventTimes: readonly Date[],
  look: () => Promise<TrackedOutcome>,
): Promise<TrackedOutcome> => {
  try {
    const tracked = await look();
    metrics.add(METRIC.jobsTracked, 1, { outcome: tracked.outcome });
    if (eventTimes.length > 0 && wrote(tracked)) {
      const earliest = Math.min(...eventTimes.map((time) => time.getTime()));
      // Clocks differ: an event of the next moment is one of now.
      metrics.add(METRIC.eventToRecordLatency, Math.max(0, clock().getTime() - earliest));
    }
    return tracked;
  } catch (error) {
    metrics.add(METRIC.jobsTracked, 1, { outcome: 'failed' });
    throw error;
  }
};
