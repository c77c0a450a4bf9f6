import { GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type EventSource, METRIC } from '../../lib/contract.ts';
import { clientSettingsOf, type Timeouts } from '../../lib/runtime/timeouts.ts';
import type { MetricRecorder } from '../../lib/runtime/metrics.ts';
import { errorFields, type Log } from '../../lib/runtime/log.ts';

/** Of each source of events a look at whether Lambda reads it. Rejects where that cannot be told. */
export type EventSources = Readonly<Partial<Record<EventSource, () => Promise<boolean>>>>;

/** A sweep waits for its answers beside its own work, so it is not to be the last that it waits for. */
const TIMEOUTS: Timeouts = { maxAttempts: 3, requestTimeout: 5_000 };

/** Of the states of a mapping those in which it reads, or is about to. A state that AWS adds is one to look at. */
const READING = new Set(['Creating', 'Enabling', 'Enabled', 'Updating']);

/** The client with which the mappings are looked at; its calls are free of charge. */
export const createLambdaClient = (): LambdaClient => new LambdaClient(clientSettingsOf(TIMEOUTS));

/** The event source mappings by their UUIDs. A mapping that is gone cannot be looked at, so it rejects too. */
export const lambdaEventSources = (
  client: LambdaClient,
  mappings: Readonly<Partial<Record<EventSource, string>>>,
): EventSources =>
  Object.fromEntries(
    Object.entries(mappings).map(([source, UUID]) => [
      source,
      async () => READING.has((await client.send(new GetEventSourceMappingCommand({ UUID }))).State ?? ''),
    ]),
  );

/**
 * Measures of each source of events whether Lambda reads it. Where nobody can tell, it counts as not read: a sweep goes on
 * without it, and the alarm leads to the log line.
 */
export const measureSources = async (
  { metrics, log }: { readonly metrics: MetricRecorder; readonly log: Log },
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
