import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn as spawnOnTerminal, type IPty } from '@lydell/node-pty';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { JobRecord, Transition } from '../../../lib/domain/record.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { syntheticRecord } from '../../support/export/synthetic-records.ts';
import { ENTRY, environmentOf, startCommand } from '../../support/integration/command.ts';
import { eventually } from '../../support/integration/suite.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

// Each test starts a process, on a machine that may have other things to do.
jest.setTimeout(60_000);
const PATIENCE_MS = 30_000;

let tables: EmbeddedTables;
beforeAll(async () => {
  tables = await startEmbeddedTables();
});
afterAll(() => tables.close());

const NOW = Date.now();
const ago = (minutes: number): string => new Date(NOW - minutes * MINUTE).toISOString();
const transition = (from: string | null, to: string, minutes: number): Transition => ({
  from,
  to,
  at: ago(minutes),
  observed_at: ago(minutes),
  via: 'event',
});

const running = (number: number): JobRecord => {
  const { end_time: _, ...record } = syntheticRecord(number);
  return {
    ...record,
    status: 'InProgress',
    status_details: { training_details: { status: 'InProgress' } },
    creation_time: ago(60),
    last_modified_time: ago(5),
    transitions: [transition(null, 'InProgress', 60)],
    active_scope: record.scope,
  };
};
const failed = (number: number): JobRecord => {
  const { active_scope: _, ...record } = running(number);
  return {
    ...record,
    status: 'Failed',
    failure_message: 'No access',
    last_modified_time: ago(0),
    end_time: ago(0),
    transitions: [transition(null, 'InProgress', 60), transition('InProgress', 'Failed', 0)],
    revision: 2,
  };
};
const put = (record: JobRecord) =>
  tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item: { ...record } }));

beforeEach(async () => {
  for (const number of [1, 2]) await put(running(number));
  await tables.client.send(
    new DeleteCommand({ TableName: tables.jobsTable, Key: { job_arn: syntheticRecord(3).job_arn } }),
  );
});

describe('bedrock-jobs watch in a pipe', () => {
  const start = (...argv: string[]) => startCommand(['watch', '--interval', '1s', ...argv], environmentOf(tables));

  it('prints a line of JSON for each transition as it is seen, and ends well at Ctrl-C', async () => {
    const { child, said, result } = start('--json');
    await eventually(() => expect(said().stderr).toContain('Watching 2 active jobs'), PATIENCE_MS);
    await put(failed(1));
    await put(running(3));
    const lines = () => said().stdout.split('\n').slice(0, -1);
    await eventually(() => expect(lines()).toHaveLength(2), PATIENCE_MS);
    child.kill('SIGINT');
    expect(await result).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Watching 2.*\n$/) as unknown });
    const events = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events).toContainEqual({
      job_arn: running(1).job_arn,
      job_name: 'support-triage-1',
      from: 'InProgress',
      to: 'Failed',
      at: expect.any(String) as unknown,
    });
    expect(events).toContainEqual(
      expect.objectContaining({ job_name: 'support-triage-3', from: null, to: 'InProgress' }),
    );
  });

  it('ends by itself once the job that was named has ended', async () => {
    const { said, result } = start('support-triage-1');
    await eventually(() => expect(said().stderr).toContain('Watching 1 job;'), PATIENCE_MS);
    await put(failed(1));
    const { code, stdout } = await result;
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^\S+Z support-triage-1: InProgress → Failed\n$/) as unknown,
    ]);
  });

  it('ends when the reader of its output goes away', async () => {
    const { child, said, result } = start();
    await eventually(() => expect(said().stderr).toContain('Watching'), PATIENCE_MS);
    child.stdout.destroy();
    await put(failed(1));
    expect((await result).code).toBe(0);
  });

  it.each<[string[], number, RegExp]>([
    [['suport-triage-1'], 1, /Did you mean support-triage-1/],
    [['support-triage-1', '--tag', 'team:a'], 2, /Name the jobs to watch, or filter them, not both/],
    [['--interval', '10'], 2, /It must be a span of time/],
  ])('refuses %j with a sentence', async (argv, code, sentence) => {
    const answer = await start(...argv).result;
    expect([answer.code, answer.stdout]).toEqual([code, '']);
    expect(answer.stderr).toMatch(sentence);
  });
});

describe('bedrock-jobs watch on a terminal', () => {
  let pty: IPty | undefined;
  let seen = '';
  // A failed test leaves it running.
  afterAll(() => pty?.kill());
  /** What stands on the screen by the last drawing. */
  const screen = (): string => seen.split('\u001b[?2026h').at(-1) ?? '';

  it('draws jobs as they change, anew when the window changes, and leaves the last table at Ctrl-C', async () => {
    const env = Object.fromEntries(
      Object.entries(environmentOf(tables)).flatMap(([name, value]) => (value ? [[name, value]] : [])),
    );
    const started = spawnOnTerminal(process.execPath, [ENTRY, 'watch', '--interval', '1s'], {
      cols: 100,
      rows: 20,
      env,
    });
    pty = started;
    const ended = new Promise<number>((resolve) => void started.onExit(({ exitCode }) => resolve(exitCode)));
    started.onData((text) => {
      seen += text;
    });
    await eventually(
      () => expect(screen()).toMatch(/2 active jobs\..*support-triage-1 .*InProgress\S* +training/s),
      PATIENCE_MS,
    );
    expect(screen()).toContain('nova-lite-v1:0:300k');
    await put(failed(1));
    await eventually(() => expect(screen()).toMatch(/1 active job, 1 ended.*support-triage-1 .*Failed/s), PATIENCE_MS);
    // Drawn over, not cleared.
    expect(screen()).not.toContain('\u001b[2J');
    started.resize(40, 20);
    await eventually(() => expect(screen()).not.toContain('nova-lite'), PATIENCE_MS);
    started.write('\u0003');
    expect(await ended).toBe(0);
    expect(screen()).toMatch(/support-tria.*Failed/s);
  });
});
