import { describe, expect, it } from '@jest/globals';
import { JOBS_TABLE } from '../../lib/contract.ts';
import type { JobRecord } from '../../lib/domain/record.ts';
import { createTableInput } from '../../lib/local/create-table.ts';

describe('the jobs table of the contract', () => {
  it('names only attributes that a record has: a misspelt key would leave every job out of its index', () => {
    // Checked by the compiler: each name must be one of the record.
    const keys = Object.values(JOBS_TABLE.indexes).flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]);
    const names: readonly (keyof JobRecord)[] = [JOBS_TABLE.partitionKey, ...JOBS_TABLE.projected, ...keys];
    expect(names.length).toBeGreaterThan(0);
  });

  it('stays within the 100 attributes that DynamoDB lets a table project into all its indexes together', () => {
    const indexes = createTableInput('jobs', JOBS_TABLE).GlobalSecondaryIndexes ?? [];
    const projected = indexes.map((index) => index.Projection?.NonKeyAttributes?.length ?? 0);
    expect(projected.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(100);
    expect(Math.max(...projected)).toBeLessThanOrEqual(20);
  });
});
