import { describe, expect, it } from '@jest/globals';
import { CfnResource } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { OUTPUT } from '../../lib/contract.ts';
import { BedrockJobTrackerSpoke } from '../../lib/infra/hub/spoke.ts';
import { STACK_NAME } from '../../lib/infra/props/props.ts';
import { BedrockJobTrackerStack } from '../../lib/infra/stack.ts';
import type { Statement } from './permissions.ts';
import {
  defaultTemplate,
  FULL_PROPS,
  fullTemplate,
  makeApp,
  makeStack,
  readable,
  resourcesOf,
  synthesize,
  toTemplate,
  type CfnTemplate,
} from './support.ts';

// What holds for the whole stack, whoever adds to it.

describe('the stack', () => {
  it('has these resources: a change of the template shows here', () => {
    expect(Object.entries(defaultTemplate().Resources).map(([id, { Type }]) => `${Type} ${id}`)).toMatchSnapshot();
  });

  it('gives access to all that it makes, but for what joins the parts', () => {
    const stack = makeStack({ ...FULL_PROPS, vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d'] });
    const within = (construct: Construct): CfnResource[] => construct.node.findAll().filter(CfnResource.isCfnResource);
    const made = within(stack).map(
      ({ logicalId, cfnResourceType }) => `${cfnResourceType} ${stack.resolve(logicalId)}`,
    );
    const reached = Object.values(stack.tracker)
      .flat()
      .flatMap((part: unknown) => (Construct.isConstruct(part) ? [part.node.defaultChild] : []))
      .filter((part) => CfnResource.isCfnResource(part))
      .map(({ logicalId, cfnResourceType }) => `${cfnResourceType} ${stack.resolve(logicalId)}`);
    const others = made.filter((resource) => !reached.includes(resource)).map((resource) => resource.split(' ')[0]);
    expect([...new Set(others)].sort()).toEqual([
      'AWS::Events::EventBusPolicy',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Lambda::EventInvokeConfig',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Permission',
      'AWS::SNS::Subscription',
      'AWS::SNS::TopicPolicy',
      'AWS::SQS::QueuePolicy',
      'AWS::SSM::Parameter',
      'AWS::Scheduler::Schedule',
      // Reached as one that is imported by its name.
      'AWS::Scheduler::ScheduleGroup',
    ]);
  });

  it('is named BedrockJobTracker, as documents and scripts say', () => {
    expect(makeStack()).toBeInstanceOf(BedrockJobTrackerStack);
    expect(makeStack().stackName).toBe(STACK_NAME);
    expect(STACK_NAME).toBe('BedrockJobTracker');
  });

  it('has the outputs of the contract, and no other', () => {
    const outputsOf = ({ Outputs }: CfnTemplate) =>
      Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, readable(Value)]));
    const always = {
      [OUTPUT.jobsTableName]: '<TrackerJobsTable>',
      [OUTPUT.jobsTableArn]: '<TrackerJobsTable.Arn>',
      [OUTPUT.modelsTableName]: '<TrackerModelsTable>',
      [OUTPUT.modelsTableArn]: '<TrackerModelsTable.Arn>',
      [OUTPUT.jobEventsQueueUrl]: '<TrackerJobEventsQueue>',
      [OUTPUT.jobEventsDeadLetterQueueUrl]: '<TrackerJobEventsDeadLetterQueue>',
      [OUTPUT.trackJobFunctionName]: '<TrackerTrackJobFunction>',
      [OUTPUT.reconcileJobsFunctionName]: '<TrackerReconcileJobsFunction>',
      [OUTPUT.publishTransitionsFunctionName]: '<TrackerPublishTransitionsFunction>',
      [OUTPUT.undeliveredEventsQueueUrl]: '<TrackerJobEventsUndeliveredQueue>',
      [OUTPUT.undeliveredSweepsQueueUrl]: '<TrackerReconcileJobsUndeliveredQueue>',
      [OUTPUT.undeliveredTransitionsQueueUrl]: '<TrackerPublishTransitionsFailedQueue>',
      [OUTPUT.scheduleGroupName]: '<TrackerReconcileJobsSweepsGroup>',
      [OUTPUT.transitionsBusArn]: expect.stringMatching(/:event-bus\/default$/),
      [OUTPUT.alarmNamePrefix]: '<AWS::StackName>-TrackerAlarms',
    };
    expect(outputsOf(defaultTemplate())).toEqual(always);
    expect(outputsOf(fullTemplate())).toEqual({
      ...always,
      [OUTPUT.notifyTransitionFunctionName]: '<TrackerNotificationsFunction>',
      [OUTPUT.notificationsTopicArn]: '<TrackerNotificationsTopic>',
      [OUTPUT.undeliveredNotificationsQueueUrl]: '<TrackerNotificationsUndeliveredQueue>',
      [OUTPUT.hubAccountId]: '111122223333',
      [OUTPUT.hubBusArn]: '<TrackerHubBus.Arn>',
      [OUTPUT.hubId]: expect.stringMatching(/^[0-9a-f]{8}$/),
      [OUTPUT.hubRoleArns]: '<TrackerTrackJobRole.Arn>,<TrackerReconcileJobsRole.Arn>',
    });
    expect(Object.keys(fullTemplate().Outputs).sort()).toEqual(Object.values(OUTPUT).sort());
  });

  it('says by a tag whose the tables, queues and functions are', () => {
    const tagged = ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Lambda::Function'].flatMap((type) =>
      resourcesOf(defaultTemplate(), type),
    );
    for (const [, { Properties }] of tagged) {
      expect(Properties).toMatchObject({ Tags: [{ Key: 'application', Value: 'bedrock-job-tracker' }] });
    }
  });
});

const logicalIds = (type: string): string[] => resourcesOf(fullTemplate(), type).map(([id]) => id);
const each = (type: string) => resourcesOf(fullTemplate(), type).map(([id, resource]) => [id, resource] as const);

interface Target {
  readonly DeadLetterConfig?: { readonly Arn: unknown };
  readonly RetryPolicy?: object;
}

/** Whatever EventBridge delivers to, from a rule or a schedule. */
const targets = (): Target[] => [
  ...resourcesOf(fullTemplate(), 'AWS::Events::Rule').flatMap(
    ([, rule]) => (rule.Properties as { Targets: Target[] }).Targets,
  ),
  ...resourcesOf(fullTemplate(), 'AWS::Scheduler::Schedule').map(
    ([, schedule]) => (schedule.Properties as { Target: Target }).Target,
  ),
];

/** The queues that anything dead-letters to, as readable ARNs. */
const deadLetterArns = (): string[] => [
  ...targets().flatMap(({ DeadLetterConfig }) => (DeadLetterConfig ? [readable(DeadLetterConfig.Arn)] : [])),
  ...redrivePolicies().map(({ deadLetterTargetArn }) => readable(deadLetterTargetArn)),
  ...failureDestinations().map(readable),
];

/** Where Lambda puts what a stream's reader or an asynchronous invocation gave up on. */
const failureDestinations = (): unknown[] =>
  ['AWS::Lambda::EventSourceMapping', 'AWS::Lambda::EventInvokeConfig'].flatMap((type) =>
    resourcesOf(fullTemplate(), type).flatMap(([, { Properties }]) => {
      const { DestinationConfig } = Properties as { DestinationConfig?: { OnFailure: { Destination: unknown } } };
      return DestinationConfig ? [DestinationConfig.OnFailure.Destination] : [];
    }),
  );

const redrivePolicies = () =>
  resourcesOf(fullTemplate(), 'AWS::SQS::Queue').flatMap(([, { Properties }]) => {
    const { RedrivePolicy } = Properties as { RedrivePolicy?: { deadLetterTargetArn: unknown } };
    return RedrivePolicy ? [RedrivePolicy] : [];
  });

describe.each(each('AWS::Lambda::Function'))('function %s', (_id, { Properties }) => {
  it('runs on arm64 and Node.js 24', () => {
    expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x' });
  });

  it('writes to a log group of its own that forgets', () => {
    const groupOf = (properties: unknown) =>
      (properties as { LoggingConfig: { LogGroup: { Ref: string } } }).LoggingConfig.LogGroup.Ref;
    const group = groupOf(Properties);
    const users = resourcesOf(fullTemplate(), 'AWS::Lambda::Function').filter(
      ([, other]) => groupOf(other.Properties) === group,
    );
    expect(users).toHaveLength(1);
    expect(fullTemplate().Resources[group]).toMatchObject({
      Type: 'AWS::Logs::LogGroup',
      Properties: { RetentionInDays: 90 },
    });
  });

  it('leaves its log lines to Powertools: Lambda must not wrap or filter them', () => {
    expect(Properties).toMatchObject({ LoggingConfig: { LogFormat: 'Text' } });
    expect(Properties).not.toHaveProperty('TracingConfig');
  });
});

describe.each(each('AWS::SQS::Queue'))('queue %s', (id, { Properties }) => {
  it('is encrypted', () => {
    expect(Properties).toMatchObject({ SqsManagedSseEnabled: true });
  });

  it('refuses requests without TLS', () => {
    const statements = resourcesOf(fullTemplate(), 'AWS::SQS::QueuePolicy')
      .map(
        ([, policy]) => policy.Properties as { Queues: { Ref: string }[]; PolicyDocument: { Statement: Statement[] } },
      )
      .filter(({ Queues }) => Queues.some(({ Ref }) => Ref === id))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sqs:*',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  it('has a dead-letter queue, or is one', () => {
    const isOne = deadLetterArns().includes(readable({ 'Fn::GetAtt': [id, 'Arn'] }));
    const hasOne = Object.hasOwn(Properties as object, 'RedrivePolicy');
    expect({ isOne, hasOne }).toEqual({ isOne: !hasOne, hasOne });
  });
});

describe('deliveries by EventBridge', () => {
  it('all have a dead-letter queue, as events without one vanish', () => {
    expect(targets()).toHaveLength(7);
    for (const { DeadLetterConfig } of targets()) expect(readable(DeadLetterConfig?.Arn)).toMatch(/Queue\.Arn>$/);
  });

  it('all say how often they are retried', () => {
    for (const { RetryPolicy } of targets()) {
      expect(RetryPolicy).toEqual({
        MaximumEventAgeInSeconds: expect.any(Number),
        MaximumRetryAttempts: expect.any(Number),
      });
    }
  });
});

/** Every variant of the tracker, and the spoke. */
const templates = (): [string, CfnTemplate][] => [
  ['default', defaultTemplate()],
  ['full', fullTemplate()],
  ['with a key', synthesize({ ...FULL_PROPS, encryptionKeyArn: KEY_ARN, tracing: true })],
  ['spoke', toTemplate(Template.fromStack(new BedrockJobTrackerSpoke(makeApp())))],
];
const KEY_ARN = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

describe('what stays when the stack goes', () => {
  it('is the jobs table and the models table alone', () => {
    const kept = templates().flatMap(([variant, { Resources }]) =>
      Object.entries(Resources)
        .filter(([, { DeletionPolicy = '', UpdateReplacePolicy = '' }]) =>
          [DeletionPolicy, UpdateReplacePolicy].some((policy) => /Retain|Snapshot/.test(policy)),
        )
        .map(([id]) => `${variant}: ${id}`),
    );
    const tables = ['TrackerJobsTable5BDDF22E', 'TrackerModelsTableD5205836'];
    expect(kept).toEqual(
      ['default', 'full', 'with a key'].flatMap((variant) => tables.map((table) => `${variant}: ${table}`)),
    );
  });
});

/** Names in properties that are not the resource's own: what it measures, refers to, shows, or names inside a role. */
const OTHER_NAMES = ['MetricName', 'DisplayName', 'EventBusName', 'GroupName', 'PolicyName'];

/** The names that the template itself gives to resources. CloudFormation makes all others, each time anew. */
const namesIn = ({ Resources }: CfnTemplate): string[] =>
  Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
    Object.entries(Properties as object)
      .filter(([key, value]) => /Name$/.test(key) && !OTHER_NAMES.includes(key) && typeof value === 'string')
      .map(([, name]) => `${Type} ${String(name)}`),
  );

describe('names that other things hold on to', () => {
  it('the tables and queues keep their logical ids: CloudFormation would replace them, and their content', () => {
    expect([...logicalIds('AWS::DynamoDB::Table'), ...logicalIds('AWS::SQS::Queue')].sort()).toEqual([
      'TrackerJobEventsDeadLetterQueueA06557CF',
      'TrackerJobEventsQueue512CB5B0',
      'TrackerJobEventsUndeliveredQueueA542F157',
      'TrackerJobsTable5BDDF22E',
      'TrackerModelsTableD5205836',
      'TrackerNotificationsUndeliveredQueue11250767',
      'TrackerPublishTransitionsFailedQueueA7B4F0B9',
      'TrackerReconcileJobsQueue4FD21CA5',
      'TrackerReconcileJobsUndeliveredQueue6F8D80A7',
      'TrackerSweepsTable0C08ECF8',
    ]);
  });

  it('only SSM parameters and the bus have a fixed name', () => {
    const types = namesIn(fullTemplate()).map((name) => name.split(' ')[0]);
    expect(new Set(types)).toEqual(new Set(['AWS::Events::EventBus', 'AWS::SSM::Parameter']));
  });

  it('a tracker with another stack name and prefix shares no name with the first', () => {
    const second = namesIn(synthesize({ ...FULL_PROPS, stackName: 'Second', parameterPrefix: '/second' }));
    expect(second).toHaveLength(namesIn(fullTemplate()).length);
    expect(namesIn(fullTemplate()).filter((name) => second.includes(name))).toEqual([]);
  });

  it('no account or Region is written into the template unless it is asked for', () => {
    expect(JSON.stringify(defaultTemplate())).not.toMatch(/\b\d{12}\b|us-east-1/);
    const env = { account: '111122223333', region: 'us-west-2' };
    expect(JSON.stringify(synthesize({ env }))).toContain('111122223333#us-west-2');
  });
});
