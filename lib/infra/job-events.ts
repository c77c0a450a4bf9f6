import { Duration } from 'aws-cdk-lib';
import { type EventBus, type EventPattern, Rule, type RuleProps } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { EVENTS_TARGET_QUEUE_SAME_ACCOUNT } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import type { WatchedRule } from './operations/watched.ts';
import { deadLetterQueue, secureQueue, undeliveredQueue, type QueueSettings } from './queues.ts';
import { API_CALL_PATTERN, HEARTBEAT_PATTERN, MODEL_API_CALL_PATTERN, STATE_CHANGE_PATTERN } from '../contract.ts';

/** A pattern as the contract has it: in EventBridge's own words, and read-only. */
const eventPattern = (
  pattern: typeof STATE_CHANGE_PATTERN | typeof API_CALL_PATTERN | typeof HEARTBEAT_PATTERN,
): EventPattern => ({
  source: [...pattern.source],
  detailType: [...pattern['detail-type']],
  ...('detail' in pattern && { detail: pattern.detail }),
});

/** The name of the rule that tells of models too. */
export const API_CALLS = 'ApiCallRule';

/** The rules that tell of jobs and of models: the same for the tracker's own events and for those that spokes forward. */
export const jobEvents = (models: boolean) => ({
  StateChangeRule: {
    description: 'Bedrock: a model customization job changed its state',
    eventPattern: eventPattern(STATE_CHANGE_PATTERN),
  },
  [API_CALLS]: {
    description: `CloudTrail: a job was created, stopped, tagged or untagged${models ? ', or a model or what serves it changed' : ''}`,
    eventPattern: eventPattern(models ? MODEL_API_CALL_PATTERN : API_CALL_PATTERN),
  },
});

/** The rule that tells of spokes: in each of them, and on the hub's bus. */
export const HEARTBEATS = {
  HeartbeatRule: {
    description: 'A spoke: this account and Region are there',
    eventPattern: eventPattern(HEARTBEAT_PATTERN),
  },
};

export interface JobEventsProps {
  readonly settings: QueueSettings & { readonly models: boolean };
  /** Where the events come in: the default bus for the stack's own, the hub's for those of spokes. */
  readonly buses: { readonly default: boolean; readonly hub: EventBus | undefined };
  /** Timeout of the function that reads the queue. */
  readonly consumerTimeout: Duration;
}

/**
 * What Bedrock and CloudTrail tell about jobs and models, as messages in a queue: each is an EventBridge event as it came.
 *
 * AWS services' events on the default bus are free, and the queue costs $0.40 a million requests.
 */
export class JobEvents extends Construct {
  readonly queue: Queue;
  /** Messages that track-job failed on five times: not understood, or about a job that Bedrock does not know. */
  readonly deadLetterQueue: Queue;
  /**
   * Events that EventBridge could not put into the queue, apart from those that were there and failed. SQS cannot
   * redrive them, as no queue is their source; the next sweep finds what they reported.
   */
  readonly undeliveredQueue: Queue;
  /** The rules by name, as alarms watch them. */
  readonly rules: Record<string, WatchedRule> = {};

  constructor(scope: Construct, id: string, props: JobEventsProps) {
    super(scope, id);
    // Without it the CDK lets EventBridge of every account write to a queue that a customer's key encrypts.
    this.node.setContext(EVENTS_TARGET_QUEUE_SAME_ACCOUNT, true);
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetterQueue', props.settings);
    this.queue = secureQueue(this, 'Queue', props.settings, {
      retentionPeriod: Duration.days(4),
      // Lambda's advice for an SQS event source: six times the timeout and at least five receives, so that a message
      // that was throttled is not taken for a poisoned one.
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * props.consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: 5 },
    });
    this.undeliveredQueue = undeliveredQueue(this, 'UndeliveredQueue', props.settings);

    const { models } = props.settings;
    if (props.buses.default) this.addRules('', jobEvents(models));
    if (props.buses.hub !== undefined) this.addRules('Spoke', { ...jobEvents(models), ...HEARTBEATS }, props.buses.hub);
  }

  private addRules(prefix: string, rules: Readonly<Record<string, RuleProps>>, bus?: EventBus): void {
    for (const [id, pattern] of Object.entries(rules)) {
      const rule = new Rule(this, prefix + id, {
        ...pattern,
        ...(bus !== undefined && { eventBus: bus }),
        targets: [
          new SqsQueue(this.queue, {
            deadLetterQueue: this.undeliveredQueue,
            // The longest that EventBridge offers. An event is only a hint to look, so a late one is as good as any.
            retryAttempts: 185,
            maxEventAge: Duration.hours(24),
          }),
        ],
      });
      this.rules[(prefix + id).replace(/Rule$/, '')] = { rule, eventBusName: bus?.eventBusName };
    }
  }
}
