import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { readScopeHealth, type QueueHealth } from '../../../lib/operator/tracker-health.ts';
import { dynamoDbSweepStore } from '../../../lib/runtime/dynamodb-stores.ts';
import type { Connection, Terminal } from '../../../lib/cli/context.ts';
import { runCommandLine } from '../../../lib/cli/program.ts';
import type { JobsClient } from '../../../lib/client/requests.ts';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { Scope } from '../../../lib/domain/identity.ts';
import { NO_COUNTS } from '../../../lib/tracking/sweep-state.ts';
import { testContext } from '../../support/command-context.ts';
import { startTracked, type Tracked } from '../../support/integration/command.ts';

const NOW = '2026-08-12T12:00:00.000Z';
const IDENTITY = { account_id: '123456789012', region: 'us-east-1' };
const SCOPES: Scope[] = ['us-east-1', 'us-west-2'].map((region) => ({ accountId: '123456789012', region }));

let tracked: Tracked;
beforeAll(async () => {
  tracked = await startTracked();
});
afterAll(() => tracked.close());

const scopesTable = ({ client: dynamoDb, sweepsTable }: Tracked['tables']) => ({ dynamoDb, sweepsTable });

const connectionOf = ({ tables }: Tracked, queues: readonly QueueHealth[]): Partial<Connection> => ({
  tableName: tables.jobsTable,
  region: 'us-east-1',
  isLocal: false,
  scopes: SCOPES,
  jobs: createJobsClient(tables.client, {
    tableName: tables.jobsTable,
    scopes: SCOPES,
    clock: () => Date.parse(NOW),
  }),
  health: async () => ({
    ...(await readScopeHealth(scopesTable(tables), { named: SCOPES }, new Date(NOW))),
    queues,
  }),
});

const loadHandlers = () => Promise.reject(new Error('no handler is run'));

/** Runs a command line in this process, against the embedded tables and at a fixed time. */
const run = async (line: string, terminal: Partial<Terminal> = {}, queues: readonly QueueHealth[] = []) => {
  const { context, printed, told } = testContext({ terminal, connection: connectionOf(tracked, queues), now: NOW });
  const code = await runCommandLine(line.split(' '), context, { loadHandlers });
  return { code, printed, told };
};
const printed = async (line: string, columns?: number): Promise<string> => {
  const { code, printed: lines, told } = await run(line, columns === undefined ? {} : { columns });
  expect({ code, told }).toEqual({ code: 0, told: [] });
  return `\n${lines.join('\n')}\n`;
};
const json = async (line: string): Promise<unknown> => JSON.parse(await printed(`${line} --json`)) as unknown;

describe('bedrock-jobs list', () => {
  it('shows what a wide terminal has room for', async () => {
    expect(await printed('list', 200)).toMatchSnapshot();
  });

  it.each([80, 40])('shows what matters most on %i columns', async (columns) => {
    expect(await printed('list', columns)).toMatchSnapshot();
  });

  it('shows the Region and account only where they differ', async () => {
    expect(await printed('list --job-region us-east-1 --account 123456789012')).not.toContain('REGION');
  });

  it('colours statuses where the terminal shows colours, and says them all the same', async () => {
    const { printed: lines } = await run('list --status Failed', { colour: true });
    expect(lines.at(-1)).toContain('\u001b[31mFailed\u001b[39m');
  });

  it('filters, sorts and limits, and tells how to go on', async () => {
    const { code, printed: lines, told } = await run('list --type fine-tuning --created-after 3d --limit 1');
    expect([code, lines.length]).toEqual([0, 2]);
    expect(lines[1]).toMatch(/^support-triage-ft-0142 /);
    expect(told).toEqual([
      expect.stringMatching(/^1 job so far \([\d.]+ read units?\)\. There may be more: add --all/),
      expect.stringMatching(/^--created-after \S+ --cursor \S+$/),
    ]);
    const next = await run(`list --type fine-tuning --limit 1 ${told[1] ?? ''}`);
    expect(next.printed[1]).toMatch(/^marketing-copy-ft-3 /);
  });

  it('reads on to the end with --all, oldest first where asked', async () => {
    const lines = (await printed('list --all --oldest-first --sort created')).trim().split('\n');
    expect(lines).toHaveLength(8);
    expect(lines[1]).toMatch(/^command-intent-14 /);
  });

  it('goes on with --all where a page ends, and adds up what the pages cost', async () => {
    const asked: unknown[] = [];
    const page = { index: 'by-scope', readUnits: 0.5, requests: 1 };
    const jobs = {
      listJobs: (request: { cursor?: string }) => {
        asked.push(request);
        const isFirst = request.cursor === undefined;
        return Promise.resolve({
          ...page,
          jobs: [{ job_arn: isFirst ? 'a' : 'b' }],
          ...(isFirst && { cursor: 'next' }),
        });
      },
    } as unknown as JobsClient;
    const { context, printed: lines } = testContext({ connection: { jobs } });
    await runCommandLine(['list', '--all', '--json'], context, { loadHandlers });
    expect(asked).toEqual([{ limit: 1000 }, { limit: 1000, cursor: 'next' }]);
    expect(JSON.parse(lines.join('\n'))).toEqual({
      jobs: [{ job_arn: 'a' }, { job_arn: 'b' }],
      index: 'by-scope',
      read_units: 1,
    });
  });

  it('prints one JSON document', async () => {
    expect(await json('list --status Failed --tag fixture:fine-tuning-failed')).toMatchObject({
      jobs: [{ job_name: 'marketing-copy-ft-3', status: 'Failed', tags: { team: 'nlp' } }],
      index: 'by-status',
      sorted_by: 'last_modified_time',
      read_units: expect.any(Number) as unknown,
    });
  });

  it('names the moments that ages meant for the next page, as a cursor belongs to them', async () => {
    const { told } = await run('list --created-after 5000w --limit 1');
    const next = told.at(-1) ?? '';
    expect(next).toMatch(/^--created-after \d{4}-\d\d-\d\dT[\d:.]+Z --cursor \S+$/);
    expect(await run(`list --limit 1 ${next}`)).toMatchObject({ code: 0 });
    const later = await run(`list --limit 1 --created-after 4999w ${next.slice(next.indexOf('--cursor'))}`);
    expect(later).toMatchObject({ code: 2, told: [expect.stringMatching(/^The cursor is of another request/)] });
  });

  it('says so where no job matches', async () => {
    expect(await run('list --status Stopping')).toEqual({ code: 0, printed: [], told: ['No matching jobs.'] });
  });

  it('says which flags help where no index answers', async () => {
    const { code, told } = await run('list --account 210987654321');
    expect([code, told]).toEqual([
      2,
      [expect.stringMatching(/^No tracked scope matches 210987654321\. Add --account/)],
    ]);
  });

  it.each(['--limit 0', '--limit many', '--all --cursor x', '--sort colour', 'surplus'])(
    'misuse: %s',
    async (flags) => {
      expect(await run(`list ${flags}`)).toMatchObject({ code: 2, printed: [] });
    },
  );
});

describe('bedrock-jobs show', () => {
  it.each([
    ['all of a job', 'support-triage-ft-0142'],
    ['a failure', 'marketing-copy-ft-3'],
    ['an active job', 'faq-distill-2026.05'],
  ])('shows %s', async (_, job) => {
    expect(await printed(`show ${job}`)).toMatchSnapshot();
  });

  it('shows the job and says so where what serves its model cannot be read', async () => {
    const models = () => Promise.reject(new Error('Too many requests.'));
    const {
      context,
      printed: lines,
      told,
    } = testContext({
      connection: { ...connectionOf(tracked, []), models },
      now: NOW,
    });
    expect(await runCommandLine(['show', 'support-triage-ft-0142'], context, { loadHandlers })).toBe(0);
    expect(lines.join('\n')).toMatch(/name +support-triage-ft-0142/);
    expect(told).toEqual(['What serves its model could not be read: Too many requests.']);
  });

  it('leaves out nothing of a record, whatever AWS adds', async () => {
    const { tables } = tracked;
    const arn =
      'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/newnewnewnew';
    const record = { ...IDENTITY, job_arn: arn, job_id: 'newnewnewnew', tags: {}, transitions: [], revision: 1 };
    const added = { brand_new: { depth: [{ value: 'unheard-of' }] }, status: 'Paused' };
    await tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item: { ...record, ...added } }));
    const text = await printed(`show ${arn}`);
    expect(text).toMatch(/status +Paused/);
    expect(text).toMatch(/brand new › depth › 1 › value +unheard-of/);
  });

  it('prints the record with --json', async () => {
    expect(await json('show q7w2e9r4t1y6')).toMatchObject({ job_name: 'support-triage-ft-0142', revision: 1 });
  });

  it('says of an unknown job when the tracker last looked, and which names are near', async () => {
    expect(await run('show support-triage-ft-0141')).toEqual({
      code: 1,
      printed: [],
      told: [
        'There is no job support-triage-ft-0141 in table jobs (us-east-1); the tracker has not finished a sweep of 123456789012#us-east-1 yet. ' +
          'Did you mean support-triage-ft-0142?',
      ],
    });
  });
});

describe('bedrock-jobs history', () => {
  it('shows every change, how late it was seen, and how', async () => {
    const { tables } = tracked;
    const arn =
      'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/historyhisto';
    const change = (from: string | null, to: string, minute: string, task?: string) => ({
      from,
      to,
      at: `2026-08-01T10:${minute}:00.000Z`,
      observed_at: `2026-08-01T10:${minute}:01.500Z`,
      via: 'event',
      ...(task !== undefined && { task }),
    });
    const transitions = [
      change(null, 'InProgress', '00'),
      change(null, 'InProgress', '01', 'validation'),
      change('InProgress', 'Completed', '05', 'validation'),
      change('InProgress', 'Failed', '30'),
    ];
    const Item = {
      ...IDENTITY,
      job_arn: arn,
      job_id: 'historyhisto',
      status: 'Failed',
      tags: {},
      transitions,
      transitions_folded: 2,
    };
    await tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item }));
    const { printed: lines, told } = await run(`history ${arn}`);
    expect(told).toEqual(['Not kept: 2 older transitions.']);
    expect(lines).toMatchInlineSnapshot(`
     [
       "AT                    TASK        CHANGE                  SEEN AFTER  VIA",
       "2026-08-01T10:00:00Z  job         InProgress              2 s         event",
       "2026-08-01T10:01:00Z  validation  InProgress              2 s         event",
       "2026-08-01T10:05:00Z  validation  InProgress → Completed  2 s         event",
       "2026-08-01T10:30:00Z  job         InProgress → Failed     2 s         event",
     ]
    `);
    expect((await run(`show ${arn}`)).printed.slice(9, 15)).toMatchInlineSnapshot(`
     [
       "",
       "Timeline",
       "  AT                    TASK        CHANGE                  LASTED",
       "  2026-08-01T10:00:00Z  job         InProgress              30 min",
       "  2026-08-01T10:01:00Z  validation  InProgress              4 min",
       "  2026-08-01T10:05:00Z  validation  InProgress → Completed  –",
     ]
    `);
  });

  it('prints one JSON document', async () => {
    expect(await json('history q7w2e9r4t1y6')).toMatchObject({
      job_name: 'support-triage-ft-0142',
      transitions: [{ task: 'validation', from: null, to: 'Completed' }, {}, {}],
      transitions_folded: 0,
    });
  });
});

describe('bedrock-jobs stats', () => {
  it('sums up a window', async () => {
    expect(await printed('stats --since 2025-01-01 --until 2026-08-12')).toMatchSnapshot();
  });

  it('sums up 30 days where none are named', async () => {
    expect(await json('stats')).toMatchObject({
      created_after: '2026-07-13T12:00:00.000Z',
      created_before: NOW,
      jobs: 2,
      by_status: { Completed: 1, Failed: 1 },
      success_rate: 0.5,
      by_model: [{ durations: { count: 1, p50_ms: 4_862_672 } }, { by_status: { Failed: 1 } }],
    });
  });

  it('says that there is none', async () => {
    expect(await printed('stats --since 2020-01-01 --until 2020-02-01')).toMatch(/^\n0 jobs created\n/);
  });

  it('refuses a window that ends before it begins', async () => {
    const { code, told } = await run('stats --since 2026-02-01 --until 2026-01-01');
    expect([code, told]).toEqual([2, [expect.stringMatching(/createdBefore must be later/)]]);
  });
});

describe('bedrock-jobs status', () => {
  const sweep = (succeeded_at: string, counts = {}) => ({ succeeded_at, counts: { ...NO_COUNTS, ...counts } });
  const swept = async (active: string) => {
    const store = dynamoDbSweepStore(tracked.tables.client, tracked.tables.sweepsTable);
    for (const scope of SCOPES) {
      await store.save(scope, 'active', sweep(active, { corrected: 2 }));
      await store.save(scope, 'full', sweep('2026-08-12T02:00:00.000Z'));
    }
  };

  it('says that the tracker is healthy, and ends with 0', async () => {
    await swept('2026-08-12T11:57:00.000Z');
    expect(await run('status', {}, [{ name: 'dead-letters', messages: 0 }])).toMatchInlineSnapshot(`
     {
       "code": 0,
       "printed": [
         "SCOPE                   ACTIVE SWEEP  FULL SWEEP  CORRECTED  FAILED",
         "123456789012#us-east-1  3 min ago     10 h ago            2       0",
         "123456789012#us-west-2  3 min ago     10 h ago            2       0",
         "",
         "QUEUE         MESSAGES",
         "dead-letters         0",
         "",
         "The tracker is healthy.",
       ],
       "told": [],
     }
    `);
  });

  it('says what is wrong, with 1', async () => {
    await swept('2026-08-12T11:00:00.000Z');
    const { code, printed: lines } = await run('status', {}, [{ name: 'dead-letters', messages: 3 }]);
    expect(code).toBe(1);
    expect(lines.slice(-4)).toEqual([
      '3 problems:',
      expect.stringMatching(/^- No active sweep of 123456789012#us-east-1 has succeeded since/),
      expect.stringMatching(/^- No active sweep of 123456789012#us-west-2 has succeeded since/),
      expect.stringMatching(/^- 3 messages in dead-letters/),
    ]);
  });

  it('prints one JSON document, and ends with 1 then too', async () => {
    await swept('2026-08-12T11:00:00.000Z');
    const { code, printed: lines } = await run('status --json');
    expect(code).toBe(1);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      healthy: false,
      problems: [expect.any(String), expect.any(String)],
      table: 'jobs',
      scopes: [{ scope: '123456789012#us-east-1', active: { succeeded_at: '2026-08-12T11:00:00.000Z' } }, {}],
    });
  });
});
