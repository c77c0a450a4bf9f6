import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import { Stack } from 'aws-cdk-lib';

import { iamStatements, permissionsOf, type Statement } from './permissions.ts';
import {
  findingsOf,
  listOf,
  makeApp,
  readable,
  resourcesOf,
  stubs,
  synthesize,
  toTemplate,
  type CfnTemplate,
} from './support.ts';

const makeStack = (): Stack => {
  const stack = new Stack(makeApp(), 'Acme');
  const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
  const tracker = new BedrockJobTracker(stack, 'Tracker', {
    _codeDirectory: stubs,
    encryptionKey,
    notifications: { emails: ['ml-team@example.com'] },
  });
  tracker.grantReadJobs(new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }));
  return stack;
};
let made: CfnTemplate | undefined;
const template = (): CfnTemplate => (made ??= toTemplate(Template.fromStack(makeStack())));
const each = (type: string) => resourcesOf(template(), type).map(([id, { Properties }]) => ({ id, Properties }));

const READ = ['kms:Decrypt <Key.Arn>', 'kms:DescribeKey <Key.Arn>'];
const WRITE = [
  ...READ,
  'kms:Encrypt <Key.Arn>',
  'kms:GenerateDataKey <Key.Arn>',
  'kms:GenerateDataKeyWithoutPlaintext <Key.Arn>',
  'kms:ReEncryptFrom <Key.Arn>',
  'kms:ReEncryptTo <Key.Arn>',
];
const SEND = ['kms:Decrypt <Key.Arn>', 'kms:GenerateDataKey <Key.Arn>'];
const keyPermissions = (role: string) =>
  [...new Set(permissionsOf(template(), role))].filter((permission) => permission.startsWith('kms:'));

describe("a customer's key", () => {
  it('encrypts both tables', () => {
    for (const { Properties } of each('AWS::DynamoDB::Table')) {
      expect(Properties).toMatchObject({ SSESpecification: { SSEEnabled: true, SSEType: 'KMS' } });
      const { SSESpecification } = Properties as { SSESpecification: { KMSMasterKeyId: unknown } };
      expect(readable(SSESpecification.KMSMasterKeyId)).toBe('<Key.Arn>');
    }
  });

  it.each([
    ['AWS::SQS::Queue', 'KmsMasterKeyId'],
    ['AWS::Logs::LogGroup', 'KmsKeyId'],
    ['AWS::Lambda::Function', 'KmsKeyArn'],
  ])('encrypts each %s', (type, property) => {
    expect(each(type).length).toBeGreaterThan(1);
    for (const { id, Properties } of each(type)) {
      expect([id, readable((Properties as Record<string, unknown>)[property] ?? 'nothing')]).toEqual([id, '<Key.Arn>']);
    }
  });

  it.each([
    ['TrackJobRole', WRITE, ['lambda', 'dynamodb', 'sqs']],
    ['ReconcileJobsRole', WRITE, ['lambda', 'dynamodb']],
    ['ReconcileJobsSweepsSchedulerRole', SEND, ['sqs']],
    ['PublishTransitionsRole', [...READ, 'kms:GenerateDataKey <Key.Arn>'], ['lambda', 'dynamodb', 'sqs']],
    ['NotificationsRole', SEND, ['lambda', 'sns', 'sqs']],
  ])('is used by %s for what its work needs, and only through the services that encrypt', (name, actions, services) => {
    const role = `<Tracker${name}>`;
    expect(keyPermissions(role)).toEqual(actions);
    const via = iamStatements(template())
      .filter((entry) => entry.role === role && listOf(entry.statement.Action)[0]?.startsWith('kms:'))
      .map(({ statement }) => statement.Condition as { StringEquals: { 'kms:ViaService': unknown } })
      .flatMap(({ StringEquals }) => listOf(StringEquals['kms:ViaService']).map(readable));
    expect([...new Set(via)]).toEqual(services.map((service) => `${service}.<AWS::Region>.<AWS::URLSuffix>`));
  });

  it('is used by readers to read', () => {
    expect(keyPermissions('<Reader>')).toEqual(READ);
  });

  it('lets CloudWatch Logs and EventBridge of this account use it, whoever else the services work for', () => {
    const statements = each('AWS::KMS::Key').flatMap(
      ({ Properties }) => (Properties as { KeyPolicy: { Statement: Statement[] } }).KeyPolicy.Statement,
    );
    const services = statements.filter(({ Principal }) => Principal?.['Service'] !== undefined);
    const account = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    expect(services.map(({ Principal, Condition }) => [readable(Principal?.['Service']), Condition])).toEqual([
      ['logs.<AWS::Region>.amazonaws.com', { ArnLike: expect.anything() }],
      ...['events', 'events', 'sns'].map((name) => [`${name}.amazonaws.com`, account]),
    ]);
  });

  it('keeps the queues closed to EventBridge of other accounts', () => {
    const senders = each('AWS::SQS::QueuePolicy').flatMap(({ Properties }) =>
      (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement.filter(
        ({ Effect }) => Effect === 'Allow',
      ),
    );
    expect(senders.length).toBeGreaterThan(1);
    for (const { Condition } of senders) expect(JSON.stringify(Condition)).toMatch(/aws:Source(Account|Arn)/);
  });

  it('encrypts the topic that people are told by', () => {
    const [topic] = each('AWS::SNS::Topic');
    expect(readable((topic?.Properties as { KmsMasterKeyId: unknown }).KmsMasterKeyId)).toBe('<Key.Arn>');
  });

  it('is named by no action wildcard in any role', () => {
    const roles = resourcesOf(template(), 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
      (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement.flatMap(({ Action }) =>
        listOf(Action),
      ),
    );
    expect(roles.filter((action) => action.includes('*'))).toEqual([]);
  });

  it('leaves nothing for cdk-nag to find', () => {
    expect(findingsOf(makeStack())).toEqual([]);
  });

  it('can be one that is made elsewhere, by its ARN', () => {
    const encryptionKeyArn = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const [, table] = resourcesOf(synthesize({ encryptionKeyArn }), 'AWS::DynamoDB::Table')[0] ?? [];
    expect(table?.Properties).toMatchObject({ SSESpecification: { KMSMasterKeyId: encryptionKeyArn } });
  });
});
