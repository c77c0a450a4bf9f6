import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import type { Context, SQSEvent } from 'aws-lambda';
import type { MetricRecorder } from '../../lib/runtime/metrics.ts';
import { errorFields, type Log } from '../../lib/runtime/log.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { groupByJob, identifierOf, type HintGroup } from '../../lib/domain/identity.ts';
import { type TrackedOutcome, type TrackingDependencies, trackJob } from '../../lib/tracking/track-job.ts';
import { parseMessage, type Message } from './parse-message.ts';
import { METRIC, type EventKind } from '../../lib/contract.ts';
import type { Clock } from '../../lib/tracking/ports.ts';

/** Looks that write make the record show something new; the others say nothing about how long that took. */
const hasWritten = ({ outcome }: TrackedOutcome): boolean => outcome === 'created' || outcome === 'updated';

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
  { metrics, clock }: { readonly metrics: MetricRecorder; readonly clock: Clock },
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
    if (eventTimes.length > 0 && hasWritten(tracked)) {
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

export interface TrackJobHandlerDependencies extends TrackingDependencies {
  readonly log: Log;
  readonly metrics: MetricRecorder;
}

type HintMessage = Extract<Message, { kind: 'hint' }>;
type Parsed = { readonly message: Message } | { readonly error: unknown };

const parse = (body: string): Parsed => {
  try {
    return { message: parseMessage(body) };
  } catch (error) {
    return { error };
  }
};

const track = async (
  { log, metrics, ...deps }: TrackJobHandlerDependencies,
  { hint, positions }: HintGroup,
  events: readonly HintMessage[],
): Promise<void> => {
  const jobIdentifier = identifierOf(hint);
  if (jobIdentifier === undefined) throw new TrackerError('MESSAGE_NOT_UNDERSTOOD', 'The message names no job.');
  const { jobArn, outcome, status } = await measureLook({ metrics, clock: deps.clock }, events, () =>
    trackJob(deps, { scope: hint.scope, jobIdentifier, jobId: hint.jobId, via: 'event' }),
  );
  log.info('job tracked', { job_arn: jobArn, outcome, status, via: 'event', messages: positions.length });
};

/**
 * The handler of a batch of queue messages. Messages about one job cost one look at it; each message that cannot be
 * understood or tracked fails alone, is logged with what was wrong, and goes back to the queue (and at last to its DLQ).
 */
export const makeHandler =
  (deps: TrackJobHandlerDependencies) =>
  async (event: SQSEvent, context: Context): Promise<PartialItemFailureResponse> => {
    const parsed = event.Records.map(({ messageId, body }) => ({ messageId, ...parse(body) }));
    const hinted = parsed.flatMap((entry) =>
      'message' in entry && entry.message.kind === 'hint' ? [{ messageId: entry.messageId, ...entry.message }] : [],
    );
    const looks = new Map<string, Promise<void>>();
    for (const group of groupByJob(hinted.map(({ hint }) => hint))) {
      const events = group.positions.flatMap((position) => hinted[position] ?? []);
      const look = track(deps, group, events);
      // Every message of the group awaits it below; until then its failure is nobody's yet.
      look.catch(() => undefined);
      for (const position of group.positions) looks.set(hinted[position]?.messageId ?? '', look);
    }
    const messages = new Map(parsed.map((entry) => [entry.messageId, entry]));
    return processPartialResponse(
      event,
      async ({ messageId }: { messageId: string }) => {
        try {
          const entry = messages.get(messageId);
          if (entry && 'error' in entry) throw entry.error;
          if (entry?.message.kind === 'ignored') {
            deps.log.info('message ignored', { message_id: messageId, because: entry.message.because });
          }
          await looks.get(messageId);
        } catch (error) {
          deps.log.error('message failed', { message_id: messageId, ...errorFields(error) });
          throw error;
        }
      },
      new BatchProcessor(EventType.SQS),
      // A batch in which every message fails is no error of the function: its messages go back one by one, as always.
      { context, throwOnFullBatchFailure: false },
    );
  };
