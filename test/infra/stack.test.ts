import { describe, expect, it } from '@jest/globals';
import { OUTPUT, PARAMETER } from '../../lib/contract.ts';
import { BedrockJobTrackerStack, STACK_NAME } from '../../lib/infra/stack.ts';
import { defaultTemplate, makeStack, readable, resourcesOf, type CfnTemplate } from './support.ts';

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
    const outputs = Object.entries(defaultTemplate().Outputs).map(([name, { Value }]) => [name, readable(Value)]);
    expect(Object.fromEntries(outputs)).toEqual({
      [OUTPUT.jobsTableName]: '<TrackerJobsTable>',
      [OUTPUT.jobsTableArn]: '<TrackerJobsTable.Arn>',
      [OUTPUT.jobEventsQueueUrl]: '<TrackerJobEventsQueue>',
      [OUTPUT.jobEventsDeadLetterQueueUrl]: '<TrackerJobEventsDeadLetterQueue>',
      [OUTPUT.trackJobFunctionName]: '<TrackerTrackJobFunction>',
      [OUTPUT.reconcileJobsFunctionName]: '<TrackerReconcileJobsFunction>',
    });
  });

  it('names the table in the SSM parameters of the contract', () => {
    const parameters = resourcesOf(defaultTemplate(), 'AWS::SSM::Parameter').map(([, { Properties }]) => {
      const { Name, Value } = Properties as { Name: string; Value: unknown };
      return [Name, readable(Value)];
    });
    expect(Object.fromEntries(parameters)).toEqual({
      [PARAMETER.jobsTableName]: '<TrackerJobsTable>',
      [PARAMETER.jobsTableArn]: '<TrackerJobsTable.Arn>',
    });
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
