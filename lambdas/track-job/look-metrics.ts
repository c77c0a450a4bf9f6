import type { Meter } from '../../lib/runtime/metrics.ts';
import { METRIC, type EventKind } from '../../lib/contract.ts';
import type { Clock } from '../../lib/tracking/ports.ts';
import type { TrackedOutcome } from '../../lib/tracking/track-job.ts';

/** Looks that write make the record show something new; the others say nothing about how long that took. */
const wrote = ({ outcome }: TrackedOutcome): boolean => outcome === 'created' || outcome === 'updated';

/** An event that led to a look, as far as it is measured. */
interface MeasuredEvent {
  readonly eventTime?: Date;
  readonly tells?: EventKind;
}

/**
 * Runs a look at a job and counts it by its outcome. Where it wrote, the time since the earliest of the events that led
 * to it is measured: that is the one that waited longest. Each event counts as one that was not missed, also where a sweep
 * was faster: that is how late events are told from lost ones.
 */
export const measureLook = async (
  { metrics, clock }: { readonly metrics: Meter; readonly clock: Clock },
  events: readonly MeasuredEvent[],
  look: () => Promise<TrackedOutcome>,
): Promise<TrackedOutcome> => {
  try {
    const tracked = await look();
    metrics.add(METRIC.jobsTracked, 1, { outcome: tracked.outcome });
    for (const { tells } of events) {
      // A job that is InProgress has not changed since its creation.
      const event = tells === 'state-change' && tracked.status === 'InProgress' ? 'creation' : tells;
      if (event !== undefined) metrics.add(METRIC.eventsMissed, 0, { event });
    }
    const eventTimes = events.flatMap(({ eventTime }) => eventTime ?? []);
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
