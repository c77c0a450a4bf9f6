import { describe, expect, it } from '@jest/globals';
import { Validations, type CfnResource, type Environment, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { BedrockJobTrackerProps } from '../../lib/infra/props/props.ts';
import { defaultTemplate, findingsOf, makeStack, resourceOf, toTemplate } from './support.ts';

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

const bedrock = 'arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>';

describe('cdk-nag, AwsSolutions and Serverless', () => {
  it.each<[string, Environment]>([
    ['of any account and Region', {}],
    ['of one account and Region', { account: '111122223333', region: 'us-west-2' }],
  ])('finds nothing in a stack %s that is not argued for', (_case, env) => {
    expect(findings({ env })).toEqual([]);
  });

  it.each<[string, BedrockJobTrackerProps & StackProps]>([
    ['switches recovery off', { pointInTimeRecovery: false }],
    ['switches tracing on', { tracing: true }],
    ['has people told', { notifications: { emails: ['ml-team@example.com'] } }],
    [
      'tracks other accounts and Regions',
      {
        env: { account: '111122223333', region: 'us-east-1' },
        scopes: [{ accounts: ['111122223333', '444455556666'], regions: ['us-east-1', 'us-west-2'] }],
        spokeExternalId: 'bedrock-7f3a',
        organizationId: 'o-a1b2c3d4e5',
      },
    ],
  ])('does not stand in the way of who %s', (_case, props) => {
    expect(findings(props)).toEqual([]);
  });

  it('does look: a queue without encryption, TLS and dead letters is found', () => {
    const stack = makeStack();
    new Queue(stack, 'Careless', { encryption: QueueEncryption.UNENCRYPTED });
    expect(findingsOf(stack)).toEqual([
      'AwsSolutions-SQS2 BedrockJobTracker/Careless/Resource',
      'AwsSolutions-SQS3 BedrockJobTracker/Careless/Resource',
      'AwsSolutions-SQS4 BedrockJobTracker/Careless/Resource',
      'Serverless-SQSRedrivePolicy BedrockJobTracker/Careless/Resource',
    ]);
  });

  it('is acknowledged for these findings alone', () => {
    const everythingAnd = (types: readonly string[]) => [
      'AwsSolutions-IAM5[Resource::*]',
      ...types.map((type) => `AwsSolutions-IAM5[Resource::${bedrock}:${type}/*]`),
    ];
    const found = new Map<string, string[]>();
    for (const [path, id] of acknowledgements()) {
      const name = path.replace('BedrockJobTracker/Tracker/', '');
      found.set(name, [...(found.get(name) ?? []), id].sort());
    }
    const ownDeadLetters = ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy'];
    expect(Object.fromEntries(found)).toEqual({
      'JobEvents/DeadLetterQueue': ['Serverless-SQSRedrivePolicy'],
      'JobEvents/UndeliveredQueue': ownDeadLetters,
      'TrackJob/Role': everythingAnd([
        'custom-model-deployment',
        'custom-model',
        'model-customization-job',
        'provisioned-model',
      ]),
      'TrackJob/Function': [
        'Serverless-LambdaDLQ',
        'Serverless-LambdaEventSourceMappingDestination',
        'Serverless-LambdaTracing',
      ],
      'ReconcileJobs/Role': everythingAnd(['custom-model', 'model-customization-job']),
      'ReconcileJobs/Function': [
        'Serverless-LambdaAsyncFailureDestination',
        'Serverless-LambdaDLQ',
        'Serverless-LambdaTracing',
      ],
      'ReconcileJobs/UndeliveredQueue': ownDeadLetters,
      'PublishTransitions/Function': ['Serverless-LambdaDLQ', 'Serverless-LambdaTracing'],
      'PublishTransitions/FailedQueue': ownDeadLetters,
    });
  });

  it('is given a reason with each acknowledgement, in ASCII', () => {
    for (const [, , reason] of acknowledgements()) expect(reason).toMatch(/^[ -~]{40,}\.$/);
  });

  it('finds the same acknowledgements in the metadata of resources, where cdk-nag 2 looks', () => {
    const { Metadata } = resourceOf(defaultTemplate(), 'AWS::IAM::Policy', 'ReconcileJobsRoleDefaultPolicy');
    const reason = expect.stringMatching(/^[ -~]{40,}\.$/);
    expect(Metadata).toEqual({
      cdk_nag: {
        rules_to_suppress: [
          { id: 'AwsSolutions-IAM5', reason, applies_to: [`Resource::${bedrock}:model-customization-job/*`] },
          { id: 'AwsSolutions-IAM5', reason, applies_to: [`Resource::${bedrock}:custom-model/*`] },
          { id: 'AwsSolutions-IAM5', reason, applies_to: ['Resource::*'] },
        ],
      },
    });
  });

  it("adds to what the app acknowledges in cdk-nag 2's way", () => {
    const stack = makeStack();
    const queue = stack.node.findChild('Tracker').node.findChild('JobEvents').node.findChild('UndeliveredQueue');
    const own = { id: 'Acme-Queues', reason: 'Argued by the app.' };
    (queue.node.defaultChild as CfnResource).addMetadata('cdk_nag', { rules_to_suppress: [own] });
    const template = toTemplate(Template.fromStack(stack));
    const { Metadata } = resourceOf(template, 'AWS::SQS::Queue', 'JobEventsUndeliveredQueue');
    expect(Metadata).toMatchObject({
      cdk_nag: {
        rules_to_suppress: [own, { id: 'Serverless-SQSRedrivePolicy' }, { id: 'AwsSolutions-SQS3' }],
      },
    });
  });
});
