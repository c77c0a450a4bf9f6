import { Duration } from 'aws-cdk-lib';
import { Match, Rule, type IEventBus } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, type IKey } from 'aws-cdk-lib/aws-kms';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV, TRANSITION_DETAIL_TYPE, TRANSITION_EVENT_SOURCE } from '../contract.ts';
import { undeliveredQueue } from './queues.ts';
import { trackerFunction, type TrackerFunctionSettings } from './tracker-function.ts';

export interface NotificationsProps {
  readonly settings: TrackerFunctionSettings;
  /** The bus that transitions are published on. */
  readonly bus: IEventBus;
  /** The statuses of a job that people are told of: `Completed`, `Failed` and so on. At least one. */
  readonly statuses: readonly string[];
  /** Addresses that get an e-mail each, once their owner has confirmed the subscription. */
  readonly emails: readonly string[];
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
   * Transitions that nobody could be told of: as EventBridge's event, as Lambda's account of a
   * failed invocation, or as SNS's message.
   */
  readonly undeliveredQueue: Queue;

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
    this.addRule(props);
  }

  private createTopic({ settings, emails }: NotificationsProps): Topic {
    const topic = new Topic(this, 'Topic', {
      displayName: 'Amazon Bedrock jobs',
      enforceSSL: true,
      masterKey: settings.encryptionKey ?? Alias.fromAliasName(this, 'SnsKey', 'alias/aws/sns'),
    });
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
    if (key !== undefined) {
      const actions = ['kms:Decrypt', 'kms:GenerateDataKey'];
      statements.push(new PolicyStatement({ actions, resources: [key.keyArn] }));
      // What these cannot deliver they put into the encrypted queue as themselves.
      const principals = ['events', 'sns'].map((service) => new ServicePrincipal(`${service}.amazonaws.com`));
      key.addToResourcePolicy(new PolicyStatement({ actions, principals, resources: ['*'] }));
    }
    for (const statement of statements) this.function.addToRolePolicy(statement);
  }

  private addRule({ bus, statuses }: NotificationsProps): void {
    new Rule(this, 'Rule', {
      description: 'Transitions of jobs that people are told of',
      eventBus: bus,
      eventPattern: {
        source: [TRANSITION_EVENT_SOURCE],
        detailType: [TRANSITION_DETAIL_TYPE],
        detail: {
          to: [...new Set(statuses)],
          // The job's own status, not a sub-task's.
          task: Match.doesNotExist(),
          // The first sweep of an account finds years of jobs, whose end is no news.
          via: Match.anythingBut('backfill'),
        },
      },
      targets: [
        new LambdaFunction(this.function, {
          deadLetterQueue: this.undeliveredQueue,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
  }
}
