import { CfnOutput, Fn, Stack, Tags } from 'aws-cdk-lib';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { OUTPUT } from '../contract.ts';
import { BedrockJobTracker } from './bedrock-job-tracker.ts';
import { STACK_NAME, type BedrockJobTrackerProps, type BedrockJobTrackerStackProps } from './props/props.ts';
import { importedNetwork } from './network.ts';
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
    for (const [name, value, description] of this.outputs()) new CfnOutput(this, name, { value, description });
  }

  private imported(props: BedrockJobTrackerStackProps): BedrockJobTrackerProps {
    const { alarmTopicArn, transitionsBusArn, encryptionKeyArn, jobsTableStreamArn, logGroupName } = props;
    return {
      ...(alarmTopicArn !== undefined && { alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn) }),
      ...(transitionsBusArn !== undefined && {
        transitionsBus: EventBus.fromEventBusArn(this, 'TransitionsBus', transitionsBusArn),
      }),
      ...(encryptionKeyArn !== undefined && {
        encryptionKey: Key.fromKeyArn(this, 'EncryptionKey', encryptionKeyArn),
      }),
      ...(logGroupName !== undefined && { logGroup: LogGroup.fromLogGroupName(this, 'LogGroup', logGroupName) }),
      ...importedNetwork(this, props),
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

  /** Names, values and descriptions; docs/configuration.md shows them. */
  private outputs(): (readonly [name: string, value: string, description: string])[] {
    const { tracker } = this;
    const { hubBus, hubId } = tracker;
    return [
      [OUTPUT.jobsTableName, tracker.jobsTable.tableName, 'Jobs table'],
      [OUTPUT.jobsTableArn, tracker.jobsTable.tableArn, 'ARN of the jobs table, for policies'],
      [OUTPUT.jobEventsQueueUrl, tracker.jobEventsQueue.queueUrl, 'Queue of events for track-job'],
      [
        OUTPUT.jobEventsDeadLetterQueueUrl,
        tracker.jobEventsDeadLetterQueue.queueUrl,
        `Dead-letter queue of track-job; ${EMPTY}`,
      ],
      [OUTPUT.trackJobFunctionName, tracker.trackJobFunction.functionName, 'Function that turns events into records'],
      [
        OUTPUT.reconcileJobsFunctionName,
        tracker.reconcileJobsFunction.functionName,
        'Function that sweeps; to start a sweep, invoke it with {"sweep":"active"} or {"sweep":"full"}',
      ],
      [
        OUTPUT.publishTransitionsFunctionName,
        tracker.publishTransitionsFunction.functionName,
        'Function that publishes transitions',
      ],
      [OUTPUT.transitionsBusArn, tracker.transitionsBus.eventBusArn, 'Event bus that transitions are published on'],
      [OUTPUT.scheduleGroupName, tracker.scheduleGroup.scheduleGroupName, 'Group of the schedules that start sweeps'],
      [
        OUTPUT.undeliveredEventsQueueUrl,
        tracker.undeliveredEventsQueue.queueUrl,
        `Events that EventBridge could not deliver to the queue; ${EMPTY}`,
      ],
      [
        OUTPUT.undeliveredSweepsQueueUrl,
        tracker.undeliveredSweepsQueue.queueUrl,
        `Sweeps that EventBridge Scheduler could not start; ${EMPTY}`,
      ],
      [
        OUTPUT.undeliveredTransitionsQueueUrl,
        tracker.undeliveredTransitionsQueue.queueUrl,
        `Parts of the stream that publish-transitions gave up on; ${EMPTY}`,
      ],
      ...notificationOutputs(tracker),
      ...(hubBus === undefined || hubId === undefined
        ? []
        : ([
            [OUTPUT.hubAccountId, this.account, 'Account of the hub: parameter HubAccountId of the spokes'],
            [OUTPUT.hubBusArn, hubBus.eventBusArn, 'Bus that spokes forward events to: their parameter HubBusArn'],
            [OUTPUT.hubId, hubId, 'Id of the hub: parameter HubId of the spokes'],
            [
              OUTPUT.hubRoleArns,
              Fn.join(',', tracker.readerRoleArns),
              'Roles that read through the spokes: their parameter HubRoleArns',
            ],
          ] as const)),
    ];
  }
}

const EMPTY = 'empty unless something is wrong';

const notificationOutputs = (tracker: BedrockJobTracker): (readonly [string, string, string])[] => {
  const { notificationsTopic, notifyTransitionFunction, undeliveredNotificationsQueue } = tracker;
  if (!notificationsTopic || !notifyTransitionFunction || !undeliveredNotificationsQueue) return [];
  return [
    [OUTPUT.notificationsTopicArn, notificationsTopic.topicArn, 'SNS topic of the notifications'],
    [
      OUTPUT.notifyTransitionFunctionName,
      notifyTransitionFunction.functionName,
      'Function that writes the notifications',
    ],
    [
      OUTPUT.undeliveredNotificationsQueueUrl,
      undeliveredNotificationsQueue.queueUrl,
      `Notifications that could not be sent; ${EMPTY}`,
    ],
  ];
};
