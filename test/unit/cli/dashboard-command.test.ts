import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ModelsClient } from '../../../lib/client/requests.ts';
import { dashboardCommand } from '../../../lib/cli/commands/dashboard.ts';
import type { Connection } from '../../../lib/cli/context.ts';
import type { Session } from '../../../lib/dashboard/api.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { DEFAULT_SCHEDULES } from '../../../lib/operator/tracker-settings.ts';
import { testContext } from '../../support/command-context.ts';
import { aRecord, fakeJobs, temporaryFolder } from '../../support/dashboard-server.ts';

const SCOPE = { accountId: '123456789012', region: 'us-east-1' };

const connectionOf = (change: Partial<Connection> = {}): Partial<Connection> => ({
  tableName: 'the-jobs',
  region: 'us-east-1',
  isLocal: false,
  scopes: [SCOPE],
  jobs: fakeJobs([aRecord('one')]).jobs as Connection['jobs'],
  dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient({})),
  health: () => Promise.resolve({ scopes: [], queues: [] }),
  settings: () => Promise.resolve({ schedules: { ...DEFAULT_SCHEDULES, idleAfterDays: 7 } }),
  models: () => Promise.resolve({} as ModelsClient),
  ...change,
});

/** Runs the command until its page was looked at. */
const run = async (args: readonly string[], connection = connectionOf(), look?: (url: string) => Promise<void>) => {
  const { context, printed, told, connectedBy } = testContext({ connection });
  const controller = new AbortController();
  const ended = dashboardCommand({ ...context, signal: controller.signal })
    .exitOverride()
    .configureOutput({ writeErr: (text) => told.push(text) })
    .parseAsync(['--port', '0', ...args], { from: 'user' });
  const started = async () => {
    while (printed.length === 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, 5)), ended]);
    try {
      await look?.(printed[0] ?? '');
    } finally {
      controller.abort();
    }
  };
  await Promise.all([ended, started()]);
  return { printed, told, connectedBy };
};

const sessionAt = async (url: string) => (await (await fetch(`${url}/api/session`)).json()) as Session;

describe('bedrock-jobs dashboard', () => {
  it('serves the tracker that its flags name on this machine until it is asked to end', async () => {
    let session: Session | undefined;
    const { printed, told, connectedBy } = await run(['--region', 'eu-west-1'], connectionOf(), async (url) => {
      session = await sessionAt(url);
      expect(await (await fetch(`${url}/api/jobs`)).json()).toMatchObject({ jobs: [{ job_name: 'one' }] });
    });
    expect(printed).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)]);
    expect(told).toEqual(['Serving table the-jobs in us-east-1 to this machine only. Ctrl-C stops it.']);
    expect(connectedBy).toMatchObject([{ region: 'eu-west-1' }]);
    expect(session).toMatchObject({
      tableName: 'the-jobs',
      scopes: ['123456789012#us-east-1'],
      updateInterval: 10_000,
    });
    expect(session?.token).toBeDefined();
    await expect(fetch(printed[0] ?? '')).rejects.toThrow();
  });

  it('has the rules of models, with prices from a file', async () => {
    const { folder, remove } = temporaryFolder();
    const file = join(folder, 'prices.json');
    writeFileSync(file, JSON.stringify({ date: '2026-11-01', model_unit_hour: [{ model: '*', usd: 20 }] }));
    await run(['--prices', file], connectionOf(), async (url) => {
      expect((await sessionAt(url)).models?.prices?.model_unit_hour).toMatchObject([{ usd: 20, source: file }]);
    });
    remove();
  });

  it('refuses a file of prices that is wrong before it serves', async () => {
    await expect(run(['--prices', '/nowhere/prices.yaml'])).rejects.toMatchObject({
      message: expect.stringContaining('/nowhere/prices.yaml') as unknown,
    });
  });

  it('serves jobs where models are not tracked, and says why', async () => {
    const models = () => Promise.reject(new TrackerError('TRACKER_NOT_FOUND', 'Deploy it with models.'));
    await run([], connectionOf({ models }), async (url) => {
      const session = await sessionAt(url);
      expect(session).toMatchObject({ tableName: 'the-jobs', modelsProblem: 'Deploy it with models.' });
      expect(session).not.toHaveProperty('models');
    });
  });

  it('looks every second where the table is on this machine', async () => {
    await run([], connectionOf({ isLocal: true }), async (url) => {
      expect(await sessionAt(url)).toMatchObject({ updateInterval: 1_000 });
    });
  });

  it('says where it is as JSON', async () => {
    const { printed } = await run(['--json', '--read-only']);
    expect(JSON.parse(printed[0] ?? '')).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown,
      tableName: 'the-jobs',
      region: 'us-east-1',
      readOnly: true,
    });
  });

  it('only reads where it is told to', async () => {
    const { told } = await run(['--read-only'], connectionOf(), async (url) => {
      expect(await sessionAt(url)).not.toHaveProperty('token');
    });
    expect(told[0]).toContain('read-only');
  });

  it('only reads, and by the names that are allowed, where others reach it', async () => {
    const { printed, told } = await run(
      ['--host', '0.0.0.0', '--allowed-host', 'devbox.internal'],
      connectionOf(),
      async (url) => {
        const { port } = new URL(url);
        expect(await sessionAt(`http://127.0.0.1:${port}`)).not.toHaveProperty('token');
      },
    );
    expect(printed[0]).toMatch(/^http:\/\/devbox\.internal:\d+$/);
    expect(told[0]).toContain('to everyone who reaches 0.0.0.0, read-only');
  });

  it('does not let others reach it by any name', async () => {
    await expect(run(['--host', '0.0.0.0'])).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining('--allowed-host <name>') as unknown,
    });
  });

  it('says what to do where no scope is known', async () => {
    await expect(run([], connectionOf({ scopes: [] }))).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining('set TRACKED_SCOPES') as unknown,
    });
  });

  it.each([
    [['--port', '70000'], 'It must be a whole number from 0 to 65535'],
    [['--host', 'everywhere'], 'It must be an IP address of this machine'],
    [['--allowed-host', 'http://devbox'], 'It must be a host name'],
    [['--local', '--table', 'jobs'], 'cannot be used with'],
  ])('refuses %j in a sentence', async (args, sentence) => {
    await expect(run(args)).rejects.toMatchObject({ message: expect.stringContaining(sentence) as unknown });
  });
});
