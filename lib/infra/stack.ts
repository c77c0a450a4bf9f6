import { CfnOutput, Stack, Tags, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OUTPUT } from '../contract.ts';
import { BedrockJobTracker } from './bedrock-job-tracker.ts';
import type { BedrockJobTrackerProps } from './props.ts';

/** The stack's name, and its id in the app. */
export const STACK_NAME = 'BedrockJobTracker';

export interface BedrockJobTrackerStackProps extends BedrockJobTrackerProps, StackProps {}

/**
 * One tracker with the outputs that people and scripts look for. It needs no account or Region at synthesis, and every
 * resource that can be tagged carries `application: bedrock-job-tracker`.
 *
 * @throws InvalidPropsError at synthesis, listing everything that is wrong with the props
 */
export class BedrockJobTrackerStack extends Stack {
  readonly tracker: BedrockJobTracker;

  constructor(scope: Construct, id: string = STACK_NAME, props: BedrockJobTrackerStackProps = {}) {
    super(scope, id, {
      description: 'Keeps every Amazon Bedrock model customization job as a current record in DynamoDB',
      ...props,
    });
    this.tracker = new BedrockJobTracker(this, 'Tracker', props);
    // The CDK lets a function depend on its role twice, by reference and by name; cfn-lint's one warning is about that.
    this.templateOptions.metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };
    Tags.of(this).add('application', 'bedrock-job-tracker');
    this.addOutputs();
  }

  private addOutputs(): void {
    const { jobsTable, jobEventsQueue, jobEventsDeadLetterQueue, trackJobFunction, reconcileJobsFunction } =
      this.tracker;
    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });

    output(OUTPUT.jobsTableName, jobsTable.tableName, 'The table of job records');
    output(OUTPUT.jobsTableArn, jobsTable.tableArn, 'The table of job records, for policies');
    output(OUTPUT.jobEventsQueueUrl, jobEventsQueue.queueUrl, 'Events about jobs on their way to track-job');
    output(
      OUTPUT.jobEventsDeadLetterQueueUrl,
      jobEventsDeadLetterQueue.queueUrl,
      'Events that track-job gave up on: empty unless something is wrong',
    );
    output(OUTPUT.trackJobFunctionName, trackJobFunction.functionName, 'Turns events into records');
    output(
      OUTPUT.reconcileJobsFunctionName,
      reconcileJobsFunction.functionName,
      'Sweeps; invoke it with {"sweep":"active"} or {"sweep":"full"} to start one now',
    );
  }
}
