import { Aws, Fn, Lazy, Stack, type CfnResource } from 'aws-cdk-lib';
import { OUTPUT } from '../contract.ts';
import type { BedrockJobTracker } from './bedrock-job-tracker.ts';

/** Name, value and description. */
type Output = readonly [name: string, value: string, description: string];

const EMPTY = 'empty unless something is wrong';

/** What people and scripts look for: the outputs of the stack, and the lines of the SSM parameter `outputs`. */
export const outputsOf = (tracker: BedrockJobTracker): readonly Output[] => [
  [OUTPUT.jobsTableName, tracker.jobsTable.tableName, 'Jobs table'],
  [OUTPUT.jobsTableArn, tracker.jobsTable.tableArn, 'ARN of the jobs table, for policies'],
  ...(tracker.modelsTable
    ? ([
        [OUTPUT.modelsTableName, tracker.modelsTable.tableName, 'Models table'],
        [OUTPUT.modelsTableArn, tracker.modelsTable.tableArn, 'ARN of the models table, for policies'],
      ] as const)
    : []),
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
  [OUTPUT.scheduleGroupName, tracker.scheduleGroupName, 'Group of the schedule that starts sweeps'],
  [
    OUTPUT.undeliveredEventsQueueUrl,
    tracker.undeliveredEventsQueue.queueUrl,
    `Events that EventBridge could not deliver to the queue; ${EMPTY}`,
  ],
  [
    OUTPUT.undeliveredSweepsQueueUrl,
    tracker.undeliveredSweepsQueue.queueUrl,
    `Sweeps that could not be started; ${EMPTY}`,
  ],
  [
    OUTPUT.undeliveredTransitionsQueueUrl,
    tracker.undeliveredTransitionsQueue.queueUrl,
    `Parts of the stream that publish-transitions gave up on; ${EMPTY}`,
  ],
  ...alarmOutputs(tracker),
  ...notificationOutputs(tracker),
  ...hubOutputs(tracker),
];

/** CloudFormation names an alarm `<stack>-<logical id>-<random text>`. */
const alarmOutputs = (tracker: BedrockJobTracker): Output[] => {
  const { alarms } = tracker;
  if (alarms.length === 0) return [];
  const stack = Stack.of(tracker);
  const idsOf = () => alarms.map(({ node }) => stack.getLogicalId(node.defaultChild as CfnResource));
  // Late, as an app may still rename its resources.
  const shared = Lazy.uncachedString({ produce: () => sharedBeginning(idsOf()) });
  return [[OUTPUT.alarmNamePrefix, `${Aws.STACK_NAME}-${shared}`, 'What the names of the alarms begin with']];
};

const sharedBeginning = ([first = '', ...others]: readonly string[]): string => {
  let length = first.length;
  while (!others.every((other) => other.startsWith(first.slice(0, length)))) length -= 1;
  return first.slice(0, length);
};

const notificationOutputs = (tracker: BedrockJobTracker): Output[] => {
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

const hubOutputs = (tracker: BedrockJobTracker): Output[] => {
  const { hubBus, hubId } = tracker;
  if (hubBus === undefined || hubId === undefined) return [];
  return [
    [OUTPUT.hubAccountId, Stack.of(tracker).account, 'Account of the hub: parameter HubAccountId of the spokes'],
    [OUTPUT.hubBusArn, hubBus.eventBusArn, 'Bus that spokes forward events to: their parameter HubBusArn'],
    [OUTPUT.hubId, hubId, 'Id of the hub: parameter HubId of the spokes'],
    [
      OUTPUT.hubRoleArns,
      Fn.join(',', tracker.readerRoleArns),
      'Roles that read through the spokes: their parameter HubRoleArns',
    ],
  ];
};
