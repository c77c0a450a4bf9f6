import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';
import {
  BY_STATE_INDEX,
  INDEX,
  JOBS_TABLE,
  MODEL_INDEX,
  MODELS_TABLE,
  SCOPE_ITEM,
  shardsOf,
  type SweepKind,
  SWEEPS,
  SWEEPS_TABLE,
  type TableSchema,
} from '../contract.ts';
import type { TrackedJob } from '../domain/drift.ts';
import { TrackerError } from '../domain/errors.ts';
import { arnOf } from '../domain/kind.ts';
import type { TrackedModel } from '../domain/model-kind.ts';
import type { ModelRecord, ServingPointer } from '../domain/model-record.ts';
import type { JobRecord } from '../domain/record.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import type {
  JobStore,
  Lease,
  ListedScope,
  ListQuery,
  ModelStore,
  RecordStore,
  ScopeStore,
  SweepStore,
} from '../tracking/ports.ts';
import { shardOf, type ScopeRecord } from '../tracking/scope.ts';
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

/** A table of records, and what sweeps compare of them: index reads are billed by item size, this limits what crosses the wire. */
interface RecordTable extends TableSchema {
  readonly partitionKey: 'job_arn' | 'model_arn';
  readonly compared: readonly string[];
}

const JOB_RECORDS: RecordTable = {
  ...JOBS_TABLE,
  compared: [
    'job_arn',
    'status',
    'status_details',
    'creation_time',
    'last_modified_time',
    'end_time',
    'missing_since',
    'untracked_since',
    'tags',
  ] satisfies (keyof TrackedJob)[],
};

const MODEL_RECORDS: RecordTable = {
  ...MODELS_TABLE,
  compared: [
    'model_arn',
    'status',
    'creation_time',
    'deployments',
    'provisioned_throughputs',
    'usage',
    'missing_since',
    'untracked_since',
  ] satisfies (keyof ModelRecord)[],
};

interface Revised {
  readonly revision: number;
}

/** Writes a record if its previous revision is still stored: of two writers that read the same revision one succeeds. */
export const putRecordInput = (
  tableName: string,
  record: Revised,
  table: Pick<TableSchema, 'partitionKey'> = JOB_RECORDS,
): PutCommandInput => ({
  TableName: tableName,
  Item: record,
  ...(record.revision === 1
    ? {
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': table.partitionKey },
      }
    : {
        ConditionExpression: '#revision = :previous',
        ExpressionAttributeNames: { '#revision': 'revision' },
        ExpressionAttributeValues: { ':previous': record.revision - 1 },
      }),
});

export const queryScopeInput = (
  tableName: string,
  index: string,
  scope: Scope,
  createdBefore?: string,
  table: RecordTable = JOB_RECORDS,
): QueryCommandInput => {
  const { partitionKey = '', sortKey = '' } = table.indexes[index] ?? {};
  const names = table.compared.map((attribute): [string, string] => [`#${attribute}`, attribute]);
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

const putRevised = async (client: DynamoDBDocumentClient, input: PutCommandInput): Promise<'written' | 'conflict'> => {
  try {
    await client.send(new PutCommand(input));
    return 'written';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'conflict';
    throw error;
  }
};

const isTooLarge = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ValidationException' && /item size/i.test(error.message);

/** A table of records on DynamoDB (or anything that speaks its protocol). */
const recordStore = <R extends Revised, T>(
  client: DynamoDBDocumentClient,
  tableName: string,
  table: RecordTable,
): RecordStore<R, T> & { readonly query: (index: string, scope: Scope, query: ListQuery) => AsyncIterable<T> } => {
  async function* query(index: string, scope: Scope, { createdBefore }: ListQuery): AsyncGenerator<T, void, undefined> {
    const input = queryScopeInput(tableName, index, scope, createdBefore, table);
    for await (const page of readAhead(paginateQuery({ client }, input))) {
      for (const item of page.Items ?? []) yield item as T;
    }
  }
  return {
    query,
    async get(arn) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: { [table.partitionKey]: arn }, ConsistentRead: true }),
      );
      // A pointer to a record has no revision.
      return Item?.['revision'] === undefined ? undefined : (Item as R);
    },
    async put(record) {
      try {
        return await putRevised(client, putRecordInput(tableName, record, table));
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        throw new TrackerError(
          'RECORD_TOO_LARGE',
          `The record of ${arnOf({ key: table.partitionKey }, record)} exceeds DynamoDB's limit of 400 KB: its hyperparameters or tags are larger than those of any known resource.`,
          { cause: error },
        );
      }
    },
    listScope: (scope, list) => query(INDEX.byScope, scope, list),
  };
};

/** The jobs table. */
export const dynamoDbJobStore = (client: DynamoDBDocumentClient, tableName: string): JobStore => {
  const { query, ...store } = recordStore<JobRecord, TrackedJob>(client, tableName, JOB_RECORDS);
  return { ...store, listActive: (scope) => query(INDEX.active, scope, {}) };
};

/** The models table. */
export const dynamoDbModelStore = (client: DynamoDBDocumentClient, tableName: string): ModelStore => {
  const { query, ...store } = recordStore<ModelRecord, TrackedModel>(client, tableName, MODEL_RECORDS);
  return {
    ...store,
    listServing: (scope) => query(MODEL_INDEX.serving, scope, {}),
    async putPointer(pointer) {
      try {
        await client.send(
          new PutCommand({
            TableName: tableName,
            Item: pointer,
            ConditionExpression: 'attribute_not_exists(#fetched) OR #fetched <= :fetched',
            ExpressionAttributeNames: { '#fetched': 'fetched_at' },
            ExpressionAttributeValues: { ':fetched': pointer.fetched_at },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
    async getPointer(arn) {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: { [MODELS_TABLE.partitionKey]: arn }, ConsistentRead: true }),
      );
      return Item?.['serves_model_arn'] === undefined ? undefined : (Item as ServingPointer);
    },
    async listNamed(name) {
      const { partitionKey } = MODELS_TABLE.indexes[MODEL_INDEX.byModelName];
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: MODEL_INDEX.byModelName,
          KeyConditionExpression: '#name = :name',
          ExpressionAttributeNames: { '#name': partitionKey },
          ExpressionAttributeValues: { ':name': name },
          ScanIndexForward: false,
        }),
      );
      return Items.map((item) => arnOf({ key: MODELS_TABLE.partitionKey }, item));
    },
  };
};

const STATE_INDEX = SWEEPS_TABLE.indexes[BY_STATE_INDEX];

const keyOf = (scope: Scope, sweep: SweepKind | typeof SCOPE_ITEM) => ({
  [SWEEPS_TABLE.partitionKey]: formatScope(scope),
  [SWEEPS_TABLE.sortKey]: sweep,
});

const stateOf = (item: Readonly<Record<string, unknown>>): SweepState => {
  const { [SWEEPS_TABLE.partitionKey]: _scope, [SWEEPS_TABLE.sortKey]: _sweep, ...state } = item;
  return state;
};

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

const scopeItemOf = (item: Readonly<Record<string, unknown>>): ScopeRecord => {
  const { [SWEEPS_TABLE.sortKey]: _sweep, [STATE_INDEX.partitionKey]: _shard, ...record } = item;
  return record as unknown as ScopeRecord;
};

const listedScope = (item: Readonly<Record<string, unknown>>): ListedScope => {
  const { [SWEEPS_TABLE.sortKey]: _sweep, [STATE_INDEX.partitionKey]: shard, ...listed } = item;
  return { ...listed, state: String(shard).split('#')[0] } as ListedScope;
};

/** The Query of all items of one scope. */
export const readScopeInput = (tableName: string, scope: Scope): QueryCommandInput => ({
  TableName: tableName,
  KeyConditionExpression: '#scope = :scope',
  ExpressionAttributeNames: { '#scope': SWEEPS_TABLE.partitionKey },
  ExpressionAttributeValues: { ':scope': formatScope(scope) },
  ConsistentRead: true,
});

/** The Query of one shard of the index by state. */
export const listScopesInput = (tableName: string, shard: string, dueUpTo?: string): QueryCommandInput => ({
  TableName: tableName,
  IndexName: BY_STATE_INDEX,
  KeyConditionExpression: dueUpTo === undefined ? '#shard = :shard' : '#shard = :shard AND #due <= :due',
  ExpressionAttributeNames: {
    '#shard': STATE_INDEX.partitionKey,
    ...(dueUpTo === undefined ? {} : { '#due': STATE_INDEX.sortKey }),
  },
  ExpressionAttributeValues: { ':shard': shard, ...(dueUpTo === undefined ? {} : { ':due': dueUpTo }) },
});

/** The scopes of the sweeps table. */
export const dynamoDbScopeStore = (client: DynamoDBDocumentClient, tableName: string): ScopeStore => ({
  async read(scope) {
    const { Items = [] } = await client.send(new QueryCommand(readScopeInput(tableName, scope)));
    const byKind = new Map(Items.map((item) => [item[SWEEPS_TABLE.sortKey], item]));
    const record = byKind.get(SCOPE_ITEM);
    // Another version of the tracker may have left items of other kinds.
    const sweeps = SWEEPS.flatMap((sweep) => {
      const item = byKind.get(sweep);
      return item ? [[sweep, stateOf(item)] as const] : [];
    });
    return { ...(record && { record: scopeItemOf(record) }), sweeps: Object.fromEntries(sweeps) };
  },
  async put(record) {
    const item = {
      ...record,
      [SWEEPS_TABLE.sortKey]: SCOPE_ITEM,
      [STATE_INDEX.partitionKey]: shardOf(record),
    };
    return putRevised(client, putRecordInput(tableName, item, SWEEPS_TABLE));
  },
  async *list(states, dueUpTo) {
    for (const shard of states.flatMap(shardsOf)) {
      for await (const { Items = [] } of readAhead(
        paginateQuery({ client }, listScopesInput(tableName, shard, dueUpTo)),
      )) {
        for (const item of Items) yield listedScope(item);
      }
    }
  },
});
