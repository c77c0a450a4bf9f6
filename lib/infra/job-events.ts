import { Duration } from 'aws-cdk-lib';
import { Rule, type EventPattern } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { API_CALL_PATTERN, STATE_CHANGE_PATTERN } from '../contract.ts';
import { deadLetterQueue, secureQueue, undeliveredQueue, type QueueSettings } from './queues.ts';

export interface JobEventsProps {
  readonly settings: QueueSettings;
  /** Timeout of the function that reads the queue. */
  readonly consumerTimeout: Duration;
}

/**
 * What Bedrock and CloudTrail tell about jobs, as messages in a queue: each is an EventBridge event as it came.
 *
 * AWS services' events on the default bus are free, and the queue costs $0.40 a million requests.
 */
export class JobEvents extends Construct {
  readonly queue: Queue;
  /** Messages that track-job failed on five times: not understood, or about a job that Bedrock does not know. */
  readonly deadLetterQueue: Queue;
  /**
   * Events that EventBridge could not put into the queue, apart from those that were there and failed. SQS cannot
   * redrive them, as no queue is their source; the next sweep finds what they would have told.
   */
  readonly undeliveredQueue: Queue;

  constructor(scope: Construct, id: string, props: JobEventsProps) {
    super(scope, id);
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

    this.addRule('StateChangeRule', STATE_CHANGE_PATTERN, 'Bedrock: a model customization job changed its state');
    this.addRule('ApiCallRule', API_CALL_PATTERN, 'CloudTrail: a job was created, stopped, tagged or untagged');
  }

  private addRule(id: string, pattern: ContractPattern, description: string): void {
    new Rule(this, id, {
      description,
      eventPattern: eventPattern(pattern),
      targets: [
        new SqsQueue(this.queue, {
          deadLetterQueue: this.undeliveredQueue,
          // The longest that EventBridge offers. An event is only a hint to look, so a late one is as good as any.
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }
}

/** A pattern as the contract has it: in EventBridge's own words, and read-only. */
interface ContractPattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail?: Readonly<Record<string, unknown>>;
}

const eventPattern = (pattern: ContractPattern): EventPattern => ({
  source: [...pattern.source],
  detailType: [...pattern['detail-type']],
  ...(pattern.detail !== undefined && { detail: pattern.detail }),
});
