import { describe, expect, it } from '@jest/globals';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { ENV } from '../../lib/contract.ts';
import { permissionsOf, type Statement } from './permissions.ts';
import { readable, resourceOf, resourcesOf } from './support.ts';
import { findingsOf, notificationsStack, templateOf } from './transition-stacks.ts';

const template = templateOf(notificationsStack());
const withKey = templateOf(notificationsStack({ withKey: true }));
const ROLE = '<NotificationsRole>';
const queue = '<NotificationsUndeliveredQueue.Arn>';
const permissions = [
  'logs:CreateLogStream <NotificationsLogs.Arn>',
  'logs:PutLogEvents <NotificationsLogs.Arn>',
  'sns:Publish <NotificationsTopic>',
  `sqs:SendMessage ${queue}`,
];
const statementsOf = (from: typeof template, type: string): Statement[] =>
  resourcesOf(from, type).flatMap(
    ([, { Properties }]) => (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement,
  );

describe('notify-transition', () => {
  it('may publish to the topic and dead-letter, and nothing else', () => {
    expect(permissionsOf(template, ROLE)).toEqual(permissions);
  });

  it('may use the customer’s key besides, and so may EventBridge and SNS for their dead letters', () => {
    expect(permissionsOf(withKey, ROLE)).toEqual(
      ['kms:Decrypt <Key.Arn>', 'kms:GenerateDataKey <Key.Arn>', ...permissions].sort(),
    );
    const { KeyPolicy } = resourceOf(withKey, 'AWS::KMS::Key', 'Key').Properties as {
      KeyPolicy: { Statement: Statement[] };
    };
    for (const service of ['events.amazonaws.com', 'sns.amazonaws.com']) {
      expect(KeyPolicy.Statement).toContainEqual(
        expect.objectContaining({
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Principal: { Service: service },
          // Not on behalf of another account.
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      );
    }
  });

  it('knows its topic', () => {
    const { Environment } = resourceOf(template, 'AWS::Lambda::Function', 'Notifications').Properties as {
      Environment: { Variables: Record<string, unknown> };
    };
    expect(readable(Environment.Variables[ENV.notificationsTopic])).toBe('<NotificationsTopic>');
  });

  it('is tried three times within six hours; then the event is kept', () => {
    const { Properties } = resourceOf(template, 'AWS::Lambda::EventInvokeConfig', 'Notifications');
    expect(Properties).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 });
    const { DestinationConfig } = Properties as { DestinationConfig: { OnFailure: { Destination: unknown } } };
    expect(readable(DestinationConfig.OnFailure.Destination)).toBe(queue);
  });
});

const RULE = /^<NotificationsRule.*\.Arn>$/;

describe('the rule', () => {
  const rule = resourceOf(template, 'AWS::Events::Rule', 'Notifications').Properties as {
    EventBusName: unknown;
    Targets: { Arn: unknown; DeadLetterConfig: { Arn: unknown } }[];
  };

  it('matches jobs in the chosen statuses: no sub-tasks, and nothing that a backfill found', () => {
    expect(rule).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['bedrock-job-tracker'],
        'detail-type': ['Model Customization Job Transitioned'],
        detail: { to: ['Failed', 'Completed'], task: [{ exists: false }], via: [{ 'anything-but': ['backfill'] }] },
      },
    });
    expect(readable(rule.EventBusName)).toBe('<Bus>');
  });

  it('keeps what it cannot hand over for a day, then in the queue', () => {
    const [target, ...others] = rule.Targets;
    expect(others).toEqual([]);
    expect(target).toMatchObject({ RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } });
    expect(readable(target?.Arn)).toBe('<NotificationsFunction.Arn>');
    expect(readable(target?.DeadLetterConfig.Arn)).toBe(queue);
  });

  it('alone may have the function invoked', () => {
    const [permission, ...others] = resourcesOf(template, 'AWS::Lambda::Permission');
    expect(others).toEqual([]);
    expect(permission?.[1].Properties).toMatchObject({ Principal: 'events.amazonaws.com' });
    expect(readable((permission?.[1].Properties as { SourceArn: unknown }).SourceArn)).toMatch(RULE);
  });

  it('and the topic alone, of AWS’s services, may put into the queue', () => {
    const allowed = statementsOf(template, 'AWS::SQS::QueuePolicy').filter(({ Effect }) => Effect === 'Allow');
    const senders = allowed.map(({ Action, Principal, Condition }) => [
      Action,
      Principal?.['Service'],
      readable((Condition as { ArnEquals: Record<string, unknown> }).ArnEquals['aws:SourceArn']),
    ]);
    expect(senders).toEqual([
      ['sqs:SendMessage', 'sns.amazonaws.com', '<NotificationsTopic>'],
      ['sqs:SendMessage', 'events.amazonaws.com', expect.stringMatching(RULE)],
    ]);
  });
});

describe('the topic', () => {
  const topic = (from: typeof template) => resourceOf(from, 'AWS::SNS::Topic', 'Notifications').Properties;

  it('is encrypted: by the account’s own key for SNS, or by the customer’s', () => {
    const { KmsMasterKeyId } = topic(template) as { KmsMasterKeyId: unknown };
    expect(readable(KmsMasterKeyId)).toMatch(/alias\/aws\/sns$/);
    expect(readable((topic(withKey) as { KmsMasterKeyId: unknown }).KmsMasterKeyId)).toBe('<Key.Arn>');
  });

  it('refuses whoever publishes without TLS', () => {
    expect(statementsOf(template, 'AWS::SNS::TopicPolicy')).toMatchObject([
      {
        Effect: 'Deny',
        Action: 'sns:Publish',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  it('sends an e-mail to each address once, and keeps what it cannot send', () => {
    const subscriptions = resourcesOf(template, 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties);
    expect(subscriptions).toMatchObject([
      { Protocol: 'email', Endpoint: 'ml@example.com' },
      { Protocol: 'email', Endpoint: 'ops@example.com' },
    ]);
    for (const subscription of subscriptions) {
      const { RedrivePolicy } = subscription as { RedrivePolicy: { deadLetterTargetArn: unknown } };
      expect(readable(RedrivePolicy.deadLetterTargetArn)).toBe(queue);
    }
  });

  it('has no name of its own, so that two trackers fit into one account', () => {
    expect(topic(template)).not.toHaveProperty('TopicName');
  });
});

describe('notifications', () => {
  it('expose their topic, function and queue', () => {
    const { construct } = notificationsStack();
    expect([construct.topic, construct.function, construct.undeliveredQueue].map(({ node }) => node.path)).toEqual([
      'Small/Notifications/Topic',
      'Small/Notifications/Function',
      'Small/Notifications/UndeliveredQueue',
    ]);
  });

  it.each([false, true])('are argued for wherever cdk-nag asks (with a key: %s)', (key) => {
    const { stack } = notificationsStack({ withKey: key });
    expect(findingsOf(new AwsSolutionsChecks(), stack)).toEqual([]);
    expect(findingsOf(new ServerlessChecks(), stack)).toEqual([]);
  });
});
