import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BY_STATE_INDEX, SCOPE_ITEM, SWEEPS_TABLE, type ScopeState } from '../../lib/contract.ts';
import { shardOf } from '../../lib/tracking/scope.ts';
import { putItems } from './models.ts';

const AT = '2026-01-01T00:00:00.000Z';

/** Registers scopes in a sweeps table, or moves them to another state. */
export const registerScopes = async (
  client: DynamoDBDocumentClient,
  tableName: string,
  byState: Partial<Readonly<Record<ScopeState, readonly string[]>>>,
): Promise<void> => {
  const items = (Object.entries(byState) as [ScopeState, readonly string[]][]).flatMap(([state, scopes]) =>
    scopes.map((scope) => ({
      ...{ scope, state, due_at: AT, revision: 1, registered_at: AT },
      [SWEEPS_TABLE.sortKey]: SCOPE_ITEM,
      [SWEEPS_TABLE.indexes[BY_STATE_INDEX].partitionKey]: shardOf({ scope, state }),
    })),
  );
  await putItems(client, tableName, items);
};
