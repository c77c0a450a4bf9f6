import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import type { Context, SQSEvent } from 'aws-lambda';
import type { Meter } from '../../lib/runtime/metrics.ts';
import { errorFields, type Log } from '../../lib/runtime/telemetry.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { groupByJob, identifierOf, type HintGroup } from '../../lib/domain/job-hint.ts';
import { trackJob, type TrackingDependencies } from '../../lib/tracking/track-job.ts';
import { measureLook } from './look-metrics.ts';
import { parseMessage, type Message } from './parse-message.ts';

export interface TrackJobHandlerDependencies extends TrackingDependencies {
  readonly log: Log;
  readonly metrics: Meter;
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
