import { EventBridgeClient, InternalException, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { AnyDetail } from '../../../lib/domain/transition-event.ts';
import { apiCallEvent, stateChangeEvent, type SimulatedEvent } from '../../../lib/simulator/events.ts';
import type { Scope } from '../../../lib/domain/identity.ts';
import type { OperationName } from '../../../lib/simulator/faults.ts';
import { HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { answerAt } from '../../../lib/simulator/life.ts';
import type { WorldBedrock, WorldJob } from './bedrock.ts';
import type { Invocation, Machine, Refusal } from './invocation.ts';
import type { RuleName } from './outages.ts';

/** The rule that forwards an event, and the queue that it forwards to. */
export interface Route {
  readonly rule: RuleName;
  readonly send: () => void;
}

/**
 * Hands an event to its rule. What the queue does not take is dead-lettered at once, as EventBridge tries a
 * refusal for want of permission once; what cannot even be dead-lettered is gone.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export const route = (machine: Machine, { rule, send }: Route): void => {
  const { outages, observer } = machine;
  if (outages.disabledRules.has(rule) || (rule === 'api-call' && !outages.hasTrail)) return;
  deliver(machine, () => {
    if (outages.queueTakesEvents && !outages.refusedRules.has(rule) && outages.keyIsEnabled) {
      send();
      return;
    }
    const isKept = outages.undeliveredQueueTakesEvents && outages.keyIsEnabled;
    if (isKept) observer.deposit('events');
    const [name, dimensions] = ['InvocationsFailedToBeSentToDlq', { RuleName: rule }];
    if (!isKept) observer.measure({ namespace: 'AWS/Events', name, dimensions, value: 1 });
  });
};

/** Delivers an event as EventBridge may: never, twice, late, or after those that came later. */
const deliver = ({ time, faults }: Machine, send: () => void): void => {
  if (faults.strikes('an event is lost')) return;
  const delay = (): number => {
    const random = faults.random('delays');
    if (faults.strikes('an event is late by hours')) return random.between(1, 6) * HOUR;
    return random.between(0, faults.strikes('an event is overtaken') ? 10 * MINUTE : 1_000);
  };
  time.after(delay(), send);
  if (faults.strikes('an event comes twice')) time.after(delay(), send);
};

/** The event of a job that has ended; it may have another job's name and ARNs that nobody can ask by. */
export const endEvent = (
  { faults }: Machine,
  bedrock: WorldBedrock,
  { jobArn, scope, life }: WorldJob,
  at: number,
): { readonly event: SimulatedEvent; readonly isMisnamed: boolean } => {
  const answer = answerAt(life, at);
  const namesake = bedrock.jobs.find((other) => other.jobArn !== jobArn && other.scope === scope);
  const isMisnamed = namesake !== undefined && faults.strikes("an event has another job's name");
  const told = isMisnamed ? { ...answer, jobName: namesake.jobName } : answer;
  return { event: stateChangeEvent(told, scope, at, isMisnamed), isMisnamed };
};

/** CloudTrail's event of a call, by ARN (percent-encoded or not) or by name. */
export const callEvent = (
  operation: 'CreateModelCustomizationJob' | 'StopModelCustomizationJob' | 'TagResource',
  { jobArn, jobName, scope }: WorldJob,
  at: number,
  how: 'by name' | 'encoded' | 'plain',
): SimulatedEvent => {
  const byName = how === 'by name';
  const given = how === 'encoded' ? encodeURIComponent(jobArn) : jobArn;
  const parameters = {
    CreateModelCustomizationJob: { jobName },
    StopModelCustomizationJob: { jobIdentifier: byName ? jobName : given },
    TagResource: { resourceARN: given },
  };
  return apiCallEvent({
    caller: { ...scope, accessKeyId: 'AKIDEXAMPLE' },
    operation,
    at,
    requestId: `${operation}-${at}`,
    userAgent: 'world',
    requestParameters: parameters[operation],
    responseElements: operation === 'CreateModelCustomizationJob' && !byName ? { jobArn } : null,
  });
};

/** CloudTrail's event of a call about a model, or about what serves one: by ARN or by name, as it was made. */
export const modelCallEvent = (
  operation: OperationName,
  scope: Scope,
  at: number,
  { identifier, body, answer }: { readonly identifier: string; readonly body: object; readonly answer: object },
): SimulatedEvent => {
  const member = operation.endsWith('Throughput')
    ? 'provisionedModelId'
    : operation.endsWith('Deployment')
      ? 'customModelDeploymentIdentifier'
      : 'modelIdentifier';
  return apiCallEvent({
    caller: { ...scope, accessKeyId: 'AKIDEXAMPLE' },
    operation,
    at,
    requestId: `${operation}-${at}`,
    userAgent: 'world',
    requestParameters: { ...body, ...(identifier === '' ? {} : { [member]: identifier }) },
    responseElements: Object.keys(answer).length === 0 ? null : answer,
  });
};

/** A text that is no event of a job. */
export const unreadable = (number: number): string => {
  const bodies = ['no JSON', '{}', '{"detail-type":"Other"}', JSON.stringify({ detail: null })];
  return bodies[number % bodies.length] ?? '';
};

const denied = () =>
  Object.assign(new Error('not authorized to perform: events:PutEvents'), { name: 'AccessDeniedException' });

const refusalOf = ({ faults, outages }: Machine): Refusal | undefined => {
  if (outages.busIsDenied) return { when: 'before', error: denied() };
  const error = new InternalException({ message: 'Try again', $metadata: {} });
  if (faults.strikes('the bus throttles')) return { when: 'before', error };
  if (faults.strikes('the bus answers nothing though it took the events')) return { when: 'after', error };
  return undefined;
};

/** The EventBridge client that one invocation holds; what the bus takes is told to `publish`. */
export const busClient = (
  machine: Machine,
  invocation: Invocation,
  publish: (detail: AnyDetail) => void,
): EventBridgeClient => {
  const put = (command: PutEventsCommand): object => {
    const Entries = (command.input.Entries ?? []).map(({ Detail = '{}' }) => {
      if (machine.faults.strikes('the bus refuses an event'))
        return { ErrorCode: 'ThrottlingException', ErrorMessage: 'Slow' };
      publish(JSON.parse(Detail) as AnyDetail);
      return { EventId: 'e' };
    });
    return { Entries };
  };
  const send = (command: unknown): Promise<object> => {
    if (!(command instanceof PutEventsCommand)) throw new Error('The world knows no such command of EventBridge.');
    const refusal = refusalOf(machine);
    return invocation.request({ call: 'PutEvents', refusal, effect: () => put(command) });
  };
  return Object.assign(Object.create(EventBridgeClient.prototype) as EventBridgeClient, { send });
};
