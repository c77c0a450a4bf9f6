import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  paginateQuery,
  PutCommand,
  type DynamoDBDocumentClient,
  type PutCommandInput,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { INDEX, JOBS_TABLE } from '../contract.ts';
import type { TrackedJob } from '../domain/drift.ts';
import { TrackerError } from '../domain/errors.ts';
import type { JobRecord } from '../domain/record.ts';
import { formatScope, type Scope } from '../domain/scope.ts';
import type { JobStore } from '../tracking/ports.ts';
import { readAhead } from './read-ahead.ts';

/** What sweeps compare: index reads are billed by item size, what crosses the wire is not needed beyond this. */
const COMPARED = [
  'job_arn',
  'status',
  'status_details',
  'creation_time',
  'last_modified_time',
  'end_time',
  'missing_since',
  'untracked_since',
  'tags',
] as const satisfies readonly (keyof TrackedJob)[];

/**
 * The write of a record, on condition that nobody wrote since its predecessor was read: two writers that read the same
 * revision cannot both succeed.
 */
export const putRecordInput = (tableName: string, record: JobRecord): PutCommandInput => ({
  TableName: tableName,
  Item: record,
  ...(record.revision === 1
    ? {
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': JOBS_TABLE.partitionKey },
      }
    : {
        ConditionExpression: '#revision = :previous',
        ExpressionAttributeNames: { '#revision': 'revision' },
        ExpressionAttributeValues: { ':previous': record.revision - 1 },
      }),
});

/** One index's records of a scope, newest first. */
export const queryScopeInput = (
  tableName: string,
  index: typeof INDEX.active | typeof INDEX.byScope,
  scope: Scope,
  createdBefore?: string,
): QueryCommandInput => {
  const { partitionKey, sortKey } = JOBS_TABLE.indexes[index];
  const names = COMPARED.map((attribute): [string, string] => [`#${attribute}`, attribute]);
  return {
    TableName: tableName,
    IndexName: index,
    KeyConditionExpression: createdBefore === undefined ? '#scope = :scope' : '#scope = :scope AND #created <= :before',
    ProjectionExpression: names.map(([name]) => name).join(', '),
    ExpressionAttributeNames: {
      ...Object.fromEntries(names),
      '#scope': partitionKey,
      ...(createdBefore === undefined ? {} : { '#created': sortKey }),
    },
    ExpressionAttributeValues: {
      ':scope': formatScope(scope),
      ...(createdBefore === undefined ? {} : { ':before': createdBefore }),
    },
    ScanIndexForward: false,
  };
};

const isTooLarge = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ValidationException' && /item size/i.test(error.message);

/** The jobs table on DynamoDB (or anything that speaks its protocol). */
export const dynamoDbJobStore = (client: DynamoDBDocumentClient, tableName: string): JobStore => {
  async function* query(input: QueryCommandInput): AsyncGenerator<TrackedJob, void, undefined> {
    for await (const page of readAhead(paginateQuery({ client }, input))) {
      for (const item of page.Items ?? []) yield item as TrackedJob;
    }
  }
  return {
    async get(jobArn) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: { [JOBS_TABLE.partitionKey]: jobArn }, ConsistentRead: true }),
      );
      return Item as JobRecord | undefined;
    },
    async put(record) {
      try {
        await client.send(new PutCommand(putRecordInput(tableName, record)));
        return 'written';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'conflict';
        if (!isTooLarge(error)) throw error;
        throw new TrackerError(
          'RECORD_TOO_LARGE',
          `The record of ${record.job_arn} exceeds DynamoDB's 400 KB an item; its hyperparameters or tags are larger than any known job's.`,
          { cause: error },
        );
      }
    },
    listActive: (scope) => query(queryScopeInput(tableName, INDEX.active, scope)),
    listScope: (scope, { createdBefore }) => query(queryScopeInput(tableName, INDEX.byScope, scope, createdBefore)),
  };
};
