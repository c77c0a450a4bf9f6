import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { JobRecord } from '../../../lib/domain/record.ts';
import type { TrackerHealth } from '../../../lib/operator/tracker-health.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { followUpdates, type Update } from '../../../lib/dashboard/server/updates.ts';
import { createDashboard } from '../../../lib/dashboard/server/create-dashboard.ts';
import type { DashboardDependencies } from '../../../lib/dashboard/server/dependencies.ts';
import {
  aRecord,
  changeHeaders,
  dashboardDependencies,
  fakeJobs,
  jobAddress,
  NOW,
} from '../../support/dashboard-server.ts';
import { HOUR } from '../../../lib/domain/time.ts';

afterEach(() => {
  jest.useRealTimers();
});

/** Records that can be changed while somebody follows them, and time that passes when it is told to. */
const tableInMotion = (records: readonly JobRecord[]) => {
  jest.useFakeTimers({ now: NOW });
  const { jobs, requests, held } = fakeJobs(records);
  let refusal: Error | undefined;
  const health = { value: { scopes: [], queues: [] } as TrackerHealth };
  const deps: DashboardDependencies = dashboardDependencies({
    jobs: {
      ...jobs,
      listJobs: (request = {}) => {
        if (refusal !== undefined) return Promise.reject(refusal);
        const { modifiedAfter } = request;
        if (modifiedAfter === undefined) return jobs.listJobs(request);
        // Of those that changed lately, as the index of times has them.
        const since = new Date(modifiedAfter).toISOString();
        const recent = held.filter(({ last_modified_time = '' }) => last_modified_time >= since);
        return fakeJobs(recent)
          .jobs.listJobs(request)
          .finally(() => requests.push(request));
      },
    },
    clock: () => new Date(),
    health: () => Promise.resolve(health.value),
    updateInterval: 1_000,
  });
  return {
    deps,
    requests,
    health,
    refuse: (error?: Error) => (refusal = error),
    set: (name: string, change: Partial<JobRecord>) => {
      const index = held.findIndex(({ job_name }) => job_name === name);
      const before = held[index];
      if (before) held[index] = { ...before, ...change, revision: before.revision + 1 };
    },
    /** As the newest, which lists have first. */
    add: (record: JobRecord) => held.unshift(record),
    pass: (ms = 1_000) => jest.advanceTimersByTimeAsync(ms),
  };
};

const follow = async (table: ReturnType<typeof tableInMotion>) => {
  const updates = followUpdates(table.deps, () =>
    Promise.resolve({ scopes: [], problems: table.health.value.queues.map(({ name }) => name) }),
  );
  const heard: Update[] = [];
  const subscription = updates.subscribe((update) => {
    if (Object.keys(update).length > 0) heard.push(update);
  });
  await subscription.ready;
  return { updates, heard, ...subscription };
};

describe('a listener for updates', () => {
  it('receives nothing without a change', async () => {
    const table = tableInMotion([aRecord('one')]);
    const { heard } = await follow(table);
    await table.pass(5_000);
    expect(heard).toEqual([]);
    expect(table.requests).toHaveLength(2 * 6);
  });

  it.each<[string, Partial<JobRecord>]>([
    ['its status', { status: 'Stopping' }],
    ['the status of a sub-task', { status_details: { training_details: { status: 'InProgress' } } }],
    ['its time of change', { last_modified_time: '2026-03-01T11:30:00.000Z' }],
    ['a tag', { tags: { team: 'search' } }],
    ['whether Bedrock knows it', { missing_since: '2026-03-01T11:30:00.000Z' }],
    ['that it completed', { status: 'Completed' }],
  ])('receives a job that changed %s', async (_what, change) => {
    const table = tableInMotion([aRecord('one'), aRecord('two')]);
    const { heard } = await follow(table);
    table.set('one', change);
    await table.pass();
    expect(heard).toEqual([{ jobs: { changed: [aRecord('one').job_arn] } }]);
  });

  it('receives a new job', async () => {
    const table = tableInMotion([]);
    const { heard } = await follow(table);
    table.add(aRecord('new', { status: 'Completed' }));
    await table.pass();
    expect(heard).toEqual([{ jobs: { changed: [aRecord('new').job_arn] } }]);
  });

  it('receives nothing if only the order of keys changed', async () => {
    const table = tableInMotion([aRecord('one', { tags: { a: '1', b: '2' } })]);
    const { heard } = await follow(table);
    table.set('one', { tags: { b: '2', a: '1' } });
    await table.pass();
    expect(heard).toEqual([]);
  });

  it('receives an active job that ended unseen, even with an old time', async () => {
    const old = new Date(NOW.getTime() - 5 * HOUR).toISOString();
    const table = tableInMotion([aRecord('late', { last_modified_time: old })]);
    const { heard } = await follow(table);
    table.set('late', { status: 'Failed' });
    await table.pass();
    expect(heard).toEqual([{ jobs: { changed: [aRecord('late').job_arn] } }]);
  });

  it('receives nothing when a finished job grows old', async () => {
    const almost = new Date(NOW.getTime() - 2 * HOUR + 1_500).toISOString();
    const table = tableInMotion([aRecord('ended', { status: 'Completed', last_modified_time: almost })]);
    const { heard } = await follow(table);
    await table.pass(5_000);
    expect(heard).toEqual([]);
  });

  it('receives an old job that a person changed in Bedrock, once its record shows it', async () => {
    const old = { status: 'Completed', last_modified_time: '2025-01-01T00:00:00.000Z' };
    const table = tableInMotion([aRecord('old', old)]);
    const { heard, updates } = await follow(table);
    updates.expect(aRecord('old', old));
    await table.pass(3_000);
    expect(heard).toEqual([]);
    table.set('old', { tags: { team: 'search' } });
    await table.pass(3_000);
    expect(heard).toEqual([{ jobs: { changed: [aRecord('old').job_arn] } }]);
  });

  it('receives a change of the tracker’s health', async () => {
    const table = tableInMotion([]);
    const { heard } = await follow(table);
    table.health.value = { scopes: [], queues: [{ name: 'dead', messages: 1 }] };
    await table.pass(3_000);
    expect(heard).toEqual([{ health: { scopes: [], problems: ['dead'] } }]);
  });

  it('receives once that the table cannot be read, once that it can, with the changes since', async () => {
    const table = tableInMotion([aRecord('one')]);
    const { heard } = await follow(table);
    table.refuse(new TrackerError('THROTTLED', 'DynamoDB throttles.'));
    await table.pass(3_000);
    expect(heard).toEqual([{ problem: { error: 'DynamoDB throttles.' } }]);
    table.set('one', { status: 'Completed' });
    table.refuse();
    await table.pass(3_000);
    expect(heard.slice(1)).toEqual([{ problem: {}, jobs: { changed: [aRecord('one').job_arn] } }]);
  });

  it('receives a known problem at once', async () => {
    const table = tableInMotion([]);
    table.refuse(new TrackerError('THROTTLED', 'DynamoDB throttles.'));
    const { updates } = await follow(table);
    const heard: Update[] = [];
    updates.subscribe((update) => heard.push(update));
    expect(heard).toEqual([{ problem: { error: 'DynamoDB throttles.' } }]);
  });

  it('shares each poll with the others', async () => {
    const table = tableInMotion([]);
    const { updates } = await follow(table);
    for (let n = 0; n < 20; n += 1) updates.subscribe(() => undefined);
    await table.pass(3_000);
    expect(table.requests).toHaveLength(2 * 4);
  });

  it('is needed for polls: there are none before the first and after the last listener', async () => {
    const table = tableInMotion([]);
    const { updates, end } = await follow(table);
    const second = updates.subscribe(() => undefined);
    end();
    await table.pass(2_000);
    const before = table.requests.length;
    second.end();
    second.end();
    await table.pass(10_000);
    expect(table.requests).toHaveLength(before);
    expect(jest.getTimerCount()).toBe(0);
    // What changed while nobody followed is read by whoever comes, and is no news.
    table.add(aRecord('meanwhile'));
    const heard: Update[] = [];
    const third = updates.subscribe((update) => heard.push(update));
    await third.ready;
    await table.pass(2_000);
    expect(heard.flatMap((update) => Object.keys(update))).toEqual([]);
  });

  it('gets one poll at a time, however long it takes', async () => {
    const table = tableInMotion([]);
    let looks = 0;
    const jobs: DashboardDependencies['jobs'] = {
      ...table.deps.jobs,
      listJobs: () => {
        looks += 1;
        return new Promise(() => undefined);
      },
    };
    const updates = followUpdates({ ...table.deps, jobs }, () => Promise.resolve({ scopes: [], problems: [] }));
    const first = updates.subscribe(() => undefined);
    await table.pass(10_000);
    first.end();
    updates.subscribe(() => undefined);
    await table.pass(10_000);
    expect(looks).toBe(2);
  });
});

describe('GET /api/updates', () => {
  /** Follows the stream; `text` is what has come so far. */
  const open = async (deps: DashboardDependencies, app = createDashboard(deps)) => {
    const answer = await app.request('/api/updates', { headers: { host: 'localhost' } });
    const reader = answer.body?.getReader();
    let text = '';
    const read = async () => {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return;
        text += Buffer.from(value as Uint8Array).toString();
      }
    };
    const ended = read();
    return { app, answer, text: () => text, close: () => reader?.cancel(), ended };
  };

  it('is a stream of events that is not cached', async () => {
    const table = tableInMotion([aRecord('one')]);
    const { answer, text, close } = await open(table.deps);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    table.set('one', { status: 'Completed' });
    await table.pass();
    expect(text()).toBe(
      `retry: 2000\n\nevent: jobs\ndata: ${JSON.stringify({ changed: [aRecord('one').job_arn] })}\n\n`,
    );
    await close();
  });

  it('reports a problem, and goes on', async () => {
    const table = tableInMotion([]);
    const { text, close } = await open(table.deps);
    table.refuse(new TrackerError('THROTTLED', 'DynamoDB\nthrottles.'));
    await table.pass(2_000);
    table.refuse();
    table.add(aRecord('new'));
    await table.pass(2_000);
    expect(text()).toContain('event: problem\ndata: {"error":"DynamoDB\\nthrottles."}\n\n');
    expect(text()).toContain('event: problem\ndata: {}\n\n');
    expect(text()).toContain('event: jobs\n');
    await close();
  });

  it('sends a heartbeat every 15 seconds, so that proxies keep it open', async () => {
    const table = tableInMotion([]);
    const { text, close } = await open(table.deps);
    await table.pass(31_000);
    expect(text()).toBe('retry: 2000\n\n:\n\n:\n\n');
    await close();
  });

  it('ends with its client, and so do the polls', async () => {
    const table = tableInMotion([]);
    const { close } = await open(table.deps);
    await table.pass(2_000);
    await close();
    const before = table.requests.length;
    await table.pass(60_000);
    expect(table.requests).toHaveLength(before);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('starts no stream for HEAD', async () => {
    const table = tableInMotion([]);
    const answer = await createDashboard(table.deps).request('/api/updates', {
      method: 'HEAD',
      headers: { host: 'localhost' },
    });
    expect(answer.status).toBe(200);
    await table.pass(5_000);
    expect(table.requests).toEqual([]);
  });

  it('disconnects a client that reads nothing while much changes', async () => {
    const table = tableInMotion([]);
    const app = createDashboard(table.deps);
    // Nobody reads the body.
    await app.request('/api/updates', { headers: { host: 'localhost' } });
    for (let n = 0; n < 12; n += 1) {
      for (let m = 0; m < 150; m += 1) table.add(aRecord(`job-${n * 150 + m}`));
      await table.pass();
    }
    const before = table.requests.length;
    await table.pass(60_000);
    expect(table.requests).toHaveLength(before);
  });

  it.each([0, 1, 2, 3, 4, 5])('ends at once with a client that read none of %d changes', async (changes) => {
    const table = tableInMotion([]);
    const answer = await createDashboard(table.deps).request('/api/updates', { headers: { host: 'localhost' } });
    for (let n = 0; n < changes; n += 1) {
      table.add(aRecord(`job-${n}`));
      await table.pass();
    }
    await answer.body?.cancel();
    const before = table.requests.length;
    await table.pass(5_000);
    expect(table.requests).toHaveLength(before);
  });

  it('has at most 50 clients', async () => {
    const table = tableInMotion([]);
    const first = await open(table.deps);
    const all = [first];
    for (let n = 1; n < 50; n += 1) all.push(await open(table.deps, first.app));
    const refused = await first.app.request('/api/updates', { headers: { host: 'localhost' } });
    expect(refused.status).toBe(503);
    await first.close();
    expect((await open(table.deps, first.app)).answer.status).toBe(200);
  });

  it('reports a change of an old job that the dashboard made', async () => {
    const old = { status: 'Completed', last_modified_time: '2025-01-01T00:00:00.000Z' };
    const table = tableInMotion([aRecord('old', old)]);
    const { app, text, close } = await open(table.deps);
    const ask = async (path: string, options: RequestInit = {}) =>
      app.request(path, { ...options, headers: { host: 'localhost', ...(options.headers as Record<string, string>) } });
    const headers = await changeHeaders({
      app,
      ask: (path) => ask(path),
      read: async (path) => (await ask(path)).json() as Promise<unknown>,
    });
    await ask(`${jobAddress('old')}/tags`, { method: 'PUT', headers, body: '{"tags":{"a":"b"}}' });
    table.set('old', { tags: { a: 'b' } });
    await table.pass();
    expect(text()).toContain('event: jobs\n');
    await close();
  });
});
