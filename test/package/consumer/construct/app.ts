// A CDK app as somebody else has it: an ES module in TypeScript, with props and methods of the construct.
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  BedrockJobTracker,
  BedrockJobTrackerSpoke,
  BedrockJobTrackerStack,
  TrackerMetric,
  type BedrockJobTrackerProps,
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
