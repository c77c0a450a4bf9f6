/** The CDK app of a service that knows the tracker's prefix alone: a function that reads, and a queue of completed jobs. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Alias, Code, Function, Runtime, type IVersion } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { BedrockJobTracker } from '../../../lib/infra/bedrock-job-tracker.ts';
import { METRIC } from '../../../lib/contract.ts';
import { SERVICE } from './names.ts';

const app = new App();
const stack = new Stack(app, SERVICE.stack);
const tracker = BedrockJobTracker.fromParameterPrefix(stack, 'Tracker');

const reader = new Function(stack, 'Reader', {
  functionName: SERVICE.reader,
  runtime: Runtime.NODEJS_24_X,
  handler: 'reader.handler',
  code: Code.fromAsset(String(stack.node.getContext('bundle'))),
});
const version = reader.currentVersion as IVersion;
tracker.grantReadJobs(new Alias(stack, 'Live', { aliasName: SERVICE.alias, version }));

const completed = new Queue(stack, 'Completed', { enforceSSL: true });
tracker.addTransitionTarget(stack, 'CompletedJobs', { target: new SqsQueue(completed), statuses: ['Completed'] });
new CfnOutput(stack, SERVICE.queueOutput, { value: completed.queueUrl });

tracker.metric(METRIC.activeJobs).createAlarm(stack, 'ManyJobs', { threshold: 8, evaluationPeriods: 1 });
app.synth();
