import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { advance } from '../../../lib/domain/advance.ts';
import { normalize, type BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { parseJobArn } from '../../../lib/domain/job-arn.ts';
import type { LoadedJob } from '../../../lib/local/simulator/index.ts';
import type { EmbeddedTables } from '../embedded-tables.ts';
import { SCOPE, withDates } from '../fixtures.ts';

const BATCH_SIZE = 25;
const FETCHED_AT = '2025-01-01T00:00:00.000Z';

const recordOf = ({ job, tags = {} }: LoadedJob): Readonly<Record<string, unknown>> => {
  const decision = advance(
    undefined,
    normalize(withDates(job) as BedrockAnswer, {
      scope: parseJobArn(job.jobArn) ?? SCOPE,
      jobIdentifier: job.jobArn,
      tags,
      fetchedAt: FETCHED_AT,
      via: 'backfill',
    }),
  );
  if (!('record' in decision)) throw new Error(`No record of ${job.jobArn}`);
  return { ...decision.record };
};

/**
 * Writes the records that a backfill would have written, by the same rules (`normalize` and `advance`) but in batches:
 * looking at ten thousand jobs one by one would take the embedded table a minute.
 */
export const loadTable = async ({ client, jobsTable }: EmbeddedTables, jobs: readonly LoadedJob[]): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(jobs.length / BATCH_SIZE) }, (_, number) =>
    jobs.slice(number * BATCH_SIZE, (number + 1) * BATCH_SIZE),
  );
  await pMap(
    batches,
    async (batch) => {
      const requests = batch.map((job) => ({ PutRequest: { Item: recordOf(job) } }));
      await client.send(new BatchWriteCommand({ RequestItems: { [jobsTable]: requests } }));
    },
    { concurrency: 8 },
  );
};
