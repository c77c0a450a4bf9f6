import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandInput,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { TRANSITION_DETAIL_TYPE, TRANSITION_DETAIL_VERSION, TRANSITION_EVENT_SOURCE } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import type { TransitionDetail } from '../domain/transition-event.ts';
import type { TransitionBus } from '../tracking/publish-transitions.ts';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;

/** Attempts of one request end well within the function's minute, so that it gives back by itself what failed. */
const TIMEOUTS: Timeouts = { maxAttempts: 5, requestTimeout: 8_000 };

/** A client that gives up in time. */
export const createEventBridgeClient = (): EventBridgeClient => new EventBridgeClient(clientSettingsOf(TIMEOUTS));

/** The entry of one transition. A bus is named by its name, or by its ARN where it belongs to another account. */
export const transitionEntry = (bus: string, detail: TransitionDetail): PutEventsRequestEntry => ({
  EventBusName: bus,
  Source: TRANSITION_EVENT_SOURCE,
  DetailType: TRANSITION_DETAIL_TYPE,
  Resources: [detail.job_arn, ...(detail.output_model_arn === undefined ? [] : [detail.output_model_arn])],
  Detail: JSON.stringify({ version: TRANSITION_DETAIL_VERSION, ...detail }),
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
export const entryBytes = ({ Source, DetailType, Detail, Resources = [] }: PutEventsRequestEntry): number =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);

/** The requests that these entries take, in their order, each within EventBridge's limits. */
export const putEventsInputs = (entries: readonly PutEventsRequestEntry[]): PutEventsCommandInput[] => {
  const groups: PutEventsRequestEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const size = entryBytes(entry);
    const group = groups.at(-1);
    if (group === undefined || group.length === MAX_ENTRIES || size > room) {
      groups.push([entry]);
      room = MAX_BYTES - size;
    } else {
      group.push(entry);
      room -= size;
    }
  }
  return groups.map((Entries) => ({ Entries }));
};

const refusal = ({ ErrorCode, ErrorMessage }: PutEventsResultEntry): Error | undefined =>
  ErrorCode === undefined
    ? undefined
    : new TrackerError('EVENT_REFUSED', `EventBridge refused the event: ${ErrorCode}: ${ErrorMessage ?? ''}`);

/** An answer that does not speak of an entry has not confirmed it. */
const UNCONFIRMED: PutEventsResultEntry = {
  ErrorCode: 'Unconfirmed',
  ErrorMessage: 'the answer has no entry for it',
};

/** The transitions bus on EventBridge. A request that fails fails its own transitions alone. */
export const eventBridgeTransitionBus = (client: EventBridgeClient, bus: string): TransitionBus => ({
  async publish(details) {
    const inputs = putEventsInputs(details.map((detail) => transitionEntry(bus, detail)));
    const outcomes: (Error | undefined)[] = [];
    // One after the other: a write's transitions go out in their order, and a batch of the stream makes few requests.
    for (const input of inputs) {
      const entries = input.Entries ?? [];
      try {
        const { Entries = [] } = await client.send(new PutEventsCommand(input));
        outcomes.push(...entries.map((_, position) => refusal(Entries[position] ?? UNCONFIRMED)));
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error));
        outcomes.push(...entries.map(() => reason));
      }
    }
    return outcomes;
  },
});
