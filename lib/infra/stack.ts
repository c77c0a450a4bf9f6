import { CfnOutput, Fn, Stack, Tags } from 'aws-cdk-lib';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { OUTPUT } from '../contract.ts';
import { BedrockJobTracker } from './bedrock-job-tracker.ts';
import { STACK_NAME, type BedrockJobTrackerProps, type BedrockJobTrackerStackProps } from './props/props.ts';
import { arnProblems } from './props/places.ts';
import { InvalidPropsError } from './props/validate-props.ts';

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
    const problems = arnProblems(props, this);
    if (problems.length > 0) throw new InvalidPropsError(problems);
    this.tracker = new BedrockJobTracker(this, 'Tracker', { ...props, ...this.imported(props) });
    // The CDK lets a function depend on its role twice, by reference and by name; cfn-lint's one warning is about that.
    this.templateOptions.metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };
    // CloudFormation's published schema of a dashboard has no tags.
    const excludeResourceTypes = ['AWS::CloudWatch::Dashboard'];
    Tags.of(this).add('application', 'bedrock-job-tracker', { excludeResourceTypes });
    this.addOutputs();
    this.addUndeliveredOutputs();
    this.addNotificationOutputs();
    this.addHubOutputs();
  }

  private imported(props: BedrockJobTrackerStackProps): BedrockJobTrackerProps {
    const { alarmTopicArn, transitionsBusArn, encryptionKeyArn, jobsTableStreamArn } = props;
    return {
      ...(alarmTopicArn !== undefined && { alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn) }),
      ...(transitionsBusArn !== undefined && {
        transitionsBus: EventBus.fromEventBusArn(this, 'TransitionsBus', transitionsBusArn),
      }),
      ...(encryptionKeyArn !== undefined && {
        encryptionKey: Key.fromKeyArn(this, 'EncryptionKey', encryptionKeyArn),
      }),
      ...(jobsTableStreamArn !== undefined && {
        jobsTable: this.importedTable(jobsTableStreamArn, props.jobsTableKeyArn),
      }),
    };
  }

  private importedTable(tableStreamArn: string, keyArn: string | undefined): ITable {
    return Table.fromTableAttributes(this, 'AdoptedJobsTable', {
      tableArn: Fn.select(0, Fn.split('/stream/', tableStreamArn)),
      tableStreamArn,
      ...(keyArn !== undefined && { encryptionKey: Key.fromKeyArn(this, 'JobsTableKey', keyArn) }),
    });
  }

  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }

  private addOutputs(): void {
    const { tracker } = this;
    this.output(OUTPUT.jobsTableName, tracker.jobsTable.tableName, 'The table of job records');
    this.output(OUTPUT.jobsTableArn, tracker.jobsTable.tableArn, 'The table of job records, for policies');
    this.output(OUTPUT.jobEventsQueueUrl, tracker.jobEventsQueue.queueUrl, 'Events on their way to track-job');
    this.output(
      OUTPUT.jobEventsDeadLetterQueueUrl,
      tracker.jobEventsDeadLetterQueue.queueUrl,
      'Events that track-job gave up on: empty unless something is wrong',
    );
    this.output(OUTPUT.trackJobFunctionName, tracker.trackJobFunction.functionName, 'Turns events into records');
    this.output(
      OUTPUT.reconcileJobsFunctionName,
      tracker.reconcileJobsFunction.functionName,
      'Sweeps; invoke it with {"sweep":"active"} or {"sweep":"full"} to start one now',
    );
    this.output(
      OUTPUT.publishTransitionsFunctionName,
      tracker.publishTransitionsFunction.functionName,
      'Publishes transitions',
    );
    this.output(OUTPUT.transitionsBusArn, tracker.transitionsBus.eventBusArn, 'Where transitions are published');
    this.output(OUTPUT.scheduleGroupName, tracker.scheduleGroupName, 'The schedules that start sweeps');
  }

  /** The queues that are empty unless something is wrong, as the runbook looks at them. */
  private addUndeliveredOutputs(): void {
    const { undeliveredEventsQueue, undeliveredSweepsQueue, undeliveredTransitionsQueue } = this.tracker;
    const queue = (name: string, { queueUrl }: Queue, of: string) =>
      this.output(name, queueUrl, `${of}: empty unless something is wrong`);
    queue(OUTPUT.undeliveredEventsQueueUrl, undeliveredEventsQueue, 'Events that did not reach the queue');
    queue(OUTPUT.undeliveredSweepsQueueUrl, undeliveredSweepsQueue, 'Sweeps that could not be started');
    queue(OUTPUT.undeliveredTransitionsQueueUrl, undeliveredTransitionsQueue, 'Where publish-transitions gave up');
  }

  private addNotificationOutputs(): void {
    const { notifications } = this.tracker;
    if (notifications === undefined) return;
    const { topic, undeliveredQueue, function: notifyTransition } = notifications;
    this.output(OUTPUT.notificationsTopicArn, topic.topicArn, 'What people are told by: subscribe to it');
    this.output(OUTPUT.notifyTransitionFunctionName, notifyTransition.functionName, 'Tells people of transitions');
    this.output(
      OUTPUT.undeliveredNotificationsQueueUrl,
      undeliveredQueue.queueUrl,
      'Transitions that nobody could be told of: empty unless something is wrong',
    );
  }

  /** What the spokes are deployed with. */
  private addHubOutputs(): void {
    const { hubBus, hubId, readerRoleArns } = this.tracker;
    if (hubBus === undefined || hubId === undefined) return;
    this.output(OUTPUT.hubAccountId, this.account, 'The account of the hub: the parameter HubAccountId of spokes');
    this.output(OUTPUT.hubBusArn, hubBus.eventBusArn, 'Where spokes forward events to: their parameter HubBusArn');
    this.output(OUTPUT.hubId, hubId, 'Tells this hub from others: the parameter HubId of spokes');
    this.output(OUTPUT.hubRoleArns, Fn.join(',', readerRoleArns), 'Who reads by spokes: their parameter HubRoleArns');
  }
}
