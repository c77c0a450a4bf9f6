import type { EventSource } from '../../../lib/contract.ts';
import type { AnyDetail } from '../../../lib/domain/transition-event.ts';

/** The functions of a tracker, by the folders of their entries. */
export type FunctionName = 'track-job' | 'reconcile-jobs' | 'publish-transitions' | 'notify-transition';
/** The rules of a tracker, by what they forward. */
export type RuleName = 'state-change' | 'api-call' | 'heartbeat';
/** What Lambda reads for a tracker: the queue, and the streams of jobs and of models; in a hub the queue of sweeps. */
export type MappingName = EventSource | 'model-transitions' | 'sweeps';
/** The queues in which something waits for a person. */
export type DeadLetters = 'job-events' | 'events' | 'sweeps' | 'transitions' | 'notifications';

/** What does not work in a world now, apart from the faults that strike by chance. Changed while the world runs. */
export interface Outages {
  readonly disabledRules: Set<RuleName>;
  /** Rules that the policy of the events' queue does not name. */
  readonly refusedRules: Set<RuleName>;
  /** Whether a trail of the account logs management events, without which no API call becomes an event. */
  hasTrail: boolean;
  /** Whether the policy of the events' queue, and that of the undelivered ones, lets EventBridge in. */
  queueTakesEvents: boolean;
  undeliveredQueueTakesEvents: boolean;
  /** Whether the poller may receive from the events' queue. */
  queueIsReadable: boolean;
  readonly disabledMappings: Set<MappingName>;
  /** Scopes in which Bedrock denies everything, and jobs and models that it denies. */
  readonly deniedScopes: Set<string>;
  /** Scopes in which Bedrock never answers. */
  readonly hungScopes: Set<string>;
  /** Scopes whose heartbeats are lost. */
  readonly lostHeartbeats: Set<string>;
  /** Scopes in which Bedrock denies what is about models, and those in which CloudWatch denies everything. */
  readonly deniedModels: Set<string>;
  readonly deniedUse: Set<string>;
  readonly forbidden: Set<string>;
  /** How long Bedrock takes to answer, in ms. */
  bedrockTakesMs: number;
  readonly throttledFunctions: Set<FunctionName>;
  /** Functions that fail before their first line. */
  readonly brokenFunctions: Set<FunctionName>;
  /** Tables that throttle reads and writes of single records. */
  readonly throttledTables: Set<string>;
  busIsDenied: boolean;
  topicIsDenied: boolean;
  scheduleIsDisabled: boolean;
  /** Scopes whose spoke sends nothing, neither heartbeats nor events. */
  readonly silentSpokes: Set<string>;
  /** Whether the schedule's role may invoke the function. */
  scheduleIsAllowed: boolean;
  /** Whether the customer's key of tables, queues and log groups can be used. */
  keyIsEnabled: boolean;
}

export const noOutages = (): Outages => ({
  disabledRules: new Set(),
  refusedRules: new Set(),
  hasTrail: true,
  queueTakesEvents: true,
  undeliveredQueueTakesEvents: true,
  queueIsReadable: true,
  disabledMappings: new Set(),
  deniedScopes: new Set(),
  hungScopes: new Set(),
  lostHeartbeats: new Set(),
  deniedModels: new Set(),
  deniedUse: new Set(),
  forbidden: new Set(),
  bedrockTakesMs: 0,
  throttledFunctions: new Set(),
  brokenFunctions: new Set(),
  throttledTables: new Set(),
  busIsDenied: false,
  topicIsDenied: false,
  scheduleIsDisabled: false,
  silentSpokes: new Set(),
  scheduleIsAllowed: true,
  keyIsEnabled: true,
});

/** One value of a metric, as it comes to CloudWatch. Names of functions, queues, rules and tables are the world's own. */
export interface Measurement {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** When, in ms; the present where absent. */
  readonly at?: number;
}

/** Where a world tells what an account's operator would see. */
export interface Observer {
  readonly measure: (measurement: Measurement) => void;
  /** Something came into a queue for a person. */
  readonly deposit: (queue: DeadLetters) => void;
  /** The bus hands a transition over to whoever has a rule for it. */
  readonly publish: (detail: AnyDetail) => void;
}
export const NOBODY: Observer = { measure: () => undefined, deposit: () => undefined, publish: () => undefined };
