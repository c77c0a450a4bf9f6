import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobsAnswer, Overview, ScopesAnswer, Session } from '../../../lib/dashboard/api.ts';
import { readScopeHealth } from '../../../lib/operator/tracker-health.ts';
import { HUB_SCHEDULES } from '../../../lib/operator/tracker-settings.ts';
import { dynamoDbScopeStore } from '../../../lib/runtime/dynamodb-stores.ts';
import type { ScopeRecord } from '../../../lib/tracking/scope.ts';
import { sampleScopes } from '../../support/dashboard/scopes.ts';
import { aRecord, fakeJobs, jobAddress, NOVA, NOW, startDashboard } from '../../support/dashboard-server.ts';
import { type EmbeddedTables, startEmbeddedTables } from '../../support/embedded-tables.ts';

const ERROR = 'Not authorized.\u001b[2J <img src=x onerror=alert(1)>';
const SCOPES = sampleScopes(400, NOW.getTime()).map((scope): ScopeRecord => ({
  ...scope,
  revision: 1,
  ...(scope.error !== undefined && { error: ERROR }),
}));
const scopeWith = (what: (scope: ScopeRecord) => boolean) => SCOPES.filter(what).map(({ scope }) => scope);

let tables: EmbeddedTables;
beforeAll(async () => {
  tables = await startEmbeddedTables();
  const store = dynamoDbScopeStore(tables.client, tables.sweepsTable);
  for (const scope of SCOPES) await store.put(scope);
});
afterAll(() => tables.close());

/** The dashboard of a hub with these scopes; `queries` counts the requests to the sweeps table. */
const startHub = (change: Parameters<typeof startDashboard>[0] = {}, sweepsTable = tables.sweepsTable) => {
  let now = NOW;
  const sent = { queries: 0 };
  const send = (command: never): Promise<never> => {
    sent.queries += 1;
    return tables.client.send(command);
  };
  const dynamoDb = Object.assign(Object.create(tables.client) as typeof tables.client, { send });
  const hub = { dynamoDb, sweepsTable, schedules: HUB_SCHEDULES };
  const health = async () => ({
    queues: [],
    ...(await readScopeHealth(hub, { settings: { schedules: HUB_SCHEDULES } }, now)),
  });
  const dashboard = startDashboard({ hub, health, clock: () => now, updateInterval: 1_000, ...change });
  const scopes = async (query = '') => (await dashboard.read(`/api/scopes?${query}`)) as ScopesAnswer;
  return { ...dashboard, sent, scopes, later: (ms: number) => (now = new Date(NOW.getTime() + ms)) };
};

describe('GET /api/scopes', () => {
  it('has the first hundred, failing and late ones before others, with what only their records have', async () => {
    const { counts, scopes, matching } = await startHub().scopes();
    expect([counts, matching]).toEqual([{ active: 8, idle: 32, empty: 360, released: 0, failing: 2, late: 1 }, 400]);
    expect(scopes).toHaveLength(100);
    expect(scopes.slice(0, 4).map(({ error, late, state }) => [error, late, state])).toEqual([
      [ERROR, false, 'empty'],
      [ERROR, false, 'empty'],
      [undefined, true, 'active'],
      [undefined, false, 'active'],
    ]);
    expect(scopes[3]).toMatchObject({ heard_at: expect.any(String), creation_told_at: expect.any(String) });
  });

  it.each([
    ['show=failing', () => scopeWith(({ error }) => error !== undefined)],
    ['show=active', () => scopeWith(({ state }) => state === 'active')],
    [
      'show=idle&search=us-west-2',
      () => scopeWith(({ scope, state }) => state === 'idle' && scope.endsWith('us-west-2')),
    ],
    ['search=300000000007', () => scopeWith(({ scope }) => scope.startsWith('300000000007'))],
    ['show=released', () => []],
    ['show=nothing', () => []],
  ])('finds those of %s', async (query, expected) => {
    const { scopes, matching } = await startHub().scopes(query);
    expect(scopes.map(({ scope }) => scope).sort()).toEqual(expected().sort());
    expect(matching).toBe(expected().length);
  });

  it('reads the index again no more often than many scopes are worth', async () => {
    const { scopes, sent, later } = startHub();
    await scopes('show=released');
    const once = sent.queries;
    later(1_500);
    await scopes('show=released');
    expect(sent.queries).toBe(once);
    later(1_700);
    await scopes('show=released');
    expect(sent.queries).toBe(2 * once);
  });

  it('says of a tracker that is not a hub where its sweeps are', async () => {
    const answer = await startDashboard().ask('/api/scopes');
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: 'This tracker is not a hub: the overview shows its sweeps.' },
    ]);
  });
});

describe("the overview of a hub's health", () => {
  it('tells of three scopes and counts the rest', async () => {
    const { read } = startHub();
    const { health } = (await read('/api/overview')) as Overview;
    expect(health.counts).toBe('Scopes: 400 (8 active, 32 idle, 360 empty, 2 failing, 1 late).');
    expect(health.scopes).toEqual([]);
    const told = new Set(health.problems.map((problem) => / of (\S+) /.exec(problem)?.[1]));
    expect(told.size).toBe(3);
    expect(health.problems.join()).not.toContain('\u001b');
  });

  it('does not guess when the scope of a missing job was swept', async () => {
    const answer = await startHub().ask(jobAddress('absent'));
    expect(await answer.json()).toEqual({ error: 'There is no job absent in table jobs (us-east-1).' });
  });
});

describe('the jobs of a hub', () => {
  it('can be filtered by scopes that have jobs, as they are now', async () => {
    const { read } = startHub({ scopes: [] });
    const session = (await read('/api/session')) as Session;
    expect(session.isHub).toBe(true);
    expect(session.scopes).toEqual(scopeWith(({ state }) => state === 'active' || state === 'idle').sort());
  });

  it.each([
    ['all scopes by the last change', '', 'last_modified_time'],
    ['all scopes as asked', '?sortBy=creation_time', 'creation_time'],
    ['one scope by the default of its index', '?scope=123456789012%23us-east-1', undefined],
    ['one model by the default of its index', `?baseModel=${NOVA}`, undefined],
  ])('are listed for %s', async (_case, query, sortBy) => {
    const { jobs, requests } = fakeJobs([aRecord('one')]);
    const { read } = startHub({ jobs });
    expect(((await read(`/api/jobs${query}`)) as JobsAnswer).jobs).toHaveLength(1);
    expect(requests[0]?.sortBy).toBe(sortBy);
  });

  it('are listed even where the scopes cannot be read', async () => {
    const { read } = startHub({ jobs: fakeJobs([aRecord('one')]).jobs }, 'no-such-table');
    expect(((await read('/api/jobs')) as JobsAnswer).jobs).toHaveLength(1);
    expect(((await read('/api/session')) as Session).scopes).toEqual([]);
  });
});
