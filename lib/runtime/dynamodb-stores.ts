import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  paginateScan,
  PutCommand,
  type PutCommandInput,
  type QueryCommandInput,
  type ScanCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';
import { INDEX, JOBS_TABLE, type SweepKind, SWEEPS, SWEEPS_TABLE } from '../contract.ts';
import type { TrackedJob } from '../domain/drift.ts';
import { TrackerError } from '../domain/errors.ts';
import type { JobRecord } from '../domain/record.ts';
import { formatScope, parseScope, type Scope } from '../domain/identity.ts';
import type { JobStore, KnownSweep, Lease, SweepStore } from '../tracking/ports.ts';
import { readAhead } from './list-pages.ts';
import type { SweepState } from '../tracking/sweep-state.ts';

/**
 * Without `convertClassInstanceToMap` the marshaller takes a map with the key `constructor`, a valid tag, for an instance
 * of a class and refuses it.
 */
export const MARSHALL_OPTIONS = { removeUndefinedValues: true, convertClassInstanceToMap: true } as const;

const TIMEOUTS: Timeouts = { maxAttempts: 5, requestTimeout: 10_000 };

/** A document client that omits undefined attributes. Region, endpoint and credentials are the SDK's own settings. */
export const createDocumentClient = (region?: string, timeouts: Timeouts = TIMEOUTS): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      ...(region === undefined ? {} : { region }),
      ...clientSettingsOf(timeouts),
    }),
    { marshallOptions: MARSHALL_OPTIONS },
  );

/** What sweeps compare. Index reads are billed by item size anyway; this limits what crosses the wire. */
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

/** Writes a record if its previous revision is still stored: of two writers that read the same revision one succeeds. */
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
          `The record of ${record.job_arn} exceeds DynamoDB's limit of 400 KB: its hyperparameters or tags are larger than those of any known job.`,
          { cause: error },
        );
      }
    },
    listActive: (scope) => query(queryScopeInput(tableName, INDEX.active, scope)),
    listScope: (scope, { createdBefore }) => query(queryScopeInput(tableName, INDEX.byScope, scope, createdBefore)),
  };
};

const keyOf = (scope: Scope, sweep: SweepKind) => ({
  [SWEEPS_TABLE.partitionKey]: formatScope(scope),
  [SWEEPS_TABLE.sortKey]: sweep,
});

const stateOf = (item: Readonly<Record<string, unknown>>): SweepState => {
  const { [SWEEPS_TABLE.partitionKey]: _scope, [SWEEPS_TABLE.sortKey]: _sweep, ...state } = item;
  return state;
};

/** Skips items that another version of the tracker may have left. */
const knownSweep = (item: Readonly<Record<string, unknown>>): KnownSweep[] => {
  const scope = parseScope(String(item[SWEEPS_TABLE.partitionKey]));
  const sweep = SWEEPS.find((kind) => kind === item[SWEEPS_TABLE.sortKey]);
  return scope === undefined || sweep === undefined ? [] : [{ scope, sweep, state: stateOf(item) }];
};

/** Consistent: a lease or a watermark of a moment ago counts. */
export const listInput = (tableName: string): ScanCommandInput => ({ TableName: tableName, ConsistentRead: true });

/** Takes the lease if there is none, or if it has expired because its holder was killed. */
export const acquireInput = (
  tableName: string,
  scope: Scope,
  sweep: SweepKind,
  { now, until }: Lease,
): UpdateCommandInput => ({
  TableName: tableName,
  Key: keyOf(scope, sweep),
  UpdateExpression: 'SET #lease = :until',
  ConditionExpression: 'attribute_not_exists(#lease) OR #lease <= :now',
  ExpressionAttributeNames: { '#lease': 'lease_until' },
  ExpressionAttributeValues: { ':now': now, ':until': until },
  ReturnValues: 'ALL_OLD',
});

/** The sweeps table on DynamoDB (or anything that speaks its protocol). */
export const dynamoDbSweepStore = (client: DynamoDBDocumentClient, tableName: string): SweepStore => ({
  async list() {
    const known: KnownSweep[] = [];
    for await (const { Items = [] } of paginateScan({ client }, listInput(tableName))) {
      known.push(...Items.flatMap(knownSweep));
    }
    return known;
  },
  async get(scope, sweep) {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: keyOf(scope, sweep), ConsistentRead: true }),
    );
    return Item && stateOf(Item);
  },
  async acquire(scope, sweep, lease) {
    try {
      const { Attributes } = await client.send(new UpdateCommand(acquireInput(tableName, scope, sweep, lease)));
      return stateOf(Attributes ?? {});
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  },
  async save(scope, sweep, state) {
    await client.send(new PutCommand({ TableName: tableName, Item: { ...keyOf(scope, sweep), ...state } }));
  },
});
