import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { advance } from '../../../lib/domain/advance.ts';
import { normalize, type BedrockAnswer } from '../../../lib/domain/normalize.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { parseJobArn } from '../../../lib/domain/identity.ts';
import type { LoadedJob } from '../../../lib/simulator/index.ts';
import type { EmbeddedTables } from '../embedded-tables.ts';
import { SCOPE, withDates } from '../fixtures.ts';

const BATCH_SIZE = 25;
const FETCHED_AT = '2025-01-01T00:00:00.000Z';

/** The record that a backfill writes of a job, by the same rules. */
export const recordOf = ({ job, tags = {} }: LoadedJob): JobRecord => {
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
  return decision.record;
};

/**
 * Writes the records that a backfill would have written, by the same rules (`normalize` and `advance`) but in batches:
 * looking at ten thousand jobs one by one would take the embedded table a minute. Answers what it wrote, which `change`
 * may give what no backfill does.
 */
export const loadTable = async (
  { client, jobsTable }: Pick<EmbeddedTables, 'client' | 'jobsTable'>,
  jobs: readonly LoadedJob[],
  change: (record: JobRecord, number: number) => JobRecord = (record) => record,
): Promise<readonly JobRecord[]> => {
  const records = jobs.map((job, number) => change(recordOf(job), number));
  const batches = Array.from({ length: Math.ceil(records.length / BATCH_SIZE) }, (_, number) =>
    records.slice(number * BATCH_SIZE, (number + 1) * BATCH_SIZE),
  );
  await pMap(
    batches,
    async (batch) => {
      const requests = batch.map((record) => ({ PutRequest: { Item: { ...record } } }));
      await client.send(new BatchWriteCommand({ RequestItems: { [jobsTable]: requests } }));
    },
    { concurrency: 8 },
  );
  return records;
};
