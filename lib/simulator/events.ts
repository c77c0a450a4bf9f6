/** The events that Bedrock and CloudTrail put on the default bus, in their documented shapes. */
import { randomUUID } from 'node:crypto';
import {
  BEDROCK_EVENT_SOURCE,
  CLOUDTRAIL_DETAIL_TYPE,
  CLOUDTRAIL_EVENT_SOURCE,
  STATE_CHANGE_DETAIL_TYPE,
} from '../contract.ts';
import { type JobAnswer, defined } from './life.ts';
import type { EventFaults, OperationName } from './faults.ts';
import { type Caller, type Scope, partitionOf } from './call.ts';
import type { Random } from './random.ts';
import type { Clock } from './clock.ts';

/** An event as EventBridge hands it to a rule's target. */
export interface SimulatedEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** To the second, as EventBridge has it. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Events tell times to the second. */
export const toSecond = (time: string | number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
const optionalSecond = (time: string | undefined): string | undefined =>
  time === undefined ? undefined : toSecond(time);

const envelope = ({ accountId, region }: Scope, detailType: string, time: number) =>
  ({
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source: BEDROCK_EVENT_SOURCE,
    account: accountId,
    time: toSecond(time),
    region,
  }) as const;

/** The ARNs of AWS's documented sample: none of them is one that an API accepts. */
const shortened = (job: JobAnswer, { accountId, region }: Scope) => {
  const start = `arn:${partitionOf(region)}:bedrock:${region}:${accountId}`;
  const modelId = job.baseModelArn?.split('/').at(-1)?.split(':')[0] ?? '';
  const [validator] = job.validationDataConfig?.validators ?? [];
  return {
    jobArn: `${start}:model-customization-job/${job.jobArn.split('/').at(-1) ?? ''}`,
    outputModelArn: `${start}:${job.outputModelName ?? ''}`,
    roleArn: job.roleArn?.replace(/:role\/.*\//, ':role/'),
    baseModelArn: `${start}:${modelId}`,
    validationDataConfig: validator && { s3Uri: validator.s3Uri },
  };
};

/** The job's own status has changed; sub-tasks send nothing. */
export const stateChangeEvent = (job: JobAnswer, scope: Scope, at: number, shortArns: boolean): SimulatedEvent => {
  const arns = shortArns ? shortened(job, scope) : job;
  return {
    ...envelope(scope, STATE_CHANGE_DETAIL_TYPE, at),
    resources: [arns.jobArn],
    detail: defined({
      version: '0.0',
      jobName: job.jobName,
      jobArn: arns.jobArn,
      outputModelName: job.outputModelName,
      outputModelArn: arns.outputModelArn,
      roleArn: arns.roleArn,
      jobStatus: job.status,
      failureMessage: job.failureMessage,
      creationTime: toSecond(job.creationTime),
      lastModifiedTime: optionalSecond(job.lastModifiedTime),
      endTime: optionalSecond(job.endTime),
      baseModelArn: arns.baseModelArn,
      hyperParameters: job.hyperParameters,
      trainingDataConfig: job.trainingDataConfig,
      validationDataConfig: arns.validationDataConfig,
      outputDataConfig: job.outputDataConfig,
    }),
  };
};

/** One API call that changes something, or tried to. */
export interface ApiCall {
  readonly caller: Caller;
  readonly operation: OperationName;
  readonly at: number;
  readonly requestId: string;
  readonly userAgent: string;
  /** Null where the request could not be read. */
  readonly requestParameters: unknown;
  readonly responseElements: object | null;
  readonly error?: { readonly code: string; readonly message: string };
}

const userIdentity = ({ accountId, region, accessKeyId }: Caller, at: number) => {
  const start = `arn:${partitionOf(region)}`;
  return {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLEEXAMPLE12:simulator',
    arn: assumedRoleArn({ accountId, region }),
    accountId,
    accessKeyId,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAEXAMPLEEXAMPLE12',
        arn: `${start}:iam::${accountId}:role/MlEngineer`,
        accountId,
        userName: 'MlEngineer',
      },
      attributes: { creationDate: toSecond(at), mfaAuthenticated: 'false' },
    },
  };
};

/** The identity that every simulated caller has. */
export const assumedRoleArn = ({ accountId, region }: Scope): string =>
  `arn:${partitionOf(region)}:sts::${accountId}:assumed-role/MlEngineer/simulator`;

export const apiCallEvent = ({ caller, operation, at, error, ...call }: ApiCall): SimulatedEvent => ({
  ...envelope(caller, CLOUDTRAIL_DETAIL_TYPE, at),
  resources: [],
  detail: {
    eventVersion: '1.11',
    userIdentity: userIdentity(caller, at),
    eventTime: toSecond(at),
    eventSource: CLOUDTRAIL_EVENT_SOURCE,
    eventName: operation,
    awsRegion: caller.region,
    sourceIPAddress: '127.0.0.1',
    userAgent: call.userAgent,
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    requestParameters: call.requestParameters,
    responseElements: call.responseElements,
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: caller.accountId,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `bedrock.${caller.region}.amazonaws.com`,
    },
  },
});

export type EventListener = (event: SimulatedEvent) => void;

/** An event that waits for a next one does not wait for ever. */
const LONGEST_HOLD_MS = 1000;

/** The way of an event to its listeners, with everything that EventBridge does not promise. */
export class Delivery {
  readonly #listeners = new Set<EventListener>();
  readonly #timers = new Set<() => void>();
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #faults: () => EventFaults;
  #held: SimulatedEvent[] = [];
  #closed = false;

  constructor(random: Random, clock: Clock, faults: () => EventFaults) {
    this.#random = random;
    this.#clock = clock;
    this.#faults = faults;
  }

  /** The answer unsubscribes. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  send(event: SimulatedEvent): void {
    const faults = this.#faults();
    if (!faults.enabled || this.#random.chance(faults.dropProbability)) return;
    const copies = this.#random.chance(faults.duplicateProbability) ? [event, event] : [event];
    if (this.#held.length === 0 && this.#random.chance(faults.reorderProbability)) {
      this.#held = copies;
      this.#later(LONGEST_HOLD_MS, () => {
        if (this.#held === copies) this.#release([]);
      });
      return;
    }
    this.#release(copies);
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#listeners.clear();
  }

  /** Hands out these events, and behind them the one that was held back. */
  #release(events: readonly SimulatedEvent[]): void {
    const all = [...events, ...this.#held];
    this.#held = [];
    const { delayMs } = this.#faults();
    for (const event of all) {
      const hand = (): void => {
        this.#hand(event);
      };
      // A listener that throws must not become an API error: it never runs inside a call.
      if (delayMs > 0) this.#later(delayMs, hand);
      else queueMicrotask(hand);
    }
  }

  #hand(event: SimulatedEvent): void {
    if (this.#closed) return;
    for (const listener of this.#listeners) listener(event);
  }

  #later(delayMs: number, task: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      task();
    });
    this.#timers.add(cancel);
  }
}
