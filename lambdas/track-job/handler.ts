import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import type { Context, SQSEvent } from 'aws-lambda';
import type { MetricRecorder } from '../../lib/runtime/metrics.ts';
import { errorFields, type Log } from '../../lib/runtime/log.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { formatScope, groupByJob, identifierOf, type HintGroup, type Scope } from '../../lib/domain/identity.ts';
import { type TrackedOutcome, type TrackingDependencies, trackJob } from '../../lib/tracking/track-job.ts';
import { modelsOf, type ModelHint } from '../../lib/tracking/model-hint.ts';
import { type ModelDependencies, trackModel } from '../../lib/tracking/track-model.ts';
import { parseMessage, type Message } from './parse-message.ts';
import { METRIC, type EventKind } from '../../lib/contract.ts';
import { hear } from '../../lib/tracking/hear.ts';
import type { Clock, ScopeStore } from '../../lib/tracking/ports.ts';
import type { Word } from '../../lib/tracking/scope.ts';

/** Only a look that wrote has a latency. */
const hasWritten = ({ outcome }: TrackedOutcome): boolean => outcome === 'created' || outcome === 'updated';

interface MeasuredEvent {
  readonly eventTime?: Date;
  readonly tells?: EventKind;
}

/**
 * Runs a look, counts it by its outcome, and, if it wrote, measures the time since the earliest of its events. Each event
 * counts as not missed, even if a sweep was faster: that tells late events from lost ones.
 */
const measureLook = async (
  { metrics, clock }: { readonly metrics: MetricRecorder; readonly clock: Clock },
  events: readonly MeasuredEvent[],
  look: () => Promise<TrackedOutcome>,
): Promise<TrackedOutcome> => {
  try {
    const tracked = await look();
    metrics.add(METRIC.jobsTracked, 1, { outcome: tracked.outcome });
    for (const { tells } of events) {
      // An InProgress job has had no change since its creation.
      const event = tells === 'state-change' && tracked.status === 'InProgress' ? 'creation' : tells;
      if (event !== undefined) metrics.add(METRIC.eventsMissed, 0, { event });
    }
    const eventTimes = events.flatMap(({ eventTime }) => eventTime ?? []);
    if (eventTimes.length > 0 && hasWritten(tracked)) {
      const earliest = Math.min(...eventTimes.map((time) => time.getTime()));
      // Clocks differ: an event from the future counts as now.
      metrics.add(METRIC.eventToRecordLatency, Math.max(0, clock().getTime() - earliest));
    }
    return tracked;
  } catch (error) {
    metrics.add(METRIC.jobsTracked, 1, { outcome: 'failed' });
    throw error;
  }
};

export interface TrackJobHandlerDependencies extends TrackingDependencies {
  /** Where the scopes of messages are registered. */
  readonly scopes: ScopeStore;
  readonly log: Log;
  readonly metrics: MetricRecorder;
  /** Absent where models are not tracked. */
  readonly models?: Omit<ModelDependencies, 'clock'>;
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
  if (jobIdentifier === undefined) throw new TrackerError('MESSAGE_NOT_UNDERSTOOD', 'The message does not name a job.');
  const { arn, outcome, status } = await measureLook({ metrics, clock: deps.clock }, events, () =>
    trackJob(deps, { scope: hint.scope, jobIdentifier, jobId: hint.jobId, via: 'event' }),
  );
  log.info('job tracked', { job_arn: arn, outcome, status, via: 'event', messages: positions.length });
};

/** Notes which scopes the messages come from: of each once. Of an ignored message nothing follows. */
const hearAll = (deps: TrackJobHandlerDependencies, messages: readonly Message[]): Map<string, Promise<unknown>> => {
  const words = new Map<string, { scope: Scope; word: Word }>();
  for (const { from, kind } of messages) {
    const key = formatScope(from);
    const isEvent = kind === 'hint' || kind === 'models' || words.get(key)?.word === 'event';
    words.set(key, { scope: from, word: isEvent ? 'event' : 'heartbeat' });
  }
  const heard = [...words].map(([key, { scope, word }]): [string, Promise<unknown>] => [key, hear(deps, scope, word)]);
  // Awaited for each message; this avoids an unhandled rejection until then.
  for (const [, one] of heard) one.catch(() => undefined);
  return new Map(heard);
};

/** Looks at the models that hints lead to: at each once, however many messages of the batch are about it. */
const modelLooks = ({ log, clock, models }: TrackJobHandlerDependencies) => {
  const looks = new Map<string, Promise<void>>();
  const look = async (deps: ModelDependencies, scope: Scope, modelArn: string): Promise<void> => {
    const { outcome, status } = await trackModel(deps, scope, modelArn);
    log.info('model tracked', { model_arn: modelArn, outcome, status, via: 'event' });
  };
  return async (hint: ModelHint): Promise<void> => {
    if (models === undefined) {
      log.info('message ignored', { because: 'models are not tracked' });
      return;
    }
    const deps = { ...models, clock };
    await Promise.all(
      (await modelsOf(deps, hint)).map((arn) => {
        const key = `${formatScope(hint.scope)} ${arn}`;
        const started = looks.get(key) ?? look(deps, hint.scope, arn);
        looks.set(key, started);
        return started;
      }),
    );
  };
};

/**
 * Handles a batch of queue messages. Messages about one job or model cost one look; each message that fails is logged and
 * returns to the queue alone, at last to its dead-letter queue.
 */
export const makeHandler =
  (deps: TrackJobHandlerDependencies) =>
  async (event: SQSEvent, context: Context): Promise<PartialItemFailureResponse> => {
    const parsed = event.Records.map(({ messageId, body }) => ({ messageId, ...parse(body) }));
    const hinted = parsed.flatMap((entry) =>
      'message' in entry && entry.message.kind === 'hint' ? [{ messageId: entry.messageId, ...entry.message }] : [],
    );
    const heard = hearAll(
      deps,
      parsed.flatMap((entry) => ('message' in entry ? entry.message : [])),
    );
    const looks = new Map<string, Promise<void>>();
    for (const group of groupByJob(hinted.map(({ hint }) => hint))) {
      const events = group.positions.flatMap((position) => hinted[position] ?? []);
      const look = track(deps, group, events);
      // Awaited below; this avoids an unhandled rejection until then.
      look.catch(() => undefined);
      for (const position of group.positions) looks.set(hinted[position]?.messageId ?? '', look);
    }
    const lookAtModels = modelLooks(deps);
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
          if (entry?.message.kind === 'models') await lookAtModels(entry.message.hint);
          await looks.get(messageId);
          if (entry) await heard.get(formatScope(entry.message.from));
        } catch (error) {
          deps.log.error('message failed', { message_id: messageId, ...errorFields(error) });
          throw error;
        }
      },
      new BatchProcessor(EventType.SQS),
      // A batch in which every message fails is not an error of the function: its messages return one by one, as always.
      { context, throwOnFullBatchFailure: false },
    );
  };
