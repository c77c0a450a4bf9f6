import { describe, expect, it } from '@jest/globals';
import { OUTPUT } from '../../lib/contract.ts';
import { STACK_NAME } from '../../lib/infra/props/props.ts';
import { BedrockJobTrackerStack } from '../../lib/infra/stack.ts';
import { defaultTemplate, fullTemplate, makeStack, readable, resourcesOf, type CfnTemplate } from './support.ts';

describe('the stack', () => {
  it('is what was reviewed: a change of the template shows here', () => {
    expect(withoutHashes(defaultTemplate())).toMatchSnapshot();
  });

  it('is named BedrockJobTracker, as documents and scripts say', () => {
    expect(makeStack()).toBeInstanceOf(BedrockJobTrackerStack);
    expect(makeStack().stackName).toBe(STACK_NAME);
    expect(STACK_NAME).toBe('BedrockJobTracker');
  });

  it('has the outputs of the contract, and no other', () => {
    const outputsOf = ({ Outputs }: CfnTemplate) =>
      Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, readable(Value)]));
    const always = {
      [OUTPUT.jobsTableName]: '<TrackerJobsTable>',
      [OUTPUT.jobsTableArn]: '<TrackerJobsTable.Arn>',
      [OUTPUT.jobEventsQueueUrl]: '<TrackerJobEventsQueue>',
      [OUTPUT.jobEventsDeadLetterQueueUrl]: '<TrackerJobEventsDeadLetterQueue>',
      [OUTPUT.trackJobFunctionName]: '<TrackerTrackJobFunction>',
      [OUTPUT.reconcileJobsFunctionName]: '<TrackerReconcileJobsFunction>',
      [OUTPUT.publishTransitionsFunctionName]: '<TrackerPublishTransitionsFunction>',
      [OUTPUT.undeliveredEventsQueueUrl]: '<TrackerJobEventsUndeliveredQueue>',
      [OUTPUT.undeliveredSweepsQueueUrl]: '<TrackerReconcileJobsUndeliveredQueue>',
      [OUTPUT.undeliveredTransitionsQueueUrl]: '<TrackerPublishTransitionsFailedQueue>',
      [OUTPUT.scheduleGroupName]: expect.stringMatching(/^BedrockJobTracker-ReconcileJobs-Schedules-/),
      [OUTPUT.transitionsBusArn]: expect.stringMatching(/:event-bus\/default$/),
    };
    expect(outputsOf(defaultTemplate())).toEqual(always);
    expect(outputsOf(fullTemplate())).toEqual({
      ...always,
      [OUTPUT.notifyTransitionFunctionName]: '<TrackerNotificationsFunction>',
      [OUTPUT.notificationsTopicArn]: '<TrackerNotificationsTopic>',
      [OUTPUT.undeliveredNotificationsQueueUrl]: '<TrackerNotificationsUndeliveredQueue>',
      [OUTPUT.hubAccountId]: '111122223333',
      [OUTPUT.hubBusArn]: '<TrackerHubBus.Arn>',
      [OUTPUT.hubId]: expect.stringMatching(/^[0-9a-f]{8}$/),
      [OUTPUT.hubRoleArns]: '<TrackerTrackJobRole.Arn>,<TrackerReconcileJobsRole.Arn>',
    });
    expect(Object.keys(fullTemplate().Outputs).sort()).toEqual(Object.values(OUTPUT).sort());
  });

  it('says by a tag whose the tables, queues and functions are', () => {
    const tagged = ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Lambda::Function'].flatMap((type) =>
      resourcesOf(defaultTemplate(), type),
    );
    for (const [, { Properties }] of tagged) {
      expect(Properties).toMatchObject({ Tags: [{ Key: 'application', Value: 'bedrock-job-tracker' }] });
    }
  });
});

/** The hash of an asset changes with every bundle, and says nothing about the stack. */
function withoutHashes(template: CfnTemplate): unknown {
  return JSON.parse(JSON.stringify(template).replaceAll(/[0-9a-f]{64}\.zip/g, '<bundle>.zip'));
}
