import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { toSummary } from '../../lib/client/list/read.ts';
import type { JobsPage, ListJobsRequest, Summary } from '../../lib/client/requests.ts';
import { createDashboard } from '../../lib/dashboard/server/create-dashboard.ts';
import type { DashboardDependencies } from '../../lib/dashboard/server/dependencies.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import type { JobRecord } from '../../lib/domain/record.ts';

export const NOW = new Date('2026-03-01T12:00:00.000Z');
export const NOVA = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k';

/** The record of a job that runs since a number of minutes. */
export const aRecord = (name: string, change: Partial<JobRecord> = {}): JobRecord => {
  const id = name.padStart(12, 'a').slice(-12);
  const time = '2026-03-01T11:00:00.000Z';
  return {
    job_arn: `arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/${id}`,
    job_name: name,
    job_id: id,
    _key: id,
    account_id: '123456789012',
    region: 'us-east-1',
    scope: '123456789012#us-east-1',
    status: 'InProgress',
    creation_time: time,
    last_modified_time: time,
    base_model_arn: NOVA,
    customization_type: 'FINE_TUNING',
    tags: {},
    fetched_at: time,
    first_seen_at: time,
    observed_via: 'event',
    revision: 1,
    transitions: [{ from: null, to: 'InProgress', at: time, observed_at: time, via: 'event' }],
    ...change,
  };
};

export const NO_JOBS: Summary = {
  createdAfter: '',
  createdBefore: '',
  jobs: 0,
  byStatus: {},
  byDay: [],
  byModel: [],
  readUnits: 0,
  requests: 0,
};

const COST = { readUnits: 1, requests: 1 };
const ACTIVE = ['InProgress', 'Stopping'];

const holds = (request: ListJobsRequest) => (job: JobRecord) =>
  (request.active === undefined || request.active === ACTIVE.includes(job.status ?? '')) &&
  (request.status === undefined || [request.status].flat().includes(job.status ?? '')) &&
  (request.baseModel === undefined || request.baseModel === job.base_model_arn) &&
  (request.search === undefined ||
    [job.job_name, job.output_model_name].some((name) => name?.includes(request.search ?? '') === true));

/** The client over records in memory, newest first; `requests` has what lists were asked for. */
export const fakeJobs = (records: readonly JobRecord[] = []) => {
  const held = [...records];
  const requests: ListJobsRequest[] = [];
  const jobs: DashboardDependencies['jobs'] = {
    getJob: (asked) => {
      // As DynamoDB does for a key that is too long.
      if (Buffer.byteLength(asked) > 2048) return Promise.reject(new Error('ValidationException'));
      return Promise.resolve({
        job: held.find(({ job_arn, job_name, job_id }) => [job_arn, job_name, job_id].includes(asked)),
        ...COST,
      });
    },
    listJobs: (request = {}) => {
      requests.push(request);
      if ((request.search ?? '').length > 63) return Promise.reject(new TrackerError('BAD_REQUEST', 'too long'));
      const found = held.filter(holds(request)).slice(0, request.limit).map(toSummary);
      return Promise.resolve({ jobs: found, index: 'by-scope', sortedBy: 'creation_time', ...COST } satisfies JobsPage);
    },
    jobThatMade: (model) =>
      Promise.resolve({ job: held.find(({ output_model_arn }) => output_model_arn === model), ...COST }),
    summarize: () => Promise.resolve(NO_JOBS),
  };
  return { jobs, requests, held };
};

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface Dashboard {
  readonly app: Hono;
  readonly ask: (path: string, options?: AskOptions) => Promise<Response>;
  /** The JSON of an answer. */
  readonly read: (path: string, options?: AskOptions) => Promise<unknown>;
}

/** What the dashboard is made of, with fakes of what is not named. */
export const dashboardDependencies = (change: Partial<DashboardDependencies> = {}): DashboardDependencies => ({
  jobs: fakeJobs().jobs,
  scopes: [{ accountId: '123456789012', region: 'us-east-1' }],
  tableName: 'jobs',
  region: 'us-east-1',
  health: () => Promise.resolve({ scopes: [], queues: [] }),
  readRecords: () => Promise.resolve([]),
  lossCurves: () => Promise.resolve({ files: [] }),
  checkData: () => Promise.resolve({ ok: true, told: [], more: 0 }),
  actions: {
    stop: () => Promise.resolve(),
    tag: () => Promise.resolve(),
    untag: () => Promise.resolve(),
    createLike: () => Promise.resolve({ jobArn: 'arn', jobName: 'job' }),
  },
  clock: () => NOW,
  assetsDir: '/nowhere',
  updateInterval: 10,
  invocation: { program: 'bedrock-jobs', trackerFlags: ['--local'] },
  ...change,
});

/** The dashboard on fakes of what is not named. */
export const startDashboard = (change: Partial<DashboardDependencies> = {}): Dashboard => {
  const app = createDashboard(dashboardDependencies(change));
  const ask: Dashboard['ask'] = async (path, { headers, ...options } = {}) =>
    app.request(path, { ...options, headers: { host: 'localhost:8420', ...headers } });
  const read = async (path: string, options?: AskOptions) => (await ask(path, options)).json() as Promise<unknown>;
  return { app, ask, read };
};

/** The headers of a call that changes something, as the dashboard's own page sends them. */
export const changeHeaders = async ({ read }: Dashboard): Promise<Record<string, string>> => {
  const { token } = (await read('/api/session')) as { token: string };
  return { 'x-dashboard-token': token, 'content-type': 'application/json' };
};

/** The address of a job below `/api`. */
export const jobAddress = (job: string): string => `/api/jobs/${encodeURIComponent(job)}`;

/** An emptied folder, and what takes it away. */
export const temporaryFolder = (): { readonly folder: string; readonly remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
