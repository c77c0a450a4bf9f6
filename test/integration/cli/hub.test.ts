import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { REGISTERED_SCOPES, SCOPE_ITEM } from '../../../lib/contract.ts';
import { HOUR } from '../../../lib/domain/time.ts';
import { dynamoDbScopeStore } from '../../../lib/runtime/dynamodb-stores.ts';
import {
  type CommandResult,
  runCommand,
  serveParameters,
  startTracked,
  type Tracked,
} from '../../support/integration/command.ts';
import type { HttpServer } from '../../support/integration/http.ts';
import { registerScopes } from '../../support/registry.ts';
import { trackerSettings } from '../../support/tracker-settings.ts';

let tracked: Tracked;
let ssm: HttpServer;
beforeAll(async () => {
  tracked = await startTracked();
  const { jobsTable, modelsTable, sweepsTable, client } = tracked.tables;
  ssm = await serveParameters({
    'jobs-table-name': jobsTable,
    'models-table-name': modelsTable,
    'sweeps-table-name': sweepsTable,
    'tracked-scopes': REGISTERED_SCOPES,
    'watched-queue-urls': '',
    settings: JSON.stringify(trackerSettings({ idleSweepMinutes: 60, emptySweepMinutes: 1440, releaseAfterHours: 24 })),
  });
  await registerScopes(client, sweepsTable, {
    active: ['123456789012#us-east-1'],
    idle: ['123456789012#us-west-2', '999988887777#eu-west-1'],
    empty: ['444455556666#us-east-1'],
  });
});
afterAll(async () => {
  await ssm.close();
  await tracked.close();
});

/** Runs a command as a person does who has the tracker's Region and credentials alone. */
const run = (...argv: string[]): Promise<CommandResult> =>
  runCommand(argv, {
    ...process.env,
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_DYNAMODB: tracked.tables.url },
    AWS_ENDPOINT_URL_SSM: ssm.url,
  });
const json = async (...argv: string[]): Promise<unknown> => {
  const { stdout, stderr, code } = await run(...argv, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

describe('the command line of a hub', () => {
  it('lists and sums the jobs of the scopes that are registered', async () => {
    const { jobs } = (await json('list', '--all')) as { jobs: { region: string }[] };
    expect(new Set(jobs.map(({ region }) => region))).toEqual(new Set(['us-east-1', 'us-west-2']));
    expect(await json('stats', '--since', '2020-01-01')).toMatchObject({ jobs: jobs.length });
    const { stdout } = await run('export', '--format', 'ndjson');
    expect(stdout.trim().split('\n')).toHaveLength(jobs.length);
    expect(await json('models')).toMatchObject({ models: [], complete: true });
  });

  it('lists the scopes', async () => {
    expect(await json('scopes', '--state', 'idle')).toMatchObject({
      scopes: [{ scope: '123456789012#us-west-2' }, { scope: '999988887777#eu-west-1' }],
      counts: { active: 1, idle: 2, empty: 1, late: 4 },
    });
  });

  it('takes the default schedules of a hub where its settings cannot be read', async () => {
    const { jobsTable, sweepsTable, client } = tracked.tables;
    const at = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();
    const scope = '222233334444#us-east-1';
    const times = { registered_at: at(-9), swept_at: at(-3), due_at: at(21) };
    await dynamoDbScopeStore(client, sweepsTable).put({ scope, state: 'empty', revision: 1, ...times });
    const { stdout } = await runCommand(['scopes', scope, '--json'], {
      ...process.env,
      ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      ...{ JOBS_TABLE_NAME: jobsTable, SWEEPS_TABLE_NAME: sweepsTable, TRACKED_SCOPES: REGISTERED_SCOPES },
      ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_DYNAMODB: tracked.tables.url },
    });
    expect(JSON.parse(stdout)).toMatchObject({ scope, late: false });
    await client.send(new DeleteCommand({ TableName: sweepsTable, Key: { scope, sweep: SCOPE_ITEM } }));
  });

  it('judges each scope in status', async () => {
    const { code, stdout } = await run('status', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ counts: { late: 4 }, scopes: [{}, {}, {}, {}] });
  });
});
