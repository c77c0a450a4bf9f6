import { Duration, Names } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { EventSourceMappingOptions, Function } from 'aws-cdk-lib/aws-lambda';
import {
  Queue,
  QueueEncryption,
  RedrivePermission,
  type IQueue,
  type QueueProps,
  type RedriveAllowPolicy,
} from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { grantKey } from './encryption.ts';

/** How the tracker's queues are encrypted: by the customer's key, or by SQS's own keys (free of charge). */
export interface QueueSettings {
  readonly encryptionKey?: IKey;
}

/** A queue that is encrypted and refuses requests without TLS. */
export function secureQueue(scope: Construct, id: string, { encryptionKey }: QueueSettings, props: QueueProps): Queue {
  return new Queue(scope, id, {
    ...props,
    ...(encryptionKey === undefined
      ? { encryption: QueueEncryption.SQS_MANAGED }
      : { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
    enforceSSL: true,
  });
}

/**
 * The dead-letter queue of another queue: what lands here stays for SQS's longest retention, 14 days, for a person to look
 * at. It has no RedriveAllowPolicy by queue: each queue would name the other, which CloudFormation refuses as a circle.
 */
export function deadLetterQueue(
  scope: Construct,
  id: string,
  settings: QueueSettings,
  redriveAllowPolicy?: RedriveAllowPolicy,
): Queue {
  const queue = secureQueue(scope, id, settings, {
    retentionPeriod: Duration.days(14),
    ...(redriveAllowPolicy !== undefined && { redriveAllowPolicy }),
  });
  acknowledge(queue, {
    id: 'Serverless-SQSRedrivePolicy',
    reason: 'This is a dead-letter queue itself: an alarm tells a person of what lands here.',
  });
  return queue;
}

/**
 * The dead-letter queue of something that delivers, such as an EventBridge rule or a stream. No queue may take it for its
 * own.
 *
 * @param source what delivers, as the second half of "a dead-letter queue itself, of …"
 */
export function undeliveredQueue(
  scope: Construct,
  id: string,
  settings: QueueSettings,
  source = 'EventBridge deliveries',
): Queue {
  const queue = deadLetterQueue(scope, id, settings, { redrivePermission: RedrivePermission.DENY_ALL });
  acknowledge(queue, {
    id: 'AwsSolutions-SQS3',
    reason: `This is a dead-letter queue itself, of ${source}. The rule knows dead-letter queues of queues only.`,
  });
  return queue;
}

/**
 * Lets a function read a queue. Not by SqsEventSource, which lets the function use the queue's key without naming SQS.
 *
 * @returns the id of the event source mapping
 */
export function readQueue(
  fn: Function,
  queue: IQueue,
  options: Pick<EventSourceMappingOptions, 'batchSize' | 'maxBatchingWindow' | 'maxConcurrency'>,
): string {
  fn.addToRolePolicy(
    new PolicyStatement({
      actions: [
        'sqs:ReceiveMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueUrl',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
      ],
      resources: [queue.queueArn],
    }),
  );
  if (queue.encryptionMasterKey !== undefined) grantKey(queue.encryptionMasterKey, fn, 'receive', ['sqs']);
  acknowledge(fn, {
    id: 'Serverless-LambdaEventSourceMappingDestination',
    reason: 'Lambda takes no failure destination for SQS: the queue has a dead-letter queue.',
  });
  // The id that SqsEventSource gives: under another one an update would make a second mapping beside the first.
  return fn.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
    eventSourceArn: queue.queueArn,
    // One message that fails goes back to the queue alone.
    reportBatchItemFailures: true,
    // With a maximum concurrency, as Bedrock throttles by account and Region.
    ...options,
  }).eventSourceMappingId;
}
