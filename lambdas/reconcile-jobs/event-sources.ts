import { GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type EventSource, METRIC } from '../../lib/contract.ts';
import { clientSettingsOf, type Timeouts } from '../../lib/runtime/timeouts.ts';
import type { MetricRecorder } from '../../lib/runtime/metrics.ts';
import { errorFields, type Log } from '../../lib/runtime/log.ts';

/** For each event source, checks whether Lambda reads all of it. Rejects if that is unknown. */
export type EventSources = Readonly<Partial<Record<EventSource, () => Promise<boolean>>>>;

/** Short, as the sweep waits for these answers. */
const TIMEOUTS: Timeouts = { maxAttempts: 3, requestTimeout: 5_000 };

/** The states in which a mapping reads, or is about to. A state that AWS adds raises the alarm. */
const READING = new Set(['Creating', 'Enabling', 'Enabled', 'Updating']);

/** Its calls are free of charge. */
export const createLambdaClient = (): LambdaClient => new LambdaClient(clientSettingsOf(TIMEOUTS));

/** By the UUIDs of the event source mappings. A deleted mapping rejects too. */
export const lambdaEventSources = (
  client: LambdaClient,
  mappings: Readonly<Partial<Record<EventSource, readonly string[]>>>,
): EventSources =>
  Object.fromEntries(
    Object.entries(mappings).map(([source, uuids]) => [
      source,
      async () => {
        const answers = await Promise.all(uuids.map((UUID) => client.send(new GetEventSourceMappingCommand({ UUID }))));
        return answers.every(({ State = '' }) => READING.has(State));
      },
    ]),
  );

/** Measures for each event source whether Lambda reads it. Unknown counts as no: the alarm leads to the log line. */
export const measureSources = async (
  { metrics, log }: { readonly metrics: MetricRecorder; readonly log: Log },
  eventSources: EventSources,
): Promise<void> => {
  await Promise.all(
    Object.entries(eventSources).map(async ([source, isRead]) => {
      let enabled = false;
      try {
        enabled = await isRead();
        if (!enabled) log.error('event source not enabled', { source });
      } catch (error) {
        log.error('event source not checked', { source, ...errorFields(error) });
      }
      metrics.add(METRIC.eventSourceEnabled, enabled ? 1 : 0, { source });
    }),
  );
};
