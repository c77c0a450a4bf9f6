/** Reads the scopes that are registered, for people. The command line and the dashboard share it. */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { SCOPE_ITEM, SCOPE_STATES, type ScopeState, SWEEPS_TABLE } from '../contract.ts';
import type { Scope } from '../domain/identity.ts';
import { compareText } from '../domain/text.ts';
import { HOUR, MINUTE } from '../domain/time.ts';
import { dynamoDbScopeStore } from '../runtime/dynamodb-stores.ts';
import type { KnownScope, ListedScope } from '../tracking/ports.ts';
import { isLate, type ScopePeriods, type ScopeRecord } from '../tracking/scope.ts';
import { collect, withRecords } from './batch-get.ts';
import type { Schedules } from './tracker-settings.ts';

export interface ScopesTable {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly sweepsTable: string;
}

/** A scope as the index has it, or with the rest of its record. */
export type ScopeRow = ListedScope & Partial<ScopeRecord> & { readonly late: boolean };

/** How many scopes are in each state, and how many of all are failing or late. */
export type ScopeCounts = Readonly<Record<ScopeState | 'failing' | 'late', number>>;
export const NO_COUNTS: ScopeCounts = { active: 0, idle: 0, empty: 0, released: 0, failing: 0, late: 0 };
export const trackedOf = ({ active, idle, empty }: ScopeCounts): number => active + idle + empty;

export interface Registry {
  /** Those that need a person first: failing the longest, then late, then by state and name. */
  readonly scopes: readonly ScopeRow[];
  readonly counts: ScopeCounts;
}

/** How often scopes are swept, and how long a spoke may be silent. */
export const periodsOf = (schedules: Schedules): ScopePeriods => {
  const { activeSweepMinutes: active, idleSweepMinutes: idle = active, emptySweepMinutes: empty = active } = schedules;
  const releaseAfter = (schedules.releaseAfterHours ?? 24) * HOUR;
  return { active: active * MINUTE, idle: idle * MINUTE, empty: empty * MINUTE, releaseAfter };
};

export const asRow = <Scope extends ListedScope>(scope: Scope, schedules: Schedules, now: Date) => ({
  ...scope,
  late: isLate(scope, now.toISOString(), periodsOf(schedules)),
});

/** Whether a scope needs a person: its last sweep did not track everything, or is long ago. */
export const hasProblem = ({ error, late }: ScopeRow): boolean => error !== undefined || late;

const urgency = (row: ScopeRow): number =>
  row.failing_since !== undefined ? 0 : hasProblem(row) ? 1 : 2 + SCOPE_STATES.indexOf(row.state);

const byUrgency = (a: ScopeRow, b: ScopeRow): number =>
  urgency(a) - urgency(b) || compareText(a.failing_since ?? '', b.failing_since ?? '') || compareText(a.scope, b.scope);

/**
 * All registered scopes, from the index by state: a Query for each of its partitions, some 25 read units for 1,000 scopes.
 * Rejects as DynamoDB does where the table is of an older version and has no such index.
 */
export const readRegistry = async (
  { dynamoDb, sweepsTable }: ScopesTable,
  schedules: Schedules,
  now: Date,
): Promise<Registry> => {
  const store = dynamoDbScopeStore(dynamoDb, sweepsTable);
  const listed = await Promise.all(SCOPE_STATES.map((state) => collect(store.list([state]))));
  const scopes = listed.flat().map((scope) => asRow(scope, schedules, now));
  const [active = 0, idle = 0, empty = 0, released = 0] = listed.map(({ length }) => length);
  const failing = scopes.filter(({ failing_since }) => failing_since !== undefined).length;
  const late = scopes.filter((scope) => scope.late).length;
  return { scopes: scopes.sort(byUrgency), counts: { active, idle, empty, released, failing, late } };
};

const ONLY_RECORDED = ['registered_at', 'heard_at', 'creation_told_at', 'failures', 'released_at'];

/** Scopes with what only their records have, such as the last heartbeat: a request and 50 read units for 100 of them. */
export const withScopeRecords = (
  scopes: Iterable<ScopeRow>,
  { dynamoDb, sweepsTable: tableName }: ScopesTable,
  signal?: AbortSignal,
): AsyncIterable<ScopeRow> => {
  const { partitionKey: key, sortKey } = SWEEPS_TABLE;
  const attributes = [key, ...ONLY_RECORDED];
  return withRecords(scopes, {
    ...{ dynamoDb, tableName, key, alsoKey: { [sortKey]: SCOPE_ITEM }, attributes },
    ...(signal && { signal }),
  });
};

/** All that is known of one scope: one consistent Query. */
export const readScope = ({ dynamoDb, sweepsTable }: ScopesTable, scope: Scope): Promise<KnownScope> =>
  dynamoDbScopeStore(dynamoDb, sweepsTable).read(scope);

/** "Scopes: 10,000 (200 active, 800 idle, 8,900 empty, 100 released, 3 failing, 1 late)." */
export const countSentence = (counts: ScopeCounts): string => {
  const inWords = (count: number) => count.toLocaleString('en-US');
  const parts = Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${inWords(count)} ${name}`] : []));
  return `Scopes: ${inWords(trackedOf(counts) + counts.released)} (${parts.join(', ') || 'none is registered'}).`;
};
