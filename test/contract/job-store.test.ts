import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dynamoDbJobStore } from '../../lib/runtime/dynamodb-stores.ts';
import { advance, advanceUntracked } from '../../lib/domain/advance.ts';
import { selectDrifted, type TrackedJob } from '../../lib/domain/drift.ts';
import type { JobRecord, JobSnapshot } from '../../lib/domain/record.ts';
import type { JobStore } from '../../lib/tracking/ports.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../support/embedded-tables.ts';
import { fixtureNames, snapshotOf } from '../support/fixtures.ts';
import { memoryJobStore } from '../support/memory-stores.ts';

const RUNNING = 'continued-pre-training-in-progress';

const recordOf = (snapshot: JobSnapshot): JobRecord => {
  const decision = advance(undefined, snapshot);
  if (!('record' in decision)) throw new Error('nothing was created');
  return decision.record;
};

/** A job of an account of its own, so that tests share a table without seeing each other. */
let accounts = 0;
const newScope = () => ({ accountId: String((accounts += 1)).padStart(12, '9'), region: 'us-east-1' });
const jobIn = (scope: { accountId: string }, id: string, change: Record<string, unknown> = {}): JobRecord =>
  recordOf(
    snapshotOf(RUNNING, {
      jobArn: `arn:aws:bedrock:us-east-1:${scope.accountId}:model-customization-job/amazon.titan-text-express-v1:0:8k/${id.padStart(12, '0')}`,
      ...change,
    }),
  );
const created = (minute: number) => ({ creationTime: new Date(Date.UTC(2026, 0, 1, 0, minute)) });
const ids = (jobs: readonly TrackedJob[]) => jobs.map((job) => job.job_arn.slice(-2));

const contract = (name: string, open: () => Promise<{ store: JobStore; close: () => Promise<void> }>) => {
  describe(`JobStore: ${name}`, () => {
    let store: JobStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());

    it.each(fixtureNames('jobs'))('gives %s back as it was written', async (fixture) => {
      const record = recordOf(snapshotOf(fixture));
      expect(await store.put(record)).toBe('written');
      expect(await store.get(record.job_arn)).toEqual(record);
    });

    it.each<[string, Record<string, unknown>, Record<string, string>]>([
      ['a null in a map', { hyperParameters: { a: null, b: '' } }, {}],
      [
        'losses that are no numbers',
        { trainingMetrics: { trainingLoss: NaN }, validationMetrics: [{ validationLoss: -Infinity }] },
        {},
      ],
      [
        'losses of any size',
        {
          trainingMetrics: { trainingLoss: 1e300 },
          validationMetrics: [{ validationLoss: 1e-320 }, { validationLoss: 5e-324 }],
        },
        {},
      ],
      ['an unknown union member', { customizationConfig: { $unknown: ['newConfig', { aB: 1e21 }] } }, {}],
      ['the longest failure message', { status: 'Failed', failureMessage: '\u{1F600}'.repeat(1024) }, {}],
      [
        '200 of the longest tags',
        {},
        Object.fromEntries(Array.from({ length: 200 }, (_, n) => [String(n).padStart(128, 'k'), 'v'.repeat(256)])),
      ],
      ['empty texts, those of keys too', { status: '', jobName: '', baseModelArn: '', outputModelArn: '' }, {}],
      ['empty lists and structures', { vpcConfig: {}, validationDataConfig: { validators: [] } }, {}],
      [
        'tags named as the properties of objects are',
        {},
        { ['__proto__']: 'w', constructor: 'x', toString: 'y', S: 'z', set: '', NULL: '' },
      ],
      [
        'no status, times or name',
        { status: undefined, jobName: undefined, creationTime: undefined, lastModifiedTime: undefined },
        {},
      ],
    ])('keeps %s, and the same look again changes nothing', async (_what, change, tags) => {
      const scope = newScope();
      const arn = jobIn(scope, '1').job_arn;
      const snapshot = snapshotOf(RUNNING, { jobArn: arn, ...change }, { tags });
      const record = recordOf(snapshot);
      expect(await store.put(record)).toBe('written');
      expect(await store.get(arn)).toEqual(record);
      expect(advance(await store.get(arn), snapshot)).toEqual({ outcome: 'unchanged' });
      const indexed = await Array.fromAsync(store.listScope(scope, {}));
      expect(selectDrifted(indexed.length === 0 ? [] : [snapshot], indexed)).toEqual([]);
    });

    it('knows nothing of a job that was never written', async () => {
      expect(await store.get(jobIn(newScope(), '1').job_arn)).toBeUndefined();
    });

    it('refuses a write that would overwrite what its writer has not read', async () => {
      const record = jobIn(newScope(), '1');
      expect(await store.put({ ...record, revision: 2 })).toBe('conflict');
      expect(await store.put(record)).toBe('written');
      expect(await store.put(record)).toBe('conflict');
      expect(await store.put({ ...record, revision: 3 })).toBe('conflict');
      expect(await store.put({ ...record, revision: 2, status: 'Stopping' })).toBe('written');
      expect(await store.get(record.job_arn)).toMatchObject({ revision: 2, status: 'Stopping' });
    });

    it('lets one of many writers of one revision win', async () => {
      const record = jobIn(newScope(), '1');
      const results = await Promise.all(Array.from({ length: 10 }, () => store.put(record)));
      expect(results.filter((result) => result === 'written')).toHaveLength(1);
    });

    it('lists the active jobs of one scope, newest first, until they end or go missing', async () => {
      const scope = newScope();
      for (const [id, minute] of [
        ['a1', 1],
        ['a3', 3],
        ['a2', 2],
      ] as const)
        await store.put(jobIn(scope, id, created(minute)));
      await store.put(jobIn(newScope(), 'b1', created(1)));
      await store.put(jobIn(scope, 'a4', { ...created(4), status: 'Completed' }));
      expect(ids(await Array.fromAsync(store.listActive(scope)))).toEqual(['a3', 'a2', 'a1']);

      const { active_scope: _, ...ended } = { ...jobIn(scope, 'a3', created(3)), revision: 2, status: 'Completed' };
      await store.put(ended);
      expect(ids(await Array.fromAsync(store.listActive(scope)))).toEqual(['a2', 'a1']);
    });

    it('lists all jobs of one scope, newest first, from a creation time on, that time included', async () => {
      const scope = newScope();
      for (const [id, minute] of [
        ['a1', 1],
        ['a3', 3],
        ['a2', 2],
      ] as const) {
        await store.put(jobIn(scope, id, { ...created(minute), status: minute === 2 ? 'Failed' : 'InProgress' }));
      }
      const list = async (createdBefore?: string) =>
        ids(await Array.fromAsync(store.listScope(scope, createdBefore === undefined ? {} : { createdBefore })));
      expect(await list()).toEqual(['a3', 'a2', 'a1']);
      expect(await list('2026-01-01T00:02:00.000Z')).toEqual(['a2', 'a1']);
      expect(await list('2026-01-01T00:01:59.999Z')).toEqual(['a1']);
    });

    it('lists a record that is marked untracked among all jobs of its scope, with its mark, and not among the active', async () => {
      const scope = newScope();
      const record = jobIn(scope, 'a1', created(1));
      await store.put(record);
      const decision = advanceUntracked(record, '2027-01-01T00:00:00.000Z');
      if (!('record' in decision)) throw new Error('not marked');
      expect(await store.put(decision.record)).toBe('written');
      expect(await store.get(record.job_arn)).toEqual(decision.record);
      expect(await Array.fromAsync(store.listActive(scope))).toEqual([]);
      expect(await Array.fromAsync(store.listScope(scope, {}))).toMatchObject([
        { job_arn: record.job_arn, untracked_since: '2027-01-01T00:00:00.000Z' },
      ]);
    });

    it('lists what sweeps compare', async () => {
      const record = recordOf(
        snapshotOf('distillation-in-progress', { jobArn: jobIn(newScope(), '1').job_arn }, { tags: { a: 'b' } }),
      );
      await store.put(record);
      const [job] = await Array.fromAsync(store.listActive({ accountId: record.account_id, region: record.region }));
      const { job_arn, status, status_details, creation_time, last_modified_time, tags } = record;
      expect(job).toMatchObject({ job_arn, status, status_details, creation_time, last_modified_time, tags });
    });
  });
};

contract('DynamoDB protocol, simulated in memory', () =>
  Promise.resolve({ store: memoryJobStore(), close: () => Promise.resolve() }),
);
contract('DynamoDB protocol, embedded', async () => {
  const tables: EmbeddedTables = await startEmbeddedTables();
  return { store: dynamoDbJobStore(tables.client, tables.jobsTable), close: tables.close };
});
