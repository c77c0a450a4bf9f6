import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { SWEEPS_TABLE, type SweepKind } from '../contract.ts';
import { formatScope, type Scope } from '../domain/scope.ts';
import type { Lease, SweepStore } from '../tracking/ports.ts';
import type { SweepState } from '../tracking/sweep-state.ts';

const keyOf = (scope: Scope, sweep: SweepKind) => ({
  [SWEEPS_TABLE.partitionKey]: formatScope(scope),
  [SWEEPS_TABLE.sortKey]: sweep,
});

const stateOf = (item: Readonly<Record<string, unknown>>): SweepState => {
  const { [SWEEPS_TABLE.partitionKey]: _scope, [SWEEPS_TABLE.sortKey]: _sweep, ...state } = item;
  return state;
};

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
