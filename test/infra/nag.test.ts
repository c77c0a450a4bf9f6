import { describe, expect, it } from '@jest/globals';
import { Validations, type Environment, type Stack, type StackProps } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { BedrockJobTrackerProps } from '../../lib/infra/props.ts';
import { makeStack } from './support.ts';

const findingsOf = (stack: Stack): string[] =>
  new AwsSolutionsChecks()
    .validateScope(stack)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath ?? ''}`),
    );

const findings = (props: BedrockJobTrackerProps & StackProps = {}): string[] => findingsOf(makeStack(props));

const acknowledgements = (env: Environment = {}): [path: string, id: string, reason: string][] =>
  makeStack({ env })
    .node.findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) =>
          Object.entries(data as Record<string, string>).map(([id, reason]): [string, string, string] => [
            node.path,
            id.replace(/^annotation::/i, ''),
            reason,
          ]),
        ),
    );

describe('cdk-nag, AwsSolutions', () => {
  it.each<[string, Environment]>([
    ['of any account and Region', {}],
    ['of one account and Region', { account: '111122223333', region: 'us-west-2' }],
  ])('finds nothing in a stack %s that is not argued for', (_case, env) => {
    expect(findings({ env })).toEqual([]);
  });

  it('does not stand in the way of who switches recovery off', () => {
    expect(findings({ pointInTimeRecovery: false })).toEqual([]);
  });

  it('does look: a queue without encryption, TLS and dead letters is found', () => {
    const stack = makeStack();
    new Queue(stack, 'Careless', { encryption: QueueEncryption.UNENCRYPTED });
    expect(findingsOf(stack)).toEqual([
      'AwsSolutions-SQS2 BedrockJobTracker/Careless/Resource',
      'AwsSolutions-SQS3 BedrockJobTracker/Careless/Resource',
      'AwsSolutions-SQS4 BedrockJobTracker/Careless/Resource',
    ]);
  });

  it('is acknowledged for these findings alone', () => {
    const jobs = 'arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>:model-customization-job/*';
    expect(acknowledgements().map(([path, id]) => [path, id])).toEqual([
      ['BedrockJobTracker/Tracker/JobEvents/UndeliveredQueue', 'AwsSolutions-SQS3'],
      ['BedrockJobTracker/Tracker/TrackJob/Role', `AwsSolutions-IAM5[Resource::${jobs}]`],
      ['BedrockJobTracker/Tracker/ReconcileJobs/Role', `AwsSolutions-IAM5[Resource::${jobs}]`],
      ['BedrockJobTracker/Tracker/ReconcileJobs/Role', 'AwsSolutions-IAM5[Resource::*]'],
      ['BedrockJobTracker/Tracker/ReconcileJobs/UndeliveredQueue', 'AwsSolutions-SQS3'],
    ]);
  });

  it('is given a reason with each acknowledgement', () => {
    for (const [, , reason] of acknowledgements()) expect(reason).toMatch(/^.{40,}\.$/);
  });
});
