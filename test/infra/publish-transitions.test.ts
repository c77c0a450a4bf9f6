import { describe, expect, it } from '@jest/globals';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { ENV } from '../../lib/contract.ts';
import type { BedrockJobTrackerProps } from '../../lib/infra/props/props.ts';
import { iamStatements, permissionsOf, type Statement } from './permissions.ts';
import { listOf, readable, resourceOf, resourcesOf } from './support.ts';
import { findingsOf, publishStack, templateOf } from './transition-stacks.ts';

const template = templateOf(publishStack());
const ROLE = '<PublishTransitionsRole>';
const queue = '<PublishTransitionsFailedQueue.Arn>';
const permissions = [
  'dynamodb:DescribeStream <JobsTable.StreamArn>',
  'dynamodb:GetRecords <JobsTable.StreamArn>',
  'dynamodb:GetShardIterator <JobsTable.StreamArn>',
  'dynamodb:ListStreams <JobsTable.StreamArn>',
  'events:PutEvents <Bus.Arn>',
  'logs:CreateLogStream <PublishTransitionsLogs.Arn>',
  'logs:PutLogEvents <PublishTransitionsLogs.Arn>',
  `sqs:SendMessage ${queue}`,
];

describe('publish-transitions', () => {
  it('may read the stream, put events and dead-letter, and nothing else', () => {
    expect(permissionsOf(template, ROLE)).toEqual(permissions);
  });

  it('may use the customer’s key besides, for the stream and the queue', () => {
    expect(permissionsOf(templateOf(publishStack({ withKey: true })), ROLE)).toEqual(
      [
        ...permissions,
        ...['kms:Decrypt', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'].map(
          (action) => `${action} <Key.Arn>`,
        ),
      ].sort(),
    );
  });

  it('may put no events but transitions: it cannot pass for another source', () => {
    const [statement, ...others] = iamStatements(template)
      .map((entry) => entry.statement)
      .filter(({ Action }) => listOf(Action).includes('events:PutEvents'));
    expect(others).toEqual([]);
    expect(statement?.Condition).toEqual({
      'ForAllValues:StringEquals': {
        'events:source': ['bedrock-job-tracker'],
        'events:detail-type': ['Model Customization Job Transitioned'],
      },
      Null: { 'events:source': 'false', 'events:detail-type': 'false' },
    });
  });

  it('knows its bus, and no table', () => {
    const { Environment } = resourceOf(template, 'AWS::Lambda::Function', 'PublishTransitions').Properties as {
      Environment: { Variables: Record<string, unknown> };
    };
    expect(readable(Environment.Variables[ENV.transitionsBus])).toBe('<Bus.Arn>');
    expect(Environment.Variables).not.toHaveProperty(ENV.jobsTable);
  });

  it('redacts failure messages where the prop asks for it', () => {
    const variables = (props: BedrockJobTrackerProps) => {
      const { Properties } = resourceOf(templateOf(publishStack({ props })), 'AWS::Lambda::Function', 'Publish');
      return (Properties as { Environment: { Variables: Record<string, unknown> } }).Environment.Variables;
    };
    expect(variables({ redactFailureMessages: true })).toHaveProperty(ENV.redactFailureMessages, 'true');
    expect(variables({})).not.toHaveProperty(ENV.redactFailureMessages);
  });

  it('follows the stream from its beginning, returns what failed alone, and gives up into the queue', () => {
    const { Properties } = resourceOf(template, 'AWS::Lambda::EventSourceMapping', 'Stream');
    expect(Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      ParallelizationFactor: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
      MaximumRecordAgeInSeconds: 43_200,
    });
    const { EventSourceArn, DestinationConfig } = Properties as {
      EventSourceArn: unknown;
      DestinationConfig: { OnFailure: { Destination: unknown } };
    };
    expect(readable(EventSourceArn)).toBe('<JobsTable.StreamArn>');
    expect(readable(DestinationConfig.OnFailure.Destination)).toBe(queue);
  });

  it('gives up within the stream’s 24 hours, so that what it gave up on can still be read', () => {
    const { Properties } = resourceOf(template, 'AWS::Lambda::EventSourceMapping', 'Stream');
    const { MaximumRecordAgeInSeconds } = Properties as { MaximumRecordAgeInSeconds: number };
    expect(MaximumRecordAgeInSeconds).toBeLessThanOrEqual(12 * 3600);
  });

  it('keeps what failed for 14 days, encrypted, by TLS alone', () => {
    const failed = resourceOf(template, 'AWS::SQS::Queue', 'FailedQueue').Properties;
    expect(failed).toEqual({
      MessageRetentionPeriod: 1_209_600,
      RedriveAllowPolicy: { redrivePermission: 'denyAll' },
      SqsManagedSseEnabled: true,
    });
    const statements = resourcesOf(template, 'AWS::SQS::QueuePolicy').flatMap(
      ([, { Properties }]) => (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement,
    );
    expect(statements).toMatchObject([{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }]);
  });

  it('exposes its function and its queue', () => {
    const { construct } = publishStack();
    expect([construct.function, construct.failedQueue].map(({ node }) => node.path)).toEqual([
      'Small/PublishTransitions/Function',
      'Small/PublishTransitions/FailedQueue',
    ]);
  });

  it.each([false, true])('is argued for wherever cdk-nag asks (with a key: %s)', (withKey) => {
    const { stack } = publishStack({ withKey });
    expect(findingsOf(new AwsSolutionsChecks(), stack)).toEqual([]);
    expect(findingsOf(new ServerlessChecks(), stack)).toEqual([]);
  });
});
