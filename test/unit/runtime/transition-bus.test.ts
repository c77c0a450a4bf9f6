import { describe, expect, it } from '@jest/globals';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import {
  entryBytes,
  eventBridgeTransitionBus,
  putEventsInputs,
  transitionEntry,
} from '../../../lib/runtime/transition-bus.ts';
import { hasCode } from '../../../lib/domain/errors.ts';
import type { TransitionDetail } from '../../../lib/domain/transition-event.ts';
import { detailOf, modelDetailOf, newRecord } from '../../support/transitions.ts';

const detail = detailOf(newRecord('fine-tuning-completed'));
const numbered = (count: number): TransitionDetail[] =>
  Array.from({ length: count }, (_, n) => ({ ...detail, transition_id: `t${n}` }));
const accepted = (count: number) => Array.from({ length: count }, (_, n) => ({ EventId: `e${n}` }));

describe('the entry of a transition', () => {
  it('has the contract’s source and type, the job and the model as resources, and a version in its detail', () => {
    const entry = transitionEntry('my-bus', detail);
    expect(entry).toMatchObject({
      EventBusName: 'my-bus',
      Source: 'bedrock-job-tracker',
      DetailType: 'Model Customization Job Transitioned',
      Resources: [detail.job_arn, detail.output_model_arn],
    });
    expect(JSON.parse(entry.Detail ?? '')).toEqual({ version: '1', ...detail });
  });

  it('has only the job as a resource without a model', () => {
    expect(transitionEntry('b', detailOf(newRecord('fine-tuning-failed'))).Resources).toHaveLength(1);
  });

  it('about a model has its own type, and the model, what serves it and its job as resources', () => {
    const model = modelDetailOf();
    expect(transitionEntry('b', model)).toMatchObject({
      DetailType: 'Custom Model Transitioned',
      Resources: [model.model_arn, model.resource, model.job_arn],
    });
  });

  it('has its size in bytes, as EventBridge counts it', () => {
    expect(entryBytes({ Source: 'ab', DetailType: 'c', Detail: '"測"', Resources: ['def'] })).toBe(11);
  });
});

describe('requests to EventBridge', () => {
  const sizesOf = (entries: Parameters<typeof putEventsInputs>[0]) =>
    putEventsInputs(entries).map(({ Entries = [] }) => Entries.length);
  const ofBytes = (bytes: number) => ({ Source: '', DetailType: '', Detail: 'x'.repeat(bytes) });

  it('have ten entries at most, in order', () => {
    const entries = numbered(23).map((entry) => transitionEntry('b', entry));
    expect(sizesOf(entries)).toEqual([10, 10, 3]);
    expect(putEventsInputs(entries).flatMap(({ Entries = [] }) => Entries)).toEqual(entries);
  });

  it('have 256 KB at most', () => {
    expect(sizesOf([131_072, 131_072, 1].map(ofBytes))).toEqual([2, 1]);
    expect(sizesOf([262_144, 1, 262_143].map(ofBytes))).toEqual([1, 2]);
  });

  it('are none without entries', () => {
    expect(putEventsInputs([])).toEqual([]);
  });
});

describe('the transitions bus on EventBridge', () => {
  const client = mockClient(EventBridgeClient);
  const bus = eventBridgeTransitionBus(client as unknown as EventBridgeClient, 'b');

  it('reports each published transition', async () => {
    client.reset();
    client.on(PutEventsCommand).callsFake(({ Entries }: { Entries: unknown[] }) => ({
      FailedEntryCount: 0,
      Entries: accepted(Entries.length),
    }));
    expect(await bus.publish(numbered(12))).toEqual(Array.from({ length: 12 }, () => undefined));
    expect(client.commandCalls(PutEventsCommand)).toHaveLength(2);
  });

  it('reports the entries that EventBridge refused in an answer with status 200', async () => {
    client.reset();
    const refused = { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' };
    const [first, last] = accepted(2);
    client.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [first ?? {}, refused, last ?? {}] });
    const outcomes = await bus.publish(numbered(3));
    expect(outcomes.map((outcome) => outcome === undefined)).toEqual([true, false, true]);
    expect(outcomes[1]?.message).toBe('EventBridge refused the event: ThrottlingException: Rate exceeded');
    expect(hasCode(outcomes[1], 'EVENT_REFUSED')).toBe(true);
  });

  it('reports an entry that the answer does not have', async () => {
    client.reset();
    client.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: accepted(1) });
    expect((await bus.publish(numbered(2))).map((outcome) => outcome?.message)).toEqual([
      undefined,
      expect.stringContaining('Unconfirmed'),
    ]);
  });

  it('fails only the transitions of a failed request', async () => {
    client.reset();
    client
      .on(PutEventsCommand)
      .rejectsOnce(new Error('no route'))
      .resolves({ FailedEntryCount: 0, Entries: accepted(2) });
    const outcomes = await bus.publish(numbered(12));
    expect(outcomes.map((outcome) => outcome?.message)).toEqual([
      ...Array.from({ length: 10 }, () => 'no route'),
      undefined,
      undefined,
    ]);
  });
});
