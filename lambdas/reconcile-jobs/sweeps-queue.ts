import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SweepMessage } from '../../lib/contract.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { clientSettingsOf, type Timeouts } from '../../lib/runtime/timeouts.ts';
import type { SendSweeps } from './handler.ts';

const TIMEOUTS: Timeouts = { maxAttempts: 5, requestTimeout: 5_000 };

export const createSqsClient = (): SQSClient => new SQSClient(clientSettingsOf(TIMEOUTS));

/** Up to ten messages a call, as SQS takes them. Throws SWEEP_INCOMPLETE if it refuses any: they are due again next time. */
export const sqsSweeps =
  (client: SQSClient, QueueUrl: string): SendSweeps =>
  async (messages: readonly SweepMessage[]) => {
    const Entries = messages.map((message, Id) => ({ Id: Id.toString(), MessageBody: JSON.stringify(message) }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const [first] = Failed;
    if (first === undefined) return;
    throw new TrackerError(
      'SWEEP_INCOMPLETE',
      `SQS refused ${Failed.length} of ${messages.length} messages to ${QueueUrl}: ${first.Code ?? ''} ${first.Message ?? ''}. The scopes stay due.`,
    );
  };
