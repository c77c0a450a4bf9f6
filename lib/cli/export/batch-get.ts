import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetCommand, type BatchGetCommandInput, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { JOBS_TABLE } from '../../contract.ts';
import { TrackerError } from '../../domain/errors.ts';
import type { Exported } from './attributes.ts';

/** What BatchGetItem takes at most: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const BATCH_SIZE = 100;

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 10_000;
/** Answers in a row that brought nothing, after which the table is taken for throttled: some 30 seconds. */
const PATIENCE = 9;

export interface RecordsTable {
  readonly dynamoDb: Pick<DynamoDBDocumentClient, 'send'>;
  readonly tableName: string;
  /** Is told what each request cost. */
  readonly onCost: (readUnits: number) => void;
  readonly signal: AbortSignal;
  /** A number from 0 to 1. @default Math.random */
  readonly random?: () => number;
}

export const batchGetInput = (tableName: string, jobArns: readonly string[]): BatchGetCommandInput => ({
  RequestItems: { [tableName]: { Keys: jobArns.map((jobArn) => ({ [JOBS_TABLE.partitionKey]: jobArn })) } },
  ReturnConsumedCapacity: 'TOTAL',
});

/** The SDK repeats what failed as a whole; what DynamoDB left of a batch is for the caller to ask again, with waits. */
const pause = async (fruitless: number, { signal, random = Math.random }: RecordsTable): Promise<void> => {
  if (fruitless > PATIENCE) {
    throw new TrackerError(
      'THROTTLED',
      'DynamoDB throttles the reads of the records, also when they are repeated. Try again later, or read the index alone with --summary.',
    );
  }
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** fruitless);
  await sleep(random() * longest, undefined, { signal });
};

/**
 * The records of at most {@link BATCH_SIZE} jobs in the order of their ARNs; one that is not in the table is left out.
 * Half a read unit for each started 4 KB of each record.
 *
 * @throws TrackerError THROTTLED
 */
export const getRecords = async (jobArns: readonly string[], table: RecordsTable): Promise<Exported[]> => {
  const found = new Map<unknown, Exported>();
  let left = jobArns;
  for (let fruitless = 0; left.length > 0;) {
    const answer = await table.dynamoDb.send(new BatchGetCommand(batchGetInput(table.tableName, left)), {
      abortSignal: table.signal,
    });
    const records: Exported[] = answer.Responses?.[table.tableName] ?? [];
    for (const record of records) found.set(record[JOBS_TABLE.partitionKey], record);
    for (const { CapacityUnits = 0 } of answer.ConsumedCapacity ?? []) table.onCost(CapacityUnits);
    const keys = answer.UnprocessedKeys?.[table.tableName]?.Keys ?? [];
    left = keys.map((key) => String(key[JOBS_TABLE.partitionKey]));
    // An answer is cut at 16 MB too: then there is nothing to wait for.
    fruitless = records.length > 0 ? 0 : fruitless + 1;
    if (left.length > 0 && fruitless > 0) await pause(fruitless, table);
  }
  return jobArns.map((jobArn) => found.get(jobArn)).filter((record) => record !== undefined);
};
