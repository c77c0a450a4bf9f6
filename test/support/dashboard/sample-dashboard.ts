import { BatchWriteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import path from 'node:path';
import { putRecordInput } from '../../../lib/runtime/dynamodb-stores.ts';
import { readScopeHealth, type TrackerHealth } from '../../../lib/operator/tracker-health.ts';
import { HUB_SCHEDULES } from '../../../lib/operator/tracker-settings.ts';
import { REGISTERED_SCOPES, SCOPE_ITEM } from '../../../lib/contract.ts';
import { shardOf, type ScopeRecord } from '../../../lib/tracking/scope.ts';
import { type LikeJob, requestLike } from '../../../lib/operator/again.ts';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import { createModelsClient } from '../../../lib/client/models-client.ts';
import type { DashboardDependencies, JobActions } from '../../../lib/dashboard/server/dependencies.ts';
import { recordReader } from '../../../lib/dashboard/server/on-aws.ts';
import { serveDashboard } from '../../../lib/dashboard/server/create-dashboard.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { IDLE_AFTER_MS } from '../../../lib/domain/idle.ts';
import type { ModelRecord } from '../../../lib/domain/model-record.ts';
import type { Prices } from '../../../lib/domain/prices.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { parseScope, type Scope } from '../../../lib/domain/identity.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../embedded-tables.ts';
import { pointersOf } from '../models.ts';
import { sampleLoss } from './loss.ts';
import { SCOPES } from './records.ts';

const BATCH_SIZE = 25;

export interface SampleDashboard {
  readonly url: string;
  readonly jobs: ReadonlyMap<string, JobRecord>;
  /** Writes the record as the tracker would after a change. */
  readonly change: (jobArn: string, changes: Partial<JobRecord>) => Promise<void>;
  /** Writes the record of a model. */
  readonly putModel: (model: ModelRecord) => Promise<void>;
  /** Writes the records of the jobs that were created, as the tracker does some seconds later. */
  readonly track: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const itemOf = (record: JobRecord) => putRecordInput('', record).Item;

const loadItems = async ({ client }: EmbeddedTables, table: string, items: readonly object[]): Promise<void> => {
  for (let from = 0; from < items.length; from += BATCH_SIZE) {
    const requests = items.slice(from, from + BATCH_SIZE).map((item) => ({ PutRequest: { Item: { ...item } } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
  }
};

const scopes = SCOPES.map(parseScope).filter((scope): scope is Scope => scope !== undefined);

/** A tracker that swept of late, and found messages that nobody could handle. */
const sampleHealth = (now: number): TrackerHealth => {
  const swept = (ago: number, corrected: number) => ({
    succeeded_at: new Date(now - ago).toISOString(),
    finished_at: new Date(now - ago).toISOString(),
    counts: { listed: 5, drifted: corrected, corrected, missing: 0, failed: 0 },
  });
  return {
    scopes: scopes.map((scope, index) => ({
      scope,
      active: swept((index + 1) * 65_000, index === 1 ? 1 : 0),
      full: swept((index + 2) * 3_700_000, 0),
    })),
    queues: [
      { name: 'job-events-dead-letters', messages: 0 },
      { name: 'undelivered-events', messages: 2 },
    ],
  };
};

/** A record of a job that begins like another one. */
const newRecord = ({ end_time: _, failure_message: _message, ...job }: JobRecord, like: LikeJob): JobRecord => {
  const { jobName, customModelName } = requestLike(like);
  const job_arn = job.job_arn.replace(/.{12}$/, `new${Date.now().toString(36)}`.padEnd(12, '0').slice(0, 12));
  const now = new Date().toISOString();
  return {
    ...job,
    ...{ job_arn, job_name: jobName, output_model_name: customModelName, _key: job_arn, job_id: job_arn.slice(-12) },
    ...{ status: 'InProgress', creation_time: now, last_modified_time: now, revision: 1, active_scope: job.scope },
    transitions: [{ from: null, to: 'InProgress', at: now, observed_at: now, via: 'event' }],
  };
};

/** Bedrock and the tracker in one: what is changed is in the record at once. A created job is handed to `onCreate`. */
const sampleActions = (
  change: SampleDashboard['change'],
  onCreate: (record: JobRecord) => Promise<void>,
): JobActions => ({
  stop: ({ job_arn }) => change(job_arn, { status: 'Stopping', last_modified_time: new Date().toISOString() }),
  tag: ({ job_arn, tags }, added) => change(job_arn, { tags: { ...tags, ...added } }),
  untag: ({ job_arn, tags }, keys) =>
    change(job_arn, { tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key))) }),
  createLike: async (job, like) => {
    const record = newRecord(job, like);
    await onCreate(record);
    return { jobArn: record.job_arn, jobName: record.job_name ?? '' };
  },
});

interface SampleOptions {
  /** @default finds nothing */
  readonly checkData?: DashboardDependencies['checkData'];
  /** Writes the record of a created job at once. */
  readonly tracksAtOnce?: boolean;
  readonly port?: number;
  readonly readOnly?: boolean;
  /** @default models are not tracked */
  readonly models?: readonly ModelRecord[];
  readonly prices?: Prices;
  /** Makes it a hub. @default the tracker has the scopes of the sample */
  readonly registered?: readonly ScopeRecord[];
}

/** The dashboard as it is served, on a table of its own that holds these records. */
export const startSampleDashboard = async (
  records: readonly JobRecord[],
  {
    port = 0,
    readOnly = false,
    tracksAtOnce = false,
    models,
    prices,
    registered,
    checkData = () => Promise.resolve({ ok: true, told: [], more: 0 }),
  }: SampleOptions = {},
): Promise<SampleDashboard> => {
  const tables = await startEmbeddedTables();
  await loadItems(
    tables,
    tables.jobsTable,
    records.map((record) => ({ ...itemOf(record) })),
  );
  await loadItems(
    tables,
    tables.sweepsTable,
    (registered ?? []).map((scope) => ({ ...scope, sweep: SCOPE_ITEM, state_shard: shardOf(scope) })),
  );
  const tracked = registered
    ? ({ scopes: REGISTERED_SCOPES, sweepsTableName: tables.sweepsTable } as const)
    : { scopes };
  const scopesTable = { dynamoDb: tables.client, sweepsTable: tables.sweepsTable };
  for (const model of models ?? []) await loadItems(tables, tables.modelsTable, [model, ...pointersOf(model)]);
  const jobs = new Map(records.map((record) => [record.job_arn, record]));
  const change: SampleDashboard['change'] = async (jobArn, changes) => {
    const record = jobs.get(jobArn);
    if (record === undefined) throw new Error(`There is no job ${jobArn}.`);
    const { active_scope, ...changed } = { ...record, ...changes, revision: record.revision + 1 };
    const next: JobRecord = {
      ...changed,
      ...(changed.end_time === undefined && active_scope !== undefined && { active_scope }),
    };
    jobs.set(jobArn, next);
    await tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item: itemOf(next) }));
  };
  const created: JobRecord[] = [];
  const track = async () => {
    for (const record of created.splice(0)) {
      jobs.set(record.job_arn, record);
      await tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item: itemOf(record) }));
    }
  };
  const onCreate = async (record: JobRecord) => {
    created.push(record);
    if (tracksAtOnce) await track();
  };
  const deps: DashboardDependencies = {
    jobs: createJobsClient(tables.client, { tableName: tables.jobsTable, ...tracked }),
    scopes: registered ? [] : scopes,
    tableName: 'BedrockJobTracker-JobsTable',
    region: 'us-east-1',
    health: async () => ({
      ...sampleHealth(Date.now()),
      ...(registered && (await readScopeHealth(scopesTable, { settings: { schedules: HUB_SCHEDULES } }, new Date()))),
    }),
    ...(registered && { hub: { ...scopesTable, schedules: HUB_SCHEDULES } }),
    readRecords: recordReader(tables.client, tables.jobsTable),
    lossCurves: (job) => {
      const curves = sampleLoss(job);
      if (curves !== undefined) return Promise.resolve(curves);
      return Promise.reject(new TrackerError('NO_LOSS_CURVE', 'The job has written no loss curve.'));
    },
    checkData,
    actions: sampleActions(change, onCreate),
    clock: () => new Date(),
    assetsDir: path.join(import.meta.dirname, '../../../dist/dashboard'),
    readOnly,
    updateInterval: 200,
    modelsProblem: 'Deploy it again with models.',
    ...(models !== undefined && {
      models: {
        ...createModelsClient(tables.client, {
          modelsTableName: tables.modelsTable,
          jobsTableName: tables.jobsTable,
          ...tracked,
        }),
        rules: { idleAfterMs: IDLE_AFTER_MS, ...(prices !== undefined && { prices }) },
      },
    }),
    invocation: { program: 'bedrock-jobs', trackerFlags: ['--local'] },
  };
  let closing: Promise<void> | undefined;
  const server = await serveDashboard(deps, { port, asked: port !== 0 });
  return {
    url: `http://127.0.0.1:${server.port}`,
    jobs,
    change,
    putModel: (model) => loadItems(tables, tables.modelsTable, [model]),
    track,
    // A test may end it ahead of time.
    close: () => (closing ??= server.close().then(tables.close)),
  };
};
