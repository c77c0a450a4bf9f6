import { describe, expect, it } from '@jest/globals';
import { JOBS_TABLE, METRIC, type IndexSchema } from '../../lib/contract.ts';
import { advance } from '../../lib/domain/advance.ts';
import { ASSUMED, dollars, MEASURED, ofOneScope, seriesOf, usage } from '../../scripts/docs/cost-model.ts';
import { afterFree, HUB, hubLoad, totalOf } from '../../scripts/docs/cost.ts';
import { countTemplate, type TemplateCounts } from '../../scripts/docs/template-counts.ts';
import { defaultTemplate, fullTemplate, synthesize } from '../infra/support.ts';
import { snapshotOf } from '../support/fixtures.ts';

const counts = countTemplate(defaultTemplate());
const hub = countTemplate(synthesize(HUB));

describe('what is taken from the template', () => {
  it('how often sweeps start, and how often each is made', () => {
    expect(counts.ticks).toBe(8640);
    expect(counts.minutes).toEqual({ active: 5, idle: 5, empty: 5, full: 1440, models: 60, usage: 1440 });
    expect(hub.minutes).toMatchObject({ active: 5, idle: 60, empty: 1440 });
    expect([counts, hub].map(({ batchWindowSeconds }) => batchWindowSeconds)).toEqual([0, 5]);
  });

  it('queues, tables and functions, and how they are kept', () => {
    const types = Object.values(defaultTemplate().Resources).map(({ Type }) => Type);
    const of = (type: string) => types.filter((other) => other === type).length;
    expect(counts).toMatchObject({
      queues: of('AWS::SQS::Queue'),
      functions: of('AWS::Lambda::Function'),
      logGroups: of('AWS::Logs::LogGroup'),
      // A sum costs as one alarm for each of its metrics: one is of two rules, one of reads and writes of two tables.
      alarms: of('AWS::CloudWatch::Alarm') + 4,
      dashboards: of('AWS::CloudWatch::Dashboard'),
      memoryGb: 0.5,
      polledQueues: 1,
      tables: 3,
      recoverableTables: 3,
      logRetentionDays: 90,
      keys: 0,
    });
    expect(countTemplate(synthesize({ pointInTimeRecovery: false })).recoverableTables).toBe(0);
  });

  it('alarms and the dashboard with its metrics', () => {
    const watched = countTemplate(fullTemplate());
    expect(watched).toMatchObject({ alarms: 35, dashboards: 1 });
    expect(watched.dashboardMetrics).toBeGreaterThan(30);
    expect(watched.dashboardMetrics).toBeLessThanOrEqual(50);
  });

  it('streams apart from queues: Lambda’s reads of a stream are free', () => {
    const sourceOf = (attribute: string) => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: { 'Fn::GetAtt': ['X', attribute] } },
    });
    const Resources = { queue: sourceOf('Arn'), stream: sourceOf('StreamArn') };
    expect(countTemplate({ Resources })).toMatchObject({ polledQueues: 1, streamsRead: 1 });
  });

  it('no schedule that is no rate: its runs cannot be counted', () => {
    const schedule = { ScheduleExpression: 'cron(0 3 * * ? *)' };
    const template = { Resources: { x: { Type: 'AWS::Scheduler::Schedule', Properties: schedule } } };
    expect(() => countTemplate(template)).toThrow('Not a rate of a schedule: cron(0 3 * * ? *)');
  });
});

describe('what is measured', () => {
  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
  const sizeOf = (value: unknown): number => {
    if (typeof value === 'string') return Buffer.byteLength(value);
    if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 1;
    if (typeof value !== 'object' || value === null) return 1;
    const members = Object.entries(value);
    const names = Array.isArray(value) ? 0 : members.reduce((sum, [name]) => sum + Buffer.byteLength(name), 0);
    return 3 + names + members.reduce((sum, [, member]) => sum + 1 + sizeOf(member), 0);
  };
  const recordOf = (name: string): Record<string, unknown> => {
    const created = advance(undefined, snapshotOf(name));
    if (!('record' in created)) throw new Error('nothing was created');
    return { ...created.record };
  };
  const records = ['fine-tuning-completed', 'continued-pre-training-in-progress', 'fine-tuning-failed'].map(recordOf);

  it('a record is not larger than the cost assumes, nor half as large', () => {
    const kb = Math.max(...records.map((record) => sizeOf(record) / 1024));
    expect(kb).toBeLessThanOrEqual(MEASURED.recordKb.value);
    expect(kb).toBeGreaterThan(MEASURED.recordKb.value / 2);
  });

  const INDEXES: readonly IndexSchema[] = Object.values(JOBS_TABLE.indexes);
  const entryOf = (record: Record<string, unknown>, carried: readonly string[]) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => ['job_arn', ...carried].includes(name)));
  const units = (item: unknown) => Math.ceil(sizeOf(item) / 1024);

  it('the entries that carry keys alone are written with a new job, and cost what is assumed', () => {
    const keysOnly = INDEXES.filter((index) => index.keysOnly === true);
    for (const record of records) {
      const entries = keysOnly.map(({ partitionKey, sortKey }) => entryOf(record, [partitionKey, sortKey]));
      expect(entries.reduce((sum, entry) => sum + units(entry), 0)).toBe(MEASURED.writesANewJob.value);
      // DynamoDB adds 100 bytes to each entry of an index.
      const kb = entries.reduce((sum, entry) => sum + (sizeOf(entry) + 100) / 1024, 0);
      expect(kb).toBeLessThanOrEqual(MEASURED.keysEntryKb.value);
      expect(kb).toBeGreaterThan(MEASURED.keysEntryKb.value / 2);
    }
    const changing = ['status', 'last_modified_time', 'revision', 'output_model_arn', 'active_scope'];
    for (const { partitionKey, sortKey } of keysOnly) {
      expect(changing.filter((name) => [partitionKey, sortKey].includes(name))).toEqual([]);
    }
  });

  it('a look that changes a running job writes no more units than the cost assumes', () => {
    const record = recordOf('continued-pre-training-in-progress');
    const entry = entryOf(record, JOBS_TABLE.projected);
    // An entry of keys alone stays as it is, and DynamoDB writes none that does not change.
    const indexes = INDEXES.filter(({ partitionKey, keysOnly }) => partitionKey in record && keysOnly !== true);
    // The entry of by-status moves with last_modified_time: deleted at one place and put at another.
    const moved = indexes.filter(({ sortKey }) => sortKey === 'last_modified_time').length;
    expect(units(record) + (indexes.length + moved) * units(entry)).toBeLessThanOrEqual(MEASURED.writesALook.value);
  });
});

describe('the model', () => {
  const total = (jobs: number, free = false) => totalOf(counts, ofOneScope(jobs), free);

  it('an idle tracker uses what its sweeps and polls use, and nothing for jobs', () => {
    const passes = 30 + 720 + 30;
    expect(usage(counts, ofOneScope(0))).toMatchObject({
      lambdaRequest: 8640,
      tableWrite: 8640 * 7 + passes * 3,
      queueRequest: 648_000,
      schedule: 8640,
      tableStorage: 0,
      busEvent: 0,
    });
  });

  it('a new job writes its entry of by-job-id once, whatever the number of looks', () => {
    const rare = { ...counts, minutes: { ...counts.minutes, active: Infinity, full: Infinity } };
    const looks = 1000 * ASSUMED.eventsAJob.value;
    const ofLooks = looks * (MEASURED.writesALook.value + MEASURED.writesOfWord.value);
    expect(usage(rare, ofOneScope(1000), ['tracking']).tableWrite).toBe(ofLooks + 1000);
  });

  it('more jobs never cost less, and free tiers never cost more', () => {
    const sums = [0, 1, 100, 10_000, 1_000_000].map((jobs) => total(jobs));
    expect(sums).toEqual([...sums].sort((one, other) => one - other));
    for (const jobs of [0, 100, 1_000_000]) expect(total(jobs, true)).toBeLessThan(total(jobs));
  });

  it('alarms and dashboards cost what they are listed at, beyond the free ones', () => {
    const watched = { ...counts, alarms: 23, dashboards: 1, dashboardMetrics: 41 };
    expect(dollars('alarm', 23, watched, false)).toBeCloseTo(2.3);
    expect(dollars('alarm', 23, watched, true)).toBeCloseTo(1.3);
    expect(dollars('dashboard', 1, watched, true)).toBe(0);
    expect(dollars('dashboard', 1, { ...watched, dashboardMetrics: 51 }, true)).toBe(3);
  });

  it('has every metric of the contract: at least one series each', () => {
    expect(seriesOf('all')).toBeGreaterThanOrEqual(Object.values(METRIC).length);
    expect(seriesOf('idle')).toBeLessThan(seriesOf('all'));
  });

  it('half as many sweeps find half as many changes of running jobs', () => {
    const halved = { ...counts, minutes: { ...counts.minutes, active: counts.minutes.active * 2 } };
    const writes = (of: TemplateCounts) => usage(of, ofOneScope(10_000), ['tracking']).tableWrite;
    expect(writes(halved) / writes(counts)).toBeCloseTo(0.53, 1);
  });

  it('a tracker of its own scope costs no more than before there were hubs of thousands', () => {
    expect(total(0)).toBeLessThanOrEqual(9.43);
    expect(total(100)).toBeLessThanOrEqual(14.28);
    expect(total(10_000)).toBeLessThanOrEqual(19.19);
  });

  it('a hub of 10,000 scopes, of which 200 have active jobs, costs at most $60, with its spokes after the free tiers', () => {
    expect(hubLoad(10_000).scopes).toEqual({ active: 200, idle: 800, empty: 9000 });
    expect(totalOf(hub, hubLoad(10_000), false, ['watching', 'starting', 'sweeping', 'hearing'])).toBeLessThan(60);
    expect(afterFree(hub, hubLoad(10_000))).toBeLessThan(60);
  });

  it('more scopes cost more, and heartbeats cost nothing without a hub', () => {
    const sums = [100, 1000, 10_000].map((scopes) => totalOf(hub, hubLoad(scopes)));
    expect(sums).toEqual([...sums].sort((one, other) => one - other));
    expect(totalOf(counts, ofOneScope(0), false, ['hearing', 'telling'])).toBe(0);
  });
});
