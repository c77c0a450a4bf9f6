import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import {
  API_CALL_PATTERN,
  HEARTBEAT_PATTERN,
  MODEL_API_CALL_PATTERN,
  SPOKE_PARAMETER,
  STATE_CHANGE_PATTERN,
  VERSION,
} from '../../lib/contract.ts';
import { BedrockJobTrackerSpoke, SPOKE_STACK_NAME } from '../../lib/infra/hub/spoke.ts';
import { permissionsOf, type Statement } from './permissions.ts';
import { findingsOf, makeApp, readable, resourceOf, resourcesOf, toTemplate, type CfnTemplate } from './support.ts';

const makeSpoke = () => new BedrockJobTrackerSpoke(makeApp());
let made: CfnTemplate | undefined;
const spoke = (): CfnTemplate => (made ??= toTemplate(Template.fromStack(makeSpoke())));

describe('the spoke', () => {
  it('is one template for every account and Region: no asset, no bootstrap, the hub by parameters', () => {
    const { Parameters } = spoke() as CfnTemplate & { Parameters: object };
    expect(Object.keys(Parameters)).toEqual(Object.values(SPOKE_PARAMETER));
    expect(spoke()).not.toHaveProperty('Rules');
    expect(JSON.stringify(spoke())).not.toMatch(/cdk-hnb659fds|AssetParameters/);
    expect(makeSpoke().stackName).toBe(SPOKE_STACK_NAME);
  });

  it('refuses parameters that are no ARNs', () => {
    const { Parameters } = spoke() as CfnTemplate & { Parameters: Record<string, { AllowedPattern: string }> };
    const accepts = (name: string, value: string) =>
      new RegExp(`^(?:${Parameters[name]?.AllowedPattern ?? ''})$`).test(value);
    expect(accepts(SPOKE_PARAMETER.hubBusArn, 'arn:aws:events:us-east-1:111122223333:event-bus/Tracker_Bus-1')).toBe(
      true,
    );
    expect(accepts(SPOKE_PARAMETER.hubBusArn, 'Tracker_Bus-1')).toBe(false);
    expect(accepts(SPOKE_PARAMETER.hubAccountId, '111122223333')).toBe(true);
    expect(accepts(SPOKE_PARAMETER.hubAccountId, '11112222333')).toBe(false);
    expect(
      accepts(SPOKE_PARAMETER.hubRoleArns, 'arn:aws-us-gov:iam::111122223333:role/Tracker-TrackJobRole-1A2B'),
    ).toBe(true);
    expect(accepts(SPOKE_PARAMETER.hubRoleArns, '*')).toBe(false);
    expect(accepts(SPOKE_PARAMETER.externalId, 'bedrock-7f3a')).toBe(true);
    expect(accepts(SPOKE_PARAMETER.externalId, 'two words')).toBe(false);
    expect(accepts(SPOKE_PARAMETER.hubId, '0a1b2c3d')).toBe(true);
    expect(accepts(SPOKE_PARAMETER.hubId, 'staging')).toBe(false);
    expect(accepts(SPOKE_PARAMETER.queueKey, '')).toBe(true);
    expect(accepts(SPOKE_PARAMETER.queueKey, 'alias/jobs')).toBe(true);
    expect(accepts(SPOKE_PARAMETER.queueKey, 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab')).toBe(true);
    expect(accepts(SPOKE_PARAMETER.queueKey, 'alias/aws/sqs')).toBe(false);
  });

  it.each([
    ['StateChangeRule', STATE_CHANGE_PATTERN],
    ['ApiCallRule', { 'Fn::If': ['TracksModels', MODEL_API_CALL_PATTERN, API_CALL_PATTERN] }],
    ['HeartbeatRule', HEARTBEAT_PATTERN],
  ])("%s forwards to the hub's bus what the hub listens to there", (name, pattern) => {
    const { EventPattern, Targets } = resourceOf(spoke(), 'AWS::Events::Rule', name).Properties as {
      EventPattern: unknown;
      Targets: { Arn: unknown; RoleArn: unknown; DeadLetterConfig: { Arn: unknown } }[];
    };
    expect(EventPattern).toEqual(pattern);
    expect(
      Targets.map(({ Arn, RoleArn, DeadLetterConfig }) => [Arn, RoleArn, DeadLetterConfig.Arn].map(readable)),
    ).toEqual([['<HubBusArn>', '<ForwardRole.Arn>', '<UndeliveredEventsQueue.Arn>']]);
  });

  it('may put events on that bus, and nothing else', () => {
    expect(permissionsOf(spoke(), '<ForwardRole>')).toEqual(['events:PutEvents <HubBusArn>']);
  });
});

describe("the spoke's heartbeat", () => {
  const defaultBus = 'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default';
  const schedule = () => resourceOf(spoke(), 'AWS::Scheduler::Schedule', 'Heartbeat');
  interface Schedule {
    readonly Target: { readonly Arn: unknown; readonly EventBridgeParameters: Record<string, string>; Input: string };
  }
  const { Target: target } = schedule().Properties as Schedule;

  it('is put on the default bus every hour, from its creation on', () => {
    expect(schedule().Properties).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      GroupName: { Ref: expect.stringContaining('HeartbeatGroup') as unknown },
    });
    expect(schedule().Properties).not.toHaveProperty('StartDate');
    expect(readable(target.Arn)).toBe(defaultBus);
  });

  it('is an event of the kind that the rule forwards, with the version of the template', () => {
    const { Source, DetailType } = target.EventBridgeParameters;
    expect({ source: [Source], 'detail-type': [DetailType] }).toEqual(HEARTBEAT_PATTERN);
    expect(JSON.parse(target.Input)).toEqual({ version: VERSION });
  });

  it('begins once there is a rule that forwards it', () => {
    const after = [schedule().DependsOn ?? []].flat().map((id) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(after).toEqual(['ApiCallRule', 'HeartbeatRule', 'StateChangeRule']);
  });

  it('has a role that may put heartbeats on that bus, and nothing else', () => {
    expect(permissionsOf(spoke(), '<HeartbeatSchedulerRole>')).toEqual([`events:PutEvents ${defaultBus}`]);
    const [{ PolicyDocument } = { PolicyDocument: { Statement: [] } }] = (
      resourceOf(spoke(), 'AWS::IAM::Role', 'HeartbeatSchedulerRole').Properties as {
        Policies: { PolicyDocument: { Statement: Statement[] } }[];
      }
    ).Policies;
    expect(PolicyDocument.Statement.map(({ Condition }) => Condition)).toEqual([
      {
        'ForAllValues:StringEquals': {
          'events:source': HEARTBEAT_PATTERN.source,
          'events:detail-type': HEARTBEAT_PATTERN['detail-type'],
        },
        Null: { 'events:source': 'false', 'events:detail-type': 'false' },
      },
    ]);
  });

  it('has a role that Scheduler takes for its own schedules alone', () => {
    const { AssumeRolePolicyDocument } = resourceOf(spoke(), 'AWS::IAM::Role', 'HeartbeatSchedulerRole').Properties as {
      AssumeRolePolicyDocument: { Statement: Statement[] };
    };
    const [statement, ...others] = AssumeRolePolicyDocument.Statement;
    expect(others).toEqual([]);
    expect(statement?.Principal).toEqual({ Service: 'scheduler.amazonaws.com' });
    const { StringEquals } = statement?.Condition as { StringEquals: Record<string, unknown> };
    const { 'aws:SourceArn': group, ...account } = StringEquals;
    expect(readable(group)).toMatch(/^<HeartbeatGroup.*\.Arn>$/);
    expect(account).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
  });
});

describe("the spoke's read role", () => {
  const role = () => resourceOf(spoke(), 'AWS::IAM::Role', 'ReadRole');

  it('may read jobs, models and their use in its account and Region, and nothing else', () => {
    const bedrock = 'arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>';
    expect(permissionsOf(spoke(), '<ReadRole>')).toEqual([
      `bedrock:GetCustomModel ${bedrock}:custom-model/*`,
      `bedrock:GetCustomModelDeployment ${bedrock}:custom-model-deployment/*`,
      `bedrock:GetModelCustomizationJob ${bedrock}:model-customization-job/*`,
      `bedrock:GetProvisionedModelThroughput ${bedrock}:provisioned-model/*`,
      'bedrock:ListCustomModelDeployments *',
      'bedrock:ListCustomModels *',
      'bedrock:ListModelCustomizationJobs *',
      'bedrock:ListProvisionedModelThroughputs *',
      `bedrock:ListTagsForResource ${bedrock}:custom-model/*`,
      `bedrock:ListTagsForResource ${bedrock}:model-customization-job/*`,
      'cloudwatch:GetMetricData *',
    ]);
  });

  it('may read models and their use only where the parameter says so', () => {
    const { Conditions } = spoke() as CfnTemplate & { Conditions: unknown };
    expect(Conditions).toMatchObject({
      TracksModels: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: SPOKE_PARAMETER.models }, 'false'] }] },
      HasReadModels: { 'Fn::And': [{ Condition: 'InAnotherAccount' }, { Condition: 'TracksModels' }] },
      HasReadUse: {
        'Fn::And': [{ Condition: 'InAnotherAccount' }, { 'Fn::Equals': [{ Ref: SPOKE_PARAMETER.models }, 'true'] }],
      },
    });
    for (const name of ['ReadModels', 'ReadUse']) {
      expect(resourceOf(spoke(), 'AWS::IAM::Policy', name).Condition).toBe(`Has${name}`);
    }
  });

  it("may be taken by the hub's functions alone, with the external id", () => {
    const { AssumeRolePolicyDocument } = role().Properties as { AssumeRolePolicyDocument: { Statement: Statement[] } };
    const [statement, ...others] = AssumeRolePolicyDocument.Statement;
    expect(others).toEqual([]);
    expect(readable(statement?.Principal?.['AWS'])).toBe('arn:<AWS::Partition>:iam::<HubAccountId>:root');
    expect(statement?.Condition).toEqual({
      StringEquals: { 'sts:ExternalId': { Ref: SPOKE_PARAMETER.externalId } },
      ArnEquals: { 'aws:PrincipalArn': { Ref: SPOKE_PARAMETER.hubRoleArns } },
    });
  });

  it('has the name that the hub expects, one for each hub and Region', () => {
    expect(readable((role().Properties as { RoleName: unknown }).RoleName)).toBe(
      'bedrock-job-tracker-spoke-<HubId>-<AWS::Region>',
    );
  });

  it("is left out in the hub's own account, whose functions need none", () => {
    const { Conditions } = spoke() as CfnTemplate & { Conditions: unknown };
    expect(Conditions).toMatchObject({
      InAnotherAccount: {
        'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AWS::AccountId' }, { Ref: SPOKE_PARAMETER.hubAccountId }] }],
      },
    });
    expect(role().Condition).toBe('InAnotherAccount');
    const everywhere = resourcesOf(spoke(), 'AWS::IAM::Role').filter(([, { Condition }]) => Condition === undefined);
    expect(everywhere.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['ForwardRole', 'HeartbeatSchedulerRole']);
  });
});

describe("the spoke's queue", () => {
  it('is encrypted by the key of the parameter, and by SQS without one', () => {
    const { Conditions } = spoke() as CfnTemplate & { Conditions: unknown };
    expect(Conditions).toMatchObject({
      HasQueueKey: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: SPOKE_PARAMETER.queueKey }, ''] }] },
    });
    const none = { Ref: 'AWS::NoValue' };
    expect(resourceOf(spoke(), 'AWS::SQS::Queue', 'Undelivered').Properties).toMatchObject({
      KmsMasterKeyId: { 'Fn::If': ['HasQueueKey', { Ref: SPOKE_PARAMETER.queueKey }, none] },
      SqsManagedSseEnabled: { 'Fn::If': ['HasQueueKey', none, true] },
    });
  });
});

describe('cdk-nag', () => {
  it('finds nothing in the spoke that is not argued for', () => {
    expect(findingsOf(makeSpoke())).toEqual([]);
  });
});
