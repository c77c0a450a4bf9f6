import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetCommand, type BatchGetCommandInput, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { pMapIterable } from 'p-map';
import { JOBS_TABLE } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { toChunks } from '../tracking/sweep-full.ts';
import type { ReadCost } from '../client/requests.ts';

export { collect } from '../tracking/merge-join.ts';

/** What BatchGetItem takes at most: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const BATCH_SIZE = 100;

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 10_000;
/** Answers in a row that brought nothing, after which the table is taken for throttled: some 30 seconds. */
const MAX_FRUITLESS = 9;

export interface RecordsTable {
  readonly dynamoDb: Pick<DynamoDBDocumentClient, 'send'>;
  readonly tableName: string;
  /** The table's key. @default 'job_arn' */
  readonly key?: 'job_arn' | 'model_arn' | 'scope';
  /** The rest of the key, the same of all. */
  readonly alsoKey?: Readonly<Record<string, string>>;
  /** What is read of each record; all of it where absent. */
  readonly attributes?: readonly string[];
  /** Is told what each request cost. */
  readonly onCost?: (readUnits: number) => void;
  readonly signal?: AbortSignal;
  /** What can be done instead where DynamoDB throttles, as a sentence. */
  readonly advice?: string;
  /** A number from 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** Part of a record, under its attributes' names. */
type Found = Readonly<Record<string, unknown>>;

const batchGetInput = (
  { tableName, key = JOBS_TABLE.partitionKey, alsoKey, attributes }: RecordsTable,
  arns: readonly string[],
): BatchGetCommandInput => ({
  RequestItems: {
    [tableName]: {
      Keys: arns.map((arn) => ({ [key]: arn, ...alsoKey })),
      ...(attributes !== undefined && {
        ProjectionExpression: attributes.map((_, number) => `#${number}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(attributes.map((name, number) => [`#${number}`, name])),
      }),
    },
  },
  ReturnConsumedCapacity: 'TOTAL',
});

/** The SDK repeats what failed as a whole; what DynamoDB left of a batch is for the caller to ask again, with waits. */
const pause = async (fruitless: number, { signal, advice = '', random = Math.random }: RecordsTable): Promise<void> => {
  if (fruitless > MAX_FRUITLESS) {
    throw new TrackerError(
      'THROTTLED',
      `DynamoDB throttles the reads of the records, also when they are repeated. Try again later. ${advice}`.trimEnd(),
    );
  }
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** fruitless);
  await sleep(random() * longest, undefined, signal && { signal });
};

/**
 * The records of at most 100 jobs or models in the order of their ARNs; one that is not in the table is left out.
 * Half a read unit for each started 4 KB of each record. `attributes` must have `job_arn`.
 *
 * @throws TrackerError THROTTLED
 */
export const getRecords = async (arns: readonly string[], table: RecordsTable): Promise<Found[]> => {
  const { key = JOBS_TABLE.partitionKey } = table;
  const found = new Map<unknown, Found>();
  let left = arns;
  for (let fruitless = 0; left.length > 0;) {
    const answer = await table.dynamoDb.send(new BatchGetCommand(batchGetInput(table, left)), {
      ...(table.signal && { abortSignal: table.signal }),
    });
    const records: Found[] = answer.Responses?.[table.tableName] ?? [];
    for (const record of records) found.set(record[key], record);
    for (const { CapacityUnits = 0 } of answer.ConsumedCapacity ?? []) table.onCost?.(CapacityUnits);
    const keys = answer.UnprocessedKeys?.[table.tableName]?.Keys ?? [];
    left = keys.map((each) => String(each[key]));
    // An answer is cut at 16 MB too: then there is nothing to wait for.
    fruitless = records.length > 0 ? 0 : fruitless + 1;
    if (left.length > 0 && fruitless > 0) await pause(fruitless, table);
  }
  return arns.map((arn) => found.get(arn)).filter((record) => record !== undefined);
};

/** The entries of an index; their cost is told at the end. Rejects with the signal's reason. */
export async function* readEntries<Entry>(
  entries: AsyncGenerator<Entry, Pick<ReadCost, 'readUnits'>>,
  { onCost, signal }: Required<Pick<RecordsTable, 'onCost'>> & Pick<RecordsTable, 'signal'>,
): AsyncGenerator<Entry> {
  for (let next = await entries.next(); ; next = await entries.next()) {
    signal?.throwIfAborted();
    if (next.done === true) {
      onCost(next.value.readUnits);
      return;
    }
    yield next.value;
  }
}

/** Batches that are read at a time, and that wait for their consumer at most: some 2 MB. */
const CONCURRENT_BATCHES = 4;
const WAITING_BATCHES = 8;

/** Some entries of an index, and the records of those that the table still has. */
interface RecordBatch<Entry> {
  readonly entries: readonly Entry[];
  readonly records: readonly Found[];
}

/**
 * The records of any number of entries, batch after batch in their order: read as fast as they are consumed and never far
 * ahead. Rejects as {@link getRecords} does, and with the signal's reason.
 */
export async function* getRecordBatches<Entry extends object>(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  table: RecordsTable,
): AsyncGenerator<RecordBatch<Entry>> {
  const { signal, key = JOBS_TABLE.partitionKey } = table;
  const read = async (batch: readonly Entry[]) => {
    signal?.throwIfAborted();
    const arns = batch.map((entry) => String((entry as Found)[key]));
    return { entries: batch, records: await getRecords(arns, table) };
  };
  const options = { concurrency: CONCURRENT_BATCHES, backpressure: WAITING_BATCHES };
  for await (const batch of pMapIterable(toChunks(entries, BATCH_SIZE), read, options)) {
    signal?.throwIfAborted();
    yield batch;
  }
}

/** Entries of an index in their order, each with what its record has besides, if there still is one. */
export async function* withRecords<Entry extends object>(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  table: RecordsTable,
): AsyncGenerator<Entry> {
  const { key = JOBS_TABLE.partitionKey } = table;
  for await (const batch of getRecordBatches(entries, table)) {
    const records = new Map(batch.records.map((record) => [record[key], record]));
    for (const entry of batch.entries) yield { ...entry, ...records.get((entry as Found)[key]) };
  }
}
