import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  paginateScan,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
  type ScanCommandInput,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { SWEEPS, SWEEPS_TABLE, type SweepKind } from '../contract.ts';
import { formatScope, parseScope, type Scope } from '../domain/scope.ts';
import type { KnownSweep, Lease, SweepStore } from '../tracking/ports.ts';
import type { SweepState } from '../tracking/sweep-state.ts';

const keyOf = (scope: Scope, sweep: SweepKind) => ({
  [SWEEPS_TABLE.partitionKey]: formatScope(scope),
  [SWEEPS_TABLE.sortKey]: sweep,
});

const stateOf = (item: Readonly<Record<string, unknown>>): SweepState => {
  const { [SWEEPS_TABLE.partitionKey]: _scope, [SWEEPS_TABLE.sortKey]: _sweep, ...state } = item;
  return state;
};

/** The scope and sweep of an item; nothing of one that another version of the tracker may have left. */
const knownSweep = (item: Readonly<Record<string, unknown>>): KnownSweep[] => {
  const scope = parseScope(String(item[SWEEPS_TABLE.partitionKey]));
  const sweep = SWEEPS.find((kind) => kind === item[SWEEPS_TABLE.sortKey]);
  return scope === undefined || sweep === undefined ? [] : [{ scope, sweep, state: stateOf(item) }];
};

/** All items, as they are now: a lease or a watermark of a moment ago counts. */
export const listInput = (tableName: string): ScanCommandInput => ({ TableName: tableName, ConsistentRead: true });

/** Takes the lease where there is none or where it has run out: its holder was killed. */
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
