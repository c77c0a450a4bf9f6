import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BY_STATE_INDEX, shardsOf, STATES_WITH_JOBS, SWEEPS_TABLE } from '../contract.ts';
import { parseScope, type Scope } from '../domain/identity.ts';
import { MINUTE } from '../domain/time.ts';
import { createFinder } from './find-job.ts';
import type { ReadUnits } from './read-units.ts';

/** The registered scopes that have jobs, read now or at most five minutes ago. */
export type Registry = (client: DynamoDBDocumentClient, spent: ReadUnits) => Promise<readonly Scope[]>;

const KEPT_FOR = 5 * MINUTE;
/** A scope that becomes active while both are read may be in neither: so the active ones are read again. */
export const REGISTERED_STATES = [...STATES_WITH_JOBS, 'active'] as const;

/** Reads them once for all calls of five minutes. A failure is not kept. */
export const createRegistry = (tableName: string, clock: () => number): Registry => {
  let kept: Promise<readonly Scope[]> | undefined;
  let until = 0;
  const read = async (...[client, spent]: Parameters<Registry>): Promise<readonly Scope[]> => {
    const { lookUp } = createFinder(client, { tableName, schema: SWEEPS_TABLE }, spent);
    const found: string[] = [];
    for (const state of REGISTERED_STATES) {
      found.push(...(await Promise.all(shardsOf(state).map((shard) => lookUp(BY_STATE_INDEX, shard)))).flat());
    }
    return [...new Set(found)].flatMap((scope) => parseScope(scope) ?? []);
  };
  return (...how) => {
    if (kept !== undefined && clock() < until) return kept;
    until = clock() + KEPT_FOR;
    kept = read(...how);
    kept.catch(() => (until = 0));
    return kept;
  };
};
