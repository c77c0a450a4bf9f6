import { Stack, Token } from 'aws-cdk-lib';
import { Grant, PolicyStatement, ServicePrincipal, type IGrantable, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { otherPlaceOf } from './props/places.ts';

/** What a customer's key is used for. */
export type KeyUse = 'read' | 'write' | 'send' | 'receive';

/**
 * What each use takes: DynamoDB's own list for its readers and writers, SQS's and SNS's for senders and receivers, such as
 * a function that receives its variables. Each name in full: `ReEncrypt*` and `GenerateDataKey*` would cover what AWS adds.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
const ACTIONS: Readonly<Record<KeyUse, readonly string[]>> = {
  read: ['kms:Decrypt', 'kms:DescribeKey'],
  write: [
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ],
  send: ['kms:Decrypt', 'kms:GenerateDataKey'],
  receive: ['kms:Decrypt'],
};

/** The services that encrypt by the key on behalf of who calls them. */
type EncryptingService = 'dynamodb' | 'lambda' | 'sqs' | 'sns';

/**
 * Lets a function or role use the customer's key through these services, and not by itself.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export const grantKey = (
  key: IKey,
  grantee: IGrantable,
  use: KeyUse,
  services: readonly EncryptingService[],
): Grant => {
  const allowed = allowing(key, use, services);
  // Another account or Region cannot ask for the ARN of a key that the app makes. The key's policy names the reader.
  const isOutOfReach = Token.isUnresolved(key.keyArn) && otherPlaceOf(grantee.grantPrincipal, Stack.of(key));
  const anyKey = Stack.of(key).formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  return Grant.addToPrincipal({ grantee, ...allowed, ...(isOutOfReach && { resourceArns: [anyKey] }) });
};

const allowing = (key: IKey, use: KeyUse, services: readonly EncryptingService[]) => ({
  actions: [...ACTIONS[use]],
  resourceArns: [key.keyArn],
  conditions: {
    StringEquals: {
      'kms:ViaService': services.map((service) => `${service}.${key.env.region}.${Stack.of(key).urlSuffix}`),
    },
  },
});

/** Lets the key's policy name a reader of the jobs table. False for a key whose policy the app does not hold. */
export const shareKey = (key: IKey, principal: IPrincipal): boolean => {
  const { actions, conditions } = allowing(key, 'read', ['dynamodb']);
  const statement = new PolicyStatement({ actions, resources: ['*'], principals: [principal], conditions });
  return key.addToResourcePolicy(statement).statementAdded;
};

/**
 * Lets the services of this account that write by themselves use the key: CloudWatch Logs for the log groups, and
 * EventBridge for the queues. Without effect on a key that is imported, whose policy the app does not hold.
 */
export function allowServices(scope: Construct, key: IKey): void {
  const { partition, region, account } = Stack.of(scope);
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'LogGroups',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [...ACTIONS.write],
      resources: ['*'],
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  );
  allowService(scope, key, 'events');
}

/**
 * Lets a service put messages into queues and topics that the key encrypts, on behalf of this account alone: without
 * the condition it would also do so for any other account that names them.
 */
export function allowService(scope: Construct, key: IKey, service: 'events' | 'sns'): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
      actions: [...ACTIONS.send],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
}
