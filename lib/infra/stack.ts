import { CfnOutput, Fn, Stack, Tags } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { OUTPUT } from '../contract.ts';
import { BedrockJobTracker } from './bedrock-job-tracker.ts';
import type { BedrockJobTrackerProps } from './props.ts';
import { arnProblems, type BedrockJobTrackerStackProps } from './stack-props.ts';
import { InvalidPropsError } from './validate-props.ts';

/** The stack's name, and its id in the app. */
export const STACK_NAME = 'BedrockJobTracker';

/**
 * One tracker with the outputs that people and scripts look for. It needs no account or Region at synthesis unless
 * `scopes` names some, and every resource that can be tagged carries `application: bedrock-job-tracker`.
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
    const problems = arnProblems(props);
    if (problems.length > 0) throw new InvalidPropsError(problems);
    this.tracker = new BedrockJobTracker(this, 'Tracker', { ...props, ...this.imported(props) });
    // The CDK lets a function depend on its role twice, by reference and by name; cfn-lint's one warning is about that.
    this.templateOptions.metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };
    Tags.of(this).add('application', 'bedrock-job-tracker');
    this.addOutputs();
    this.addHubOutputs();
  }

  private imported(props: BedrockJobTrackerStackProps): BedrockJobTrackerProps {
    const { alarmTopicArn, transitionsBusArn, encryptionKeyArn } = props;
    return {
      ...(alarmTopicArn !== undefined && { alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn) }),
      ...(transitionsBusArn !== undefined && {
        transitionsBus: EventBus.fromEventBusArn(this, 'TransitionsBus', transitionsBusArn),
      }),
      ...(encryptionKeyArn !== undefined && {
        encryptionKey: Key.fromKeyArn(this, 'EncryptionKey', encryptionKeyArn),
      }),
    };
  }

  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }

  private addOutputs(): void {
    const { jobsTable, jobEventsQueue, jobEventsDeadLetterQueue, trackJobFunction, reconcileJobsFunction } =
      this.tracker;
    this.output(OUTPUT.jobsTableName, jobsTable.tableName, 'The table of job records');
    this.output(OUTPUT.jobsTableArn, jobsTable.tableArn, 'The table of job records, for policies');
    this.output(OUTPUT.jobEventsQueueUrl, jobEventsQueue.queueUrl, 'Events about jobs on their way to track-job');
    this.output(
      OUTPUT.jobEventsDeadLetterQueueUrl,
      jobEventsDeadLetterQueue.queueUrl,
      'Events that track-job gave up on: empty unless something is wrong',
    );
    this.output(OUTPUT.trackJobFunctionName, trackJobFunction.functionName, 'Turns events into records');
    this.output(
      OUTPUT.reconcileJobsFunctionName,
      reconcileJobsFunction.functionName,
      'Sweeps; invoke it with {"sweep":"active"} or {"sweep":"full"} to start one now',
    );
  }

  /** What the spokes are deployed with. */
  private addHubOutputs(): void {
    const { hubBus, readerRoleArns } = this.tracker;
    if (hubBus === undefined) return;
    this.output(OUTPUT.hubBusArn, hubBus.eventBusArn, 'Where spokes forward events to: their parameter HubBusArn');
    this.output(OUTPUT.hubRoleArns, Fn.join(',', readerRoleArns), 'Who reads by spokes: their parameter HubRoleArns');
  }
}
