import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MARSHALL_OPTIONS } from '../../../lib/runtime/dynamodb-stores.ts';
import { loadTable } from '../../../test/support/integration/load-table.ts';
import { manyJob } from '../../../test/support/integration/many-jobs.ts';
import type { RunningLocally } from './local-run.ts';

const LIMIT_MS = 120_000;
/** What a reader waits between two looks: an answer is late by that and the look itself. */
const LOOK_EVERY_MS = 5;
const MOST_KEYS = 100;

/** The local run's records, as another service reads them. */
export interface Records {
  /** Adds records of an older history, from one number to another. */
  readonly load: (from: number, to: number) => Promise<void>;
  /**
   * Looks until every job has a record of this status. Tells of each when it was first seen so; `pending` may grow
   * meanwhile, up to `count`.
   */
  readonly until: (status: string, pending: ReadonlySet<string>, count: number) => Promise<ReadonlyMap<string, number>>;
  readonly close: () => void;
}

export const recordsOf = ({ addresses }: RunningLocally): Records => {
  const { dynamoDbUrl: endpoint, region, jobsTable } = addresses;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region }), {
    marshallOptions: MARSHALL_OPTIONS,
  });
  const statuses = async (arns: readonly string[]): Promise<readonly (readonly [string, string])[]> => {
    const Keys = arns.slice(0, MOST_KEYS).map((job_arn) => ({ job_arn }));
    const { Responses } = await client.send(
      new BatchGetCommand({ RequestItems: { [jobsTable]: { Keys, ConsistentRead: true } } }),
    );
    return (Responses?.[jobsTable] ?? []).map(({ job_arn, status }) => [job_arn as string, status as string]);
  };
  return {
    load: async (from, to) => {
      await loadTable(
        { client, jobsTable },
        Array.from({ length: to - from }, (_, n) => manyJob(from + n)),
      );
    },
    until: async (status, pending, count) => {
      const seen = new Map<string, number>();
      const end = performance.now() + LIMIT_MS;
      while (seen.size < count) {
        const waiting = [...pending].filter((arn) => !seen.has(arn));
        for (const [arn, found] of waiting.length === 0 ? [] : await statuses(waiting)) {
          if (found === status) seen.set(arn, performance.now());
        }
        if (performance.now() > end) throw new Error(`${count - seen.size} of ${count} jobs got no record in time.`);
        await pause(LOOK_EVERY_MS);
      }
      return seen;
    },
    close: () => {
      client.destroy();
    },
  };
};
