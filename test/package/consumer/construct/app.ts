// A CDK app as somebody else has it: an ES module in TypeScript, with props and methods of the construct.
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, AccountRootPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  BedrockJobTracker,
  BedrockJobTrackerSpoke,
  BedrockJobTrackerStack,
  TrackerMetric,
  type BedrockJobTrackerProps,
  type IBedrockJobTracker,
} from 'bedrock-job-tracker';

const props: BedrockJobTrackerProps = {
  activeSweepEvery: Duration.minutes(10),
  logLevel: 'WARN',
  removalPolicy: RemovalPolicy.DESTROY,
  deletionProtection: false,
};

const app = new App();
const stack = new Stack(app, 'Consumer');
const tracker = new BedrockJobTracker(stack, 'Tracker', props);
tracker.grantReadJobs(new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }));
tracker.addTransitionTarget(stack, 'Failures', {
  target: new SqsQueue(new Queue(stack, 'FailuresQueue')),
  statuses: ['Failed'],
});

// A service in a stack of its own, by the tracker of this app and by one that was deployed before.
const service = new Stack(app, 'Service');
const deployed = BedrockJobTracker.fromParameterPrefix(service, 'Deployed', { parameterPrefix: '/deployed' });
for (const each of [tracker, deployed] satisfies IBedrockJobTracker[]) {
  each.grantReadJobs(new Role(service, `Reader${each.node.id}`, { assumedBy: new AccountRootPrincipal() }));
  const target = new SqsQueue(new Queue(service, `Queue${each.node.id}`));
  each.addTransitionTarget(service, `Target${each.node.id}`, { target });
}

// Readers in other accounts.
const env = { account: '111122223333', region: 'us-east-1' };
const sharing = new Stack(app, 'Sharing', { env });
const shared = new BedrockJobTracker(sharing, 'Tracker', { encryptionKey: new Key(sharing, 'Key'), tableName: 'jobs' });
shared.grantReadJobs(new AccountPrincipal('444455556666'));
const elsewhere = new Stack(app, 'Elsewhere', { env: { ...env, account: '444455556666' } });
shared.grantReadJobs(new Role(elsewhere, 'Reader', { roleName: 'reader', assumedBy: new AccountRootPrincipal() }));

new BedrockJobTrackerSpoke(app);
new BedrockJobTrackerStack(app, 'Ready', { env: { region: 'eu-west-1' } });

export const table: ITable = tracker.jobsTable;
export const graph: Metric = tracker.metric(TrackerMetric.JOBS_TRACKED, {
  outcome: 'failed',
  period: Duration.hours(1),
});

try {
  new BedrockJobTracker(new Stack(app, 'Wrong'), 'Tracker', { maxConcurrency: 1 });
} catch (error) {
  if (!(error instanceof Error && error.name === 'InvalidPropsError')) throw error;
}
// @ts-expect-error: a prop that does not exist does not compile, nor does one for tests alone
export const wrong: BedrockJobTrackerProps = { _codeDirectory: 'lambdas' };
app.synth();
