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

const follow = (table: ReturnType<typeof tableInMotion>) => {
  const updates = followUpdates(table.deps, () =>
    Promise.resolve({ scopes: [], problems: table.health.value.queues.map(({ name }) => name) }),
  );
  const heard: Update[] = [];
  const subscription = updates.subscribe((update) => {
    if (Object.keys(update).length > 0) heard.push(update);
  });
  return { updates, heard, ...subscription };
};

describe('those who follow updates', () => {
  it('hear of nothing that was so when they came, and of nothing that stays as it is', async () => {
    const table = tableInMotion([aRecord('one')]);
    const { heard, ready } = follow(table);
    await ready;
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
  ])('hear of a job that changed %s', async (_what, change) => {
    const table = tableInMotion([aRecord('one'), aRecord('two')]);
    const { heard, ready } = follow(table);
    await ready;
    table.set('one', change);
    await table.pass();
    expect(heard).toEqual([{ jobs: { changed: [aRecord('one').job_arn] } }]);
  });

  it('hear of a new job', async () => {
    const table = tableInMotion([]);
    const { heard, ready } = follow(table);
    await ready;
    table.add(aRecord('new', { status: 'Completed' }));
    await table.pass();
    expect(heard).toEqual([{ jobs: { changed: [aRecord('new').job_arn] } }]);
  });

  it('hear of no change where only the order of keys is another', async () => {
    const table = tableInMotion([aRecord('one', { tags: { a: '1', b: '2' } })]);
    const { heard, ready } = follow(table);
    await ready;
    table.set('one', { tags: { b: '2', a: '1' } });
    await table.pass();
    expect(heard).toEqual([]);
  });

  it('hear of a job that moved long ago and ended unseen: its end bears an old time', async () => {
    const old = new Date(NOW.getTime() - 5 * HOUR).toISOString();
    const table = tableInMotion([aRecord('late', { last_modified_time: old })]);
    const { heard, ready } = follow(table);
    await ready;
    table.set('late', { status: 'Failed' });
    await table.pass();
    expect(heard).toEqual([{ jobs: { changed: [aRecord('late').job_arn] } }]);
  });

  it('hear of nothing where a job that had ended only grew old', async () => {
    const almost = new Date(NOW.getTime() - 2 * HOUR + 1_500).toISOString();
    const table = tableInMotion([aRecord('ended', { status: 'Completed', last_modified_time: almost })]);
    const { heard, ready } = follow(table);
    await ready;
    await table.pass(5_000);
    expect(heard).toEqual([]);
  });

  it('hear of an old job that somebody changed in Bedrock, once its record shows it', async () => {
    const old = { status: 'Completed', last_modified_time: '2025-01-01T00:00:00.000Z' };
    const table = tableInMotion([aRecord('old', old)]);
    const { heard, ready, updates } = follow(table);
    await ready;
    updates.expect(aRecord('old', old));
    await table.pass(3_000);
    expect(heard).toEqual([]);
    table.set('old', { tags: { team: 'search' } });
    await table.pass(3_000);
    expect(heard).toEqual([{ jobs: { changed: [aRecord('old').job_arn] } }]);
  });

  it('hear of the tracker when it does otherwise', async () => {
    const table = tableInMotion([]);
    const { heard, ready } = follow(table);
    await ready;
    table.health.value = { scopes: [], queues: [{ name: 'dead', messages: 1 }] };
    await table.pass(3_000);
    expect(heard).toEqual([{ health: { scopes: [], problems: ['dead'] } }]);
  });

  it('hear once that the table cannot be read, once that it can, and then of all that changed meanwhile', async () => {
    const table = tableInMotion([aRecord('one')]);
    const { heard, ready } = follow(table);
    await ready;
    table.refuse(new TrackerError('THROTTLED', 'DynamoDB throttles.'));
    await table.pass(3_000);
    expect(heard).toEqual([{ problem: { error: 'DynamoDB throttles.' } }]);
    table.set('one', { status: 'Completed' });
    table.refuse();
    await table.pass(3_000);
    expect(heard.slice(1)).toEqual([{ problem: {}, jobs: { changed: [aRecord('one').job_arn] } }]);
  });

  it('hear at once of a problem that others know of', async () => {
    const table = tableInMotion([]);
    table.refuse(new TrackerError('THROTTLED', 'DynamoDB throttles.'));
    const { updates, ready } = follow(table);
    await ready;
    const heard: Update[] = [];
    updates.subscribe((update) => heard.push(update));
    expect(heard).toEqual([{ problem: { error: 'DynamoDB throttles.' } }]);
  });

  it('share each look, however many they are', async () => {
    const table = tableInMotion([]);
    const { updates, ready } = follow(table);
    for (let n = 0; n < 20; n += 1) updates.subscribe(() => undefined);
    await ready;
    await table.pass(3_000);
    expect(table.requests).toHaveLength(2 * 4);
  });

  it('are the only reason to look: none comes before the first and after the last of them', async () => {
    const table = tableInMotion([]);
    const { updates, ready, end } = follow(table);
    const second = updates.subscribe(() => undefined);
    await ready;
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

  it('have one look at a time, however long it takes', async () => {
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

  it('is a stream of events that nobody keeps', async () => {
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

  it('says of a problem that there is one, and goes on', async () => {
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

  it('beats every 15 seconds, so that those in between keep it open', async () => {
    const table = tableInMotion([]);
    const { text, close } = await open(table.deps);
    await table.pass(31_000);
    expect(text()).toBe('retry: 2000\n\n:\n\n:\n\n');
    await close();
  });

  it('ends with the client that goes, and the looks at the table with it', async () => {
    const table = tableInMotion([]);
    const { close } = await open(table.deps);
    await table.pass(2_000);
    await close();
    const before = table.requests.length;
    await table.pass(60_000);
    expect(table.requests).toHaveLength(before);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('begins nothing that would not end for those who ask for its headers alone', async () => {
    const table = tableInMotion([]);
    const answer = await createDashboard(table.deps).request('/api/updates', {
      method: 'HEAD',
      headers: { host: 'localhost' },
    });
    expect(answer.status).toBe(200);
    await table.pass(5_000);
    expect(table.requests).toEqual([]);
  });

  it('sends a client away that takes nothing while much changes, and forgets what it was to be told', async () => {
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

  it.each([0, 1, 2, 3, 4, 5])('ends at once with a client that took none of %d changes and goes', async (changes) => {
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

  it('is for 50 pages at most', async () => {
    const table = tableInMotion([]);
    const first = await open(table.deps);
    const all = [first];
    for (let n = 1; n < 50; n += 1) all.push(await open(table.deps, first.app));
    const refused = await first.app.request('/api/updates', { headers: { host: 'localhost' } });
    expect(refused.status).toBe(503);
    await first.close();
    expect((await open(table.deps, first.app)).answer.status).toBe(200);
  });

  it('hears of the change of an old job that the dashboard itself made', async () => {
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
