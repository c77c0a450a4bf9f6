import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandInput,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import {
  MODEL_TRANSITION_DETAIL_TYPE,
  TRANSITION_DETAIL_TYPE,
  TRANSITION_DETAIL_VERSION,
  TRANSITION_EVENT_SOURCE,
} from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import type { AnyDetail } from '../domain/transition-event.ts';
import type { TransitionBus } from '../tracking/publish-transitions.ts';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;

/** All attempts end within the function's minute, so that it returns the failed records itself. */
const TIMEOUTS: Timeouts = { maxAttempts: 5, requestTimeout: 8_000 };

export const createEventBridgeClient = (): EventBridgeClient => new EventBridgeClient(clientSettingsOf(TIMEOUTS));

/** The ARNs that an event is about: of a job and its model, or of a model, what serves it, and its job. */
const resourcesOf = (detail: AnyDetail): string[] =>
  ('model_arn' in detail
    ? [detail.model_arn, detail.resource, detail.job_arn]
    : [detail.job_arn, detail.output_model_arn]
  ).filter((arn) => arn !== undefined);

export const transitionEntry = (bus: string, detail: AnyDetail): PutEventsRequestEntry => ({
  EventBusName: bus,
  Source: TRANSITION_EVENT_SOURCE,
  DetailType: 'model_arn' in detail ? MODEL_TRANSITION_DETAIL_TYPE : TRANSITION_DETAIL_TYPE,
  Resources: resourcesOf(detail),
  Detail: JSON.stringify({ version: TRANSITION_DETAIL_VERSION, ...detail }),
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
export const entryBytes = ({ Source, DetailType, Detail, Resources = [] }: PutEventsRequestEntry): number =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);

/** Splits entries into requests within EventBridge's limits, in order. */
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

/** For an entry that is missing in the answer. */
const UNCONFIRMED: PutEventsResultEntry = {
  ErrorCode: 'Unconfirmed',
  ErrorMessage: 'the answer has no entry for it',
};

/** A failed request fails only its own transitions. */
export const eventBridgeTransitionBus = (client: EventBridgeClient, bus: string): TransitionBus => ({
  async publish(details) {
    const inputs = putEventsInputs(details.map((detail) => transitionEntry(bus, detail)));
    const outcomes: (Error | undefined)[] = [];
    // Sequential: the transitions of a write stay in order, and a batch of the stream makes few requests.
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
