import { GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { EventSource } from '../contract.ts';
import { clientSettingsOf, type Patience } from './timeouts.ts';

/** Of each source of events a look at whether Lambda reads it. Rejects where that cannot be told. */
export type EventSources = Readonly<Partial<Record<EventSource, () => Promise<boolean>>>>;

/** A sweep waits for its answers beside its own work, so it is not to be the last that it waits for. */
const PATIENCE: Patience = { maxAttempts: 3, requestTimeout: 5_000 };

/** Of the states of a mapping those in which it reads, or is about to. A state that AWS adds is one to look at. */
const READING = new Set(['Creating', 'Enabling', 'Enabled', 'Updating']);

/** The client with which the mappings are looked at; its calls are free of charge. */
export const createLambdaClient = (): LambdaClient => new LambdaClient(clientSettingsOf(PATIENCE));

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
