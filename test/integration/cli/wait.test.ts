import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { syntheticRecord } from '../../support/export/synthetic-records.ts';
import { environmentOf, startCommand } from '../../support/integration/command.ts';
import { eventually } from '../../support/integration/suite.ts';
import { dynamoDbOperation, startProxy, type Proxy } from '../../support/integration/http.ts';

// Each test starts a process, on a machine that may have other things to do.
jest.setTimeout(60_000);

let tables: EmbeddedTables;
let proxy: Proxy;
beforeAll(async () => {
  tables = await startEmbeddedTables();
  proxy = await startProxy(tables.url, dynamoDbOperation);
});
afterAll(async () => {
  await proxy.close();
  await tables.close();
});

const put = (record: JobRecord) =>
  tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item: { ...record } }));

/** A job in training, without the attributes of its end. */
const running = (number: number): JobRecord => {
  const { end_time: _, output_model_arn: __, failure_message: ___, ...record } = syntheticRecord(number);
  return {
    ...record,
    status: 'InProgress',
    status_details: { training_details: { status: 'InProgress' } },
    revision: 1,
    active_scope: record.scope,
  };
};
const ended = (number: number, change: Partial<JobRecord>): JobRecord => ({
  ...running(number),
  end_time: syntheticRecord(number).last_modified_time ?? '',
  revision: 9,
  ...change,
});
const start = (...argv: string[]) => startCommand(['wait', ...argv, '--interval', '1s'], environmentOf(tables));

describe('bedrock-jobs wait', () => {
  it('waits for a record that does not exist yet, follows the job, and ends with 0 when it completed', async () => {
    const argv = ['wait', running(1).job_arn, '--interval', '1s'];
    const { said, result } = startCommand(argv, environmentOf({ ...tables, url: proxy.url }));
    await eventually(() => expect(proxy.counts()['GetItem jobs']).toBeGreaterThan(1), 30_000);
    await put(running(1));
    await eventually(() => expect(said().stderr).toContain('support-triage-1: InProgress (training)\n'), 30_000);
    await put(ended(1, { status: 'Completed', output_model_arn: 'arn:model' }));
    const { code, stdout, stderr } = await result;
    expect([code, stdout]).toEqual([0, 'support-triage-1 Completed after 3 h. Its model is arn:model.\n']);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^\S+Z support-triage-1: InProgress \(training\)$/),
      expect.stringMatching(/^\S+Z support-triage-1: Completed$/),
    ]);
  });

  it.each([
    ['complete', 0, /Completed after/, /^/],
    ['stop', 2, /^$/, /stop is not a status\. Did you mean Stopped or Stopping\?/],
  ])('understands --until %s of a completed job, or refuses it', async (until, code, stdout, stderr) => {
    await put(ended(7, { status: 'Completed' }));
    const answer = await start('support-triage-7', '--until', until).result;
    expect(answer.code).toBe(code);
    expect(answer.stdout).toMatch(stdout);
    expect(answer.stderr).toMatch(stderr);
  });

  it('fails at the timeout', async () => {
    await put(running(4));
    const { result } = start('support-triage-4', '--timeout', '1s');
    const { code, stdout, stderr } = await result;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /did not reach the requested state within 1 s: its status is InProgress\./,
    );
  });

  it('ends at Ctrl-C, and says that the job goes on', async () => {
    await put(running(6));
    const { child, said, result } = start(running(6).job_arn);
    await eventually(() => expect(said().stderr).toContain('InProgress'), 30_000);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await result;
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('Stopped waiting. The job goes on.');
  });
});
