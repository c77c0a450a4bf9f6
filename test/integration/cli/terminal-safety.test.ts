import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { S3Client } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { putRecordInput } from '../../../lib/runtime/dynamodb-stores.ts';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { Connection } from '../../../lib/cli/context.ts';
import { runCommandLine } from '../../../lib/cli/program.ts';
import { toJson } from '../../../lib/cli/output/values.ts';
import { testContext } from '../../support/command-context.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { syntheticRecord } from '../../support/export/synthetic-records.ts';
import { hostile } from '../../support/hostile-record.ts';
import { SCOPE } from '../../support/fixtures.ts';

jest.setTimeout(60_000);

/**
 * Clears the screen, names the window, writes to the clipboard, rings, goes back over the line, and as one character of
 * eight bits what `ESC [` is; then turns the direction and breaks the line.
 */
const SEQUENCES = '\u001b[2J\u001b]0;owned\u0007\u001b]52;c;b3duZWQ=\u0007\b\r\u009b31m\u0085\u202etxt\u2066\u2028x\ny';
// eslint-disable-next-line no-control-regex -- these are what is looked for
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const ENDED = hostile(syntheticRecord(1), { id: 'endedhostile', text: SEQUENCES, kept: ['status'] });
const RUNNING = hostile(syntheticRecord(3), { id: 'runninghosti', text: SEQUENCES, kept: ['status'] });
const ODD = hostile(syntheticRecord(5), { id: 'hostileentir', text: SEQUENCES, times: true });

let tables: EmbeddedTables;
let connection: Partial<Connection>;

beforeAll(async () => {
  tables = await startEmbeddedTables();
  for (const record of [ENDED, RUNNING, ODD]) {
    const { Item } = putRecordInput(tables.jobsTable, record);
    await tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item }));
  }
  connection = {
    jobs: createJobsClient(tables.client, { tableName: tables.jobsTable, scopes: [SCOPE] }),
    tableName: tables.jobsTable,
    region: SCOPE.region,
    scopes: [SCOPE],
    isLocal: false,
    dynamoDb: tables.client,
    health: () => Promise.resolve({ scopes: [], queues: [{ name: SEQUENCES, messages: 1 }] }),
    s3: () => new S3Client({ endpoint: 'http://127.0.0.1:9', maxAttempts: 1, forcePathStyle: true }),
  };
});

afterAll(() => tables.close());

const run = async (argv: readonly string[], terminal: object) => {
  const { context, printed, told } = testContext({ connection, terminal });
  const code = await runCommandLine(argv, context, { loadHandlers: () => Promise.reject(new Error('not local')) });
  return { code, lines: [...printed, ...told] };
};

const unsafe = (lines: readonly string[]): string[] => lines.filter((line) => OBEYED.test(line));

describe('names, tags and messages that hold terminal sequences', () => {
  const commands: readonly (readonly [argv: readonly string[], code: number])[] = [
    [['list'], 0],
    [['list', '--status', SEQUENCES], 2],
    [['show', ENDED.job_arn], 0],
    [['show', ODD.job_arn], 0],
    [['show', `nothing${SEQUENCES}`], 1],
    [['history', ENDED.job_arn], 0],
    [['history', ODD.job_arn], 0],
    [['stats', '--since', '2024-01-01'], 0],
    [['wait', ENDED.job_arn], 1],
    [['wait', RUNNING.job_arn, '--timeout', '1s'], 1],
    [['metrics', ENDED.job_arn], 1],
    [['status'], 1],
    [['export', '--format', 'ndjson'], 0],
    [['export', '--format', 'csv'], 0],
  ];

  it.each(commands)('reach no terminal: %j', async (argv, expected) => {
    const { code, lines } = await run(argv, { isTerminal: true, columns: 100 });
    expect(lines.join('').length).toBeGreaterThan(10);
    expect({ code, unsafe: unsafe(lines) }).toEqual({ code: expected, unsafe: [] });
  });

  it.each([
    ['list', '--json'],
    ['show', ENDED.job_arn, '--json'],
    ['history', ENDED.job_arn, '--json'],
  ])('are in JSON as they are, and written so that a terminal shows them: %s', async (...argv) => {
    const { code, lines } = await run(argv, { isTerminal: true });
    expect([code, unsafe(lines)]).toEqual([0, []]);
    expect(JSON.stringify(JSON.parse(lines.join('\n')))).toContain(JSON.stringify(SEQUENCES).slice(1, -1));
  });

  it('read back from JSON as what they were', () => {
    const value = { [SEQUENCES]: [SEQUENCES, 'é🦙'] };
    expect(JSON.parse(toJson(value))).toEqual(value);
  });
});
