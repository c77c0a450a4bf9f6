import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** A queue that is encrypted by SQS's own keys (free of charge) and refuses requests without TLS. */
export function secureQueue(scope: Construct, id: string, props: QueueProps): Queue {
  return new Queue(scope, id, { ...props, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true });
}

/** A dead-letter queue: what lands here stays for SQS's longest retention, 14 days, for a person to look at. */
export function deadLetterQueue(scope: Construct, id: string): Queue {
  return secureQueue(scope, id, { retentionPeriod: Duration.days(14) });
}

/** The dead-letter queue of something that delivers, such as an EventBridge rule, in place of a queue. */
export function undeliveredQueue(scope: Construct, id: string): Queue {
  const queue = deadLetterQueue(scope, id);
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason:
      'This is a dead-letter queue itself, of EventBridge deliveries. The rule knows dead-letter queues of queues only.',
  });
  return queue;
}
