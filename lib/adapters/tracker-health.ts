import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { formatScope, type Scope } from '../domain/scope.ts';
import type { SweepStore } from '../tracking/ports.ts';
import type { SweepState } from '../tracking/sweep-state.ts';

/** The last sweeps of one scope. */
export interface ScopeHealth {
  readonly scope: Scope;
  readonly active?: SweepState;
  readonly full?: SweepState;
}

/** A queue that is empty unless something is wrong. */
export interface QueueHealth {
  readonly name: string;
  /** Approximate, as SQS counts. */
  readonly messages: number;
}

/** What is to know about how the tracker does. Times are ISO-8601 UTC. */
export interface TrackerHealth {
  readonly scopes: readonly ScopeHealth[];
  readonly queues: readonly QueueHealth[];
}

/** All scopes that were ever swept, with their sweeps: one Scan of the sweeps table, two items a scope. */
export const readScopeHealth = async (sweeps: SweepStore): Promise<ScopeHealth[]> => {
  const byScope = new Map<string, ScopeHealth>();
  for (const { scope, sweep, state } of await sweeps.list()) {
    const key = formatScope(scope);
    byScope.set(key, { ...(byScope.get(key) ?? { scope }), [sweep]: state });
  }
  return [...byScope.values()];
};

/** How many messages wait in each queue: one request a queue. */
export const readQueueHealth = (client: SQSClient, urls: readonly string[]): Promise<QueueHealth[]> =>
  Promise.all(
    urls.map(async (QueueUrl) => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      );
      return {
        name: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1),
        messages: Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0),
      };
    }),
  );
