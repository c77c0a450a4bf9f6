import { Duration } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, type IKey } from 'aws-cdk-lib/aws-kms';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV } from '../contract.ts';
import { allowService, grantKey } from './encryption.ts';
import type { WatchedRule } from './operations/watched.ts';
import type { Settings } from './props/validate-props.ts';
import { undeliveredQueue } from './queues.ts';
import { trackerFunction } from './tracker-function.ts';
import { transitionRule, type TransitionFilter } from './transitions.ts';

export interface NotificationsProps {
  readonly settings: Settings;
  /** The bus that transitions are published on. */
  readonly bus: IEventBus;
  /** The statuses of a job that people are told of: `Completed`, `Failed` and so on. At least one. */
  readonly statuses: string[];
  /** Addresses that get an e-mail each, once their owner has confirmed the subscription. */
  readonly emails: readonly string[];
  /** Whether people are told of deployments and throughputs that nothing uses any more. */
  readonly idleModels: boolean;
}

/**
 * Tells people when a job comes into one of some statuses: a rule, a function that writes the text, and a topic. Jobs
 * that the first sweep of a scope found are left out.
 *
 * SNS's first 1,000 e-mails of a month are free, and each 100,000 more cost $2.
 */
export class Notifications extends Construct {
  /** Subscribe anything else that SNS can deliver to. */
  readonly topic: Topic;
  readonly function: Function;
  /**
   * Notifications that failed: an EventBridge event, Lambda's record of a failed invocation, or an SNS message.
   */
  readonly undeliveredQueue: Queue;
  /** Hand the transitions over that people are told of; by name, as alarms watch them. */
  readonly rules: Readonly<Record<string, WatchedRule>>;

  constructor(scope: Construct, id: string, props: NotificationsProps) {
    super(scope, id);
    this.undeliveredQueue = undeliveredQueue(this, 'UndeliveredQueue', props.settings, 'notifications');
    this.topic = this.createTopic(props);
    this.function = trackerFunction(this, {
      ...props.settings,
      name: 'notify-transition',
      description: 'Tells people of a transition, in words',
      timeout: Duration.seconds(30),
    });
    this.function.addEnvironment(ENV.notificationsTopic, this.topic.topicArn);
    this.grant(props.settings.encryptionKey);
    this.function.configureAsyncInvoke({
      // Lambda's most, and its longest: a notification that is hours late is still worth it.
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      // Not SqsDestination, which may also read the queue's attributes.
      onFailure: { bind: () => ({ destination: this.undeliveredQueue.queueArn }) },
    });
    this.rules = {
      // Of the job's own status and not of a sub-task's; and not of years of jobs that the first sweep finds.
      Notification: this.addRule('Rule', 'Transitions of jobs that people are told of', props, {
        statuses: props.statuses,
      }),
      ...(props.idleModels && {
        IdleModel: this.addRule('IdleRule', 'Deployments and throughputs that nothing uses any more', props, IDLE),
      }),
    };
  }

  private createTopic({ settings, emails }: NotificationsProps): Topic {
    const topic = new Topic(this, 'Topic', {
      displayName: 'Amazon Bedrock jobs',
      masterKey: settings.encryptionKey ?? Alias.fromAliasName(this, 'SnsKey', 'alias/aws/sns'),
    });
    // Not by enforceSSL, which makes a policy of its own only since aws-cdk-lib 2.173.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowPublishThroughSSLOnly',
        effect: Effect.DENY,
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        principals: [new StarPrincipal()],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
    for (const email of new Set(emails)) {
      topic.addSubscription(new EmailSubscription(email, { deadLetterQueue: this.undeliveredQueue }));
    }
    return topic;
  }

  private grant(key: IKey | undefined): void {
    const statements = [
      new PolicyStatement({ actions: ['sns:Publish'], resources: [this.topic.topicArn] }),
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.undeliveredQueue.queueArn] }),
    ];
    for (const statement of statements) this.function.addToRolePolicy(statement);
    if (key === undefined) return;
    grantKey(key, this.function, 'send', ['sns', 'sqs']);
    // What these cannot deliver they put into the encrypted queue as themselves.
    for (const service of ['events', 'sns'] as const) allowService(this, key, service);
  }

  private addRule(id: string, description: string, { bus }: NotificationsProps, filter: TransitionFilter): WatchedRule {
    const target = new LambdaFunction(this.function, {
      deadLetterQueue: this.undeliveredQueue,
      retryAttempts: 185,
      maxEventAge: Duration.hours(24),
    });
    const rule = transitionRule(this, id, { description, bus, ...filter, target });
    return { rule, eventBusName: isDefaultBus(bus) ? undefined : bus.eventBusName };
  }
}

/** What is idle when the tracker is new is told of too. */
const IDLE: TransitionFilter = { models: true, statuses: ['Idle'], backfill: true };

/** CloudWatch names a rule's bus where it is not the account's default. */
const isDefaultBus = ({ eventBusName }: IEventBus): boolean => eventBusName === 'default';
