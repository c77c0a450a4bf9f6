import { describe, expect, it } from '@jest/globals';
import { JOBS_TABLE } from '../../lib/contract.ts';
import { advance, advanceMissing } from '../../lib/domain/advance.ts';
import type { JobRecord } from '../../lib/domain/record.ts';
import { createTableInput } from '../../lib/local/tables.ts';
import { fixtureNames, snapshotOf } from '../support/fixtures.ts';

/** The record of a fixture, marked as missing: with every attribute that the tracker may add. */
const missingRecordOf = (name: string): JobRecord => {
  const created = advance(undefined, snapshotOf(name));
  if (!('record' in created)) throw new Error('nothing was created');
  const marked = advanceMissing(created.record, '2027-01-01T00:00:00.000Z');
  if (!('record' in marked)) throw new Error('nothing was marked');
  return marked.record;
};

describe('the jobs table of the contract', () => {
  it('names only attributes that records have: a misspelt key would leave every job out of its index', () => {
    const keys = Object.values(JOBS_TABLE.indexes).flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]);
    const names = [JOBS_TABLE.partitionKey, ...JOBS_TABLE.projected, ...keys];
    const inRecords = new Set(fixtureNames('jobs').flatMap((name) => Object.keys(missingRecordOf(name))));
    // What a record has only while it is active, or once its scope is no longer tracked.
    inRecords.add('active_scope');
    inRecords.add('untracked_since');
    expect(names.filter((name) => !inRecords.has(name))).toEqual([]);
  });

  it('stays within the 100 attributes that DynamoDB lets a table project into all its indexes together', () => {
    const indexes = createTableInput('jobs', JOBS_TABLE).GlobalSecondaryIndexes ?? [];
    const projected = indexes.map((index) => index.Projection?.NonKeyAttributes?.length ?? 0);
    expect(projected.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(100);
    expect(Math.max(...projected)).toBeLessThanOrEqual(20);
  });
});
