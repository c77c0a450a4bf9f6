import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { BY_STATE_INDEX, ENV, INDEX, MODEL_INDEX, REGISTERED_SCOPES } from '../../lib/contract.ts';
import { iamStatements, permissionsOf } from './permissions.ts';
import {
  defaultTemplate,
  listOf,
  makeApp,
  makeStack,
  readable,
  resourceOf,
  resourcesOf,
  synthesize,
  variablesOf,
  type CfnTemplate,
} from './support.ts';

const bedrock = 'arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>';
const jobs = `${bedrock}:model-customization-job/*`;
const models = `${bedrock}:custom-model/*`;
const ownLogs = (name: string): string[] => [
  `logs:CreateLogStream <Tracker${name}Logs.Arn>`,
  `logs:PutLogEvents <Tracker${name}Logs.Arn>`,
];

const MAPPINGS = [
  'PublishTransitionsFunctionModelStream',
  'PublishTransitionsFunctionStream',
  'TrackJobFunctionSqsEventSourceBedrockJobTrackerJobEventsQueue27715959',
].map((id) => `arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:event-source-mapping:<Tracker${id}>`);

describe('least privilege', () => {
  it('track-job may do what tracking a job or a model takes, and nothing else', () => {
    expect(permissionsOf(defaultTemplate(), '<TrackerTrackJobRole>')).toEqual([
      `bedrock:GetCustomModel ${models}`,
      `bedrock:GetCustomModelDeployment ${bedrock}:custom-model-deployment/*`,
      `bedrock:GetModelCustomizationJob ${jobs}`,
      `bedrock:GetProvisionedModelThroughput ${bedrock}:provisioned-model/*`,
      'bedrock:ListCustomModelDeployments *',
      'bedrock:ListProvisionedModelThroughputs *',
      `bedrock:ListTagsForResource ${models}`,
      `bedrock:ListTagsForResource ${jobs}`,
      'dynamodb:GetItem <TrackerJobsTable.Arn>',
      'dynamodb:GetItem <TrackerModelsTable.Arn>',
      'dynamodb:PutItem <TrackerJobsTable.Arn>',
      'dynamodb:PutItem <TrackerModelsTable.Arn>',
      'dynamodb:PutItem <TrackerSweepsTable.Arn>',
      `dynamodb:Query <TrackerModelsTable.Arn>/index/${MODEL_INDEX.byModelName}`,
      'dynamodb:Query <TrackerSweepsTable.Arn>',
      ...ownLogs('TrackJob'),
      'sqs:ChangeMessageVisibility <TrackerJobEventsQueue.Arn>',
      'sqs:DeleteMessage <TrackerJobEventsQueue.Arn>',
      'sqs:GetQueueAttributes <TrackerJobEventsQueue.Arn>',
      'sqs:GetQueueUrl <TrackerJobEventsQueue.Arn>',
      'sqs:ReceiveMessage <TrackerJobEventsQueue.Arn>',
    ]);
  });

  it('reconcile-jobs may do what a sweep takes, and nothing else', () => {
    expect(permissionsOf(defaultTemplate(), '<TrackerReconcileJobsRole>')).toEqual([
      `bedrock:GetCustomModel ${models}`,
      `bedrock:GetModelCustomizationJob ${jobs}`,
      'bedrock:ListCustomModelDeployments *',
      'bedrock:ListCustomModels *',
      'bedrock:ListModelCustomizationJobs *',
      'bedrock:ListProvisionedModelThroughputs *',
      `bedrock:ListTagsForResource ${models}`,
      `bedrock:ListTagsForResource ${jobs}`,
      'cloudwatch:GetMetricData *',
      'dynamodb:GetItem <TrackerJobsTable.Arn>',
      'dynamodb:GetItem <TrackerModelsTable.Arn>',
      'dynamodb:GetItem <TrackerSweepsTable.Arn>',
      'dynamodb:PutItem <TrackerJobsTable.Arn>',
      'dynamodb:PutItem <TrackerModelsTable.Arn>',
      'dynamodb:PutItem <TrackerSweepsTable.Arn>',
      `dynamodb:Query <TrackerJobsTable.Arn>/index/${INDEX.active}`,
      `dynamodb:Query <TrackerJobsTable.Arn>/index/${INDEX.byScope}`,
      `dynamodb:Query <TrackerModelsTable.Arn>/index/${MODEL_INDEX.byScope}`,
      `dynamodb:Query <TrackerModelsTable.Arn>/index/${MODEL_INDEX.serving}`,
      'dynamodb:Query <TrackerSweepsTable.Arn>',
      `dynamodb:Query <TrackerSweepsTable.Arn>/index/${BY_STATE_INDEX}`,
      'dynamodb:UpdateItem <TrackerSweepsTable.Arn>',
      ...MAPPINGS.map((mapping) => `lambda:GetEventSourceMapping ${mapping}`),
      ...ownLogs('ReconcileJobs'),
    ]);
  });

  it('publish-transitions may read the streams and put our events, and nothing else', () => {
    expect(permissionsOf(defaultTemplate(), '<TrackerPublishTransitionsRole>')).toEqual([
      ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].flatMap((action) =>
        ['Jobs', 'Models'].map((table) => `dynamodb:${action} <Tracker${table}Table.StreamArn>`),
      ),
      'events:PutEvents arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default',
      ...ownLogs('PublishTransitions'),
      'sqs:SendMessage <TrackerPublishTransitionsFailedQueue.Arn>',
    ]);
  });

  it('notify-transition, where people are told, may publish to the topic and dead-letter, and nothing else', () => {
    const template = synthesize({ notifications: {} });
    expect(permissionsOf(template, '<TrackerNotificationsRole>')).toEqual([
      ...ownLogs('Notifications'),
      'sns:Publish <TrackerNotificationsTopic>',
      'sqs:SendMessage <TrackerNotificationsUndeliveredQueue.Arn>',
    ]);
  });

  it('the schedule may start reconcile-jobs and dead-letter, and nothing else', () => {
    expect(permissionsOf(defaultTemplate(), '<TrackerReconcileJobsSweepsSchedulerRole>')).toEqual([
      'lambda:InvokeFunction <TrackerReconcileJobsFunction.Arn>',
      'sqs:SendMessage <TrackerReconcileJobsUndeliveredQueue.Arn>',
    ]);
  });

  it('no role is there besides the four above', () => {
    const roles = resourcesOf(defaultTemplate(), 'AWS::IAM::Role').map(([id]) => readable({ Ref: id }));
    expect(roles.sort()).toEqual([
      '<TrackerPublishTransitionsRole>',
      '<TrackerReconcileJobsRole>',
      '<TrackerReconcileJobsSweepsSchedulerRole>',
      '<TrackerTrackJobRole>',
    ]);
  });

  it('no statement covers every resource but those of actions for which IAM has no resource type', () => {
    const everything = iamStatements(defaultTemplate())
      .filter(({ statement }) => listOf(statement.Resource).includes('*'))
      .map(({ statement }) => statement.Action);
    const serving = ['bedrock:ListCustomModelDeployments', 'bedrock:ListProvisionedModelThroughputs'];
    const lists = ['bedrock:ListModelCustomizationJobs', 'bedrock:ListCustomModels', ...serving];
    expect(everything).toEqual([serving, [...lists, 'cloudwatch:GetMetricData']]);
  });

  it('no action is a wildcard, and no role carries a managed policy, which AWS widens on its own', () => {
    const actions = iamStatements(defaultTemplate()).flatMap(({ statement }) => listOf(statement.Action));
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    for (const [, role] of resourcesOf(defaultTemplate(), 'AWS::IAM::Role')) {
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });

  it("only the schedules of the tracker's own group may take the role that starts sweeps", () => {
    const role = resourceOf(defaultTemplate(), 'AWS::IAM::Role', 'SchedulerRole').Properties as {
      AssumeRolePolicyDocument: { Statement: { Principal: unknown; Condition: { StringEquals: object } }[] };
    };
    const [statement] = role.AssumeRolePolicyDocument.Statement;
    expect(statement?.Principal).toEqual({ Service: 'scheduler.amazonaws.com' });
    expect(
      Object.entries(statement?.Condition.StringEquals ?? {}).map(([key, value]) => [key, readable(value)]),
    ).toEqual([
      ['aws:SourceAccount', '<AWS::AccountId>'],
      ['aws:SourceArn', '<TrackerReconcileJobsSweepsGroup.Arn>'],
    ]);
  });
});

describe('grantReadJobs', () => {
  const reading = [
    'dynamodb:BatchGetItem <TrackerJobsTable.Arn>',
    'dynamodb:GetItem <TrackerJobsTable.Arn>',
    ...Object.values(INDEX).flatMap((index) =>
      ['BatchGetItem', 'GetItem', 'Query'].map((action) => `dynamodb:${action} <TrackerJobsTable.Arn>/index/${index}`),
    ),
    'dynamodb:Query <TrackerJobsTable.Arn>',
  ].sort();

  const readerIn = (scope: Stack): Function => {
    const code = Code.fromInline('exports.handler = async () => {}');
    return new Function(scope, 'Reader', { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code });
  };
  it('lets a function read the table and its indexes, and tells it the name and the tracked scopes', () => {
    const stack = makeStack();
    stack.tracker.grantReadJobs(readerIn(stack));
    const template = Template.fromStack(stack).toJSON() as CfnTemplate;

    expect(permissionsOf(template, '<ReaderServiceRole>')).toEqual(reading);
    expect(variablesOf(template, 'Reader')).toEqual({
      [ENV.jobsTable]: '<TrackerJobsTable>',
      [ENV.scopes]: '<AWS::AccountId>#<AWS::Region>',
    });
  });

  it('sends a function in another stack to the table in which a hub keeps its scopes', () => {
    const app = makeApp();
    const env = { account: '111122223333', region: 'us-east-1' };
    const scopes = [{}, { accounts: ['444455556666'], regions: ['us-east-1', 'eu-west-1'] }];
    const hub = makeStack({ env, scopes, spokeExternalId: 'bedrock-7f3a' }, app);
    const other = new Stack(app, 'Other', { env });
    hub.tracker.grantReadJobs(readerIn(other));
    const told = variablesOf(Template.fromStack(other).toJSON() as CfnTemplate, 'Reader')[ENV.scopes];
    expect(told).toBe(REGISTERED_SCOPES);
  });

  it("leaves the scopes of the tracker's own functions as they are, where one of them is let read too", () => {
    const stack = makeStack();
    const before = variablesOf(defaultTemplate(), 'ReconcileJobs');
    stack.tracker.grantReadJobs(stack.tracker.reconcileJobsFunction);
    expect(variablesOf(Template.fromStack(stack).toJSON() as CfnTemplate, 'ReconcileJobs')).toEqual(before);
  });

  it('lets a role read the table and its indexes', () => {
    const stack = makeStack();
    stack.tracker.grantReadJobs(
      new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
    );
    expect(permissionsOf(Template.fromStack(stack).toJSON() as CfnTemplate, '<Reader>')).toEqual(reading);
  });

  it('works from another stack of the app', () => {
    const app = makeApp();
    const stack = makeStack({}, app);
    const other = new Stack(app, 'Other');
    stack.tracker.grantReadJobs(
      new Role(other, 'Reader', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
    );
    expect(JSON.stringify(Template.fromStack(other).toJSON())).toContain('/index/by-status');
  });
});
