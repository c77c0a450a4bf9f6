// Every prop and method of the constructs. ../python/everything.py is the same app, line by line.
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { BedrockJobTracker, BedrockJobTrackerSpoke, BedrockJobTrackerStack, TrackerMetric } from 'bedrock-job-tracker';

const app = new App({ analyticsReporting: false });
const env = { account: '111122223333', region: 'us-east-1' };

new BedrockJobTracker(new Stack(app, 'Plain'), 'Tracker');

const stack = new Stack(app, 'Everything', { env });
const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0a1b2c3d',
  availabilityZones: ['us-east-1a'],
  privateSubnetIds: ['subnet-0a1b2c3d'],
});
const tracker = new BedrockJobTracker(stack, 'Tracker', {
  scopes: [{}, { accounts: ['444455556666'], regions: ['us-west-2', 'xx-new-1'] }],
  spokeExternalId: 'bedrock-7f3a',
  organizationId: 'o-a1b2c3d4e5',
  spokeAccounts: ['777788889999'],
  knownRegions: ['xx-new-1'],
  activeSweepEvery: Duration.minutes(10),
  idleSweepEvery: Duration.minutes(30),
  emptySweepEvery: Duration.hours(6),
  fullSweepEvery: Duration.hours(12),
  releaseAfter: Duration.hours(48),
  sweepConcurrency: 4,
  tagRefreshWindow: Duration.days(7),
  models: true,
  modelSweepEvery: Duration.hours(2),
  modelUsage: true,
  idleAfter: Duration.days(30),
  schedulesEnabled: false,
  maxConcurrency: 4,
  transitionsBus: new events.EventBus(stack, 'Transitions'),
  redactFailureMessages: true,
  notifications: { statuses: ['Failed'], emails: ['ml-team@example.com'], idleModels: true },
  alarms: true,
  alarmTopic: new sns.Topic(stack, 'Alarms'),
  runbookUrl: 'https://wiki.example.com/runbook',
  alarmThresholds: { trackJobErrors: { threshold: 5, periods: 2 }, creationsMissed: { enabled: false } },
  longRunningAfter: Duration.days(3),
  dashboard: true,
  memorySize: 1024,
  reservedConcurrentExecutions: 6,
  functions: { trackJob: { memorySize: 512 }, notifyTransition: { reservedConcurrentExecutions: 1 } },
  vpc,
  vpcSubnets: { subnets: vpc.privateSubnets },
  securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0a1b2c3d')],
  logGroup: new logs.LogGroup(stack, 'Logs'),
  logLevel: 'WARN',
  tableName: 'fine-tuning-jobs',
  removalPolicy: RemovalPolicy.DESTROY,
  deletionProtection: false,
  pointInTimeRecovery: false,
  tracing: true,
  encryptionKey: new kms.Key(stack, 'Key'),
  parameterPrefix: '/team/bedrock-job-tracker',
});
const subscriber = new lambda.Function(stack, 'Subscriber', {
  runtime: lambda.Runtime.PYTHON_3_12,
  handler: 'index.handler',
  code: lambda.Code.fromInline('def handler(event, context): pass'),
});
tracker.grantReadJobs(subscriber);
tracker.grantReadModels(subscriber);
tracker.addTransitionTarget(stack, 'OnTransition', { target: new targets.LambdaFunction(subscriber) });
tracker
  .metric(TrackerMetric.JOBS_TRACKED, { outcome: 'failed', period: Duration.hours(1) })
  .createAlarm(stack, 'Failures', {
    threshold: 8,
    evaluationPeriods: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
  });

// Another stack of the app.
const consumer = new Stack(app, 'Consumer', { env });
tracker.grantReadJobs(new iam.Role(consumer, 'Reader', { assumedBy: new iam.AccountPrincipal('444455556666') }));
tracker.addTransitionTarget(consumer, 'OnFailure', {
  target: new targets.SqsQueue(new sqs.Queue(consumer, 'Failures')),
  statuses: ['Failed'],
  subTasks: true,
  backfill: true,
});
tracker.addTransitionTarget(consumer, 'OnModel', {
  target: new targets.SqsQueue(new sqs.Queue(consumer, 'Models')),
  models: true,
});

// Another repository.
const elsewhere = new Stack(app, 'Elsewhere', { env });
const found = BedrockJobTracker.fromParameterPrefix(elsewhere, 'Tracker', {
  parameterPrefix: '/team/bedrock-job-tracker',
  encryptionKey: kms.Key.fromKeyArn(elsewhere, 'Key', 'arn:aws:kms:us-east-1:111122223333:key/a1b2'),
});
found.grantReadJobs(
  new iam.Role(elsewhere, 'Reader', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
);
found.addTransitionTarget(elsewhere, 'OnTransition', {
  target: new targets.SqsQueue(new sqs.Queue(elsewhere, 'Transitions')),
});
found.metric(TrackerMetric.ACTIVE_JOBS).createAlarm(elsewhere, 'Busy', { threshold: 8, evaluationPeriods: 1 });

const adopted = new Stack(app, 'Adopted', { env });
new BedrockJobTracker(adopted, 'Tracker', {
  logRetention: logs.RetentionDays.ONE_WEEK,
  jobsTable: dynamodb.Table.fromTableAttributes(adopted, 'OldJobsTable', {
    tableArn: 'arn:aws:dynamodb:us-east-1:111122223333:table/Old',
    tableStreamArn: 'arn:aws:dynamodb:us-east-1:111122223333:table/Old/stream/2026-11-23T11:30:00.000',
  }),
  modelsTable: dynamodb.Table.fromTableAttributes(adopted, 'OldModelsTable', {
    tableArn: 'arn:aws:dynamodb:us-east-1:111122223333:table/Old-models',
    tableStreamArn: 'arn:aws:dynamodb:us-east-1:111122223333:table/Old-models/stream/2026-11-23T11:30:00.000',
  }),
});

new BedrockJobTrackerStack(app, 'Ready', {
  env,
  alarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:operations',
  transitionsBusArn: 'arn:aws:events:us-east-1:111122223333:event-bus/transitions',
  encryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/a1b2',
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: ['subnet-0a1b2c3d'],
  securityGroupIds: ['sg-0a1b2c3d'],
  logGroupName: '/team/tracker',
  jobsTableStreamArn: 'arn:aws:dynamodb:us-east-1:111122223333:table/Old/stream/2026-11-23T11:30:00.000',
  jobsTableKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/c3d4',
});
new BedrockJobTrackerSpoke(app);
app.synth();
