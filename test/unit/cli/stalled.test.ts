import { describe, expect, it } from '@jest/globals';
import type { Connection } from '../../../lib/cli/context.ts';
import { formatView } from '../../../lib/cli/follow/watch.ts';
import { runCommandLine } from '../../../lib/cli/program.ts';
import type { JobsClient, ListJobsRequest } from '../../../lib/client/requests.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { testContext } from '../../support/command-context.ts';
import { syntheticRecord } from '../../support/export/synthetic-records.ts';

const NOW = '2026-08-10T12:00:00.000Z';
const job = (number: number, validationEnd: string, training = 'NotStarted'): JobRecord => {
  const { end_time: _, ...record } = syntheticRecord(number);
  return {
    ...record,
    job_name: `triage-${number}`,
    status: 'InProgress',
    status_details: {
      validation_details: { status: 'Completed', last_modified_time: validationEnd },
      training_details: { status: training },
    },
  };
};
const STALLED = [job(0, '2026-08-10T07:00:00.000Z'), job(3, '2026-08-09T12:00:00.000Z')];
const MOVING = [job(1, '2026-08-10T11:59:00.000Z'), job(2, '2026-08-10T07:00:00.000Z', 'InProgress')];

/** A table with these jobs, two a page. */
const run = async (line: string) => {
  const requests: ListJobsRequest[] = [];
  const all = [STALLED[0], ...MOVING, STALLED[1]] as JobRecord[];
  const jobs: Partial<JobsClient> = {
    listJobs: (request = {}) => {
      requests.push(request);
      const from = Number(request.cursor ?? 0);
      const page = { jobs: all.slice(from, from + 2), index: 'active', readUnits: 1, requests: 1 };
      return Promise.resolve(from + 2 < all.length ? { ...page, cursor: String(from + 2) } : page);
    },
    getJob: (name) =>
      Promise.resolve({ job: all.find(({ job_name }) => job_name === name), readUnits: 1, requests: 1 }),
  };
  const connection = { jobs, scopes: [], tableName: 'jobs', region: 'us-east-1' } as Partial<Connection>;
  const { context, printed, told } = testContext({ connection, now: NOW });
  const code = await runCommandLine(line.split(' '), context, {
    loadHandlers: () => Promise.reject(new Error('unused')),
  });
  return { code, printed, told, requests };
};

describe('bedrock-jobs list --stalled', () => {
  it('lists the stalled ones of all active jobs', async () => {
    const { code, printed, told, requests } = await run('list --stalled');
    expect(printed.slice(1).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['triage-0', 'InProgress (stalled)'],
      ['triage-3', 'InProgress (stalled)'],
    ]);
    expect([code, told]).toEqual([0, []]);
    expect(requests.map(({ active, cursor }) => [active, cursor])).toEqual([
      [true, undefined],
      [true, '2'],
    ]);
  });

  it('takes --limit and --json', async () => {
    const { printed, told } = await run('list --stalled --limit 1 --json');
    expect(told).toEqual(['Listed 1 of 2 jobs: raise --limit, or add --all.']);
    expect(JSON.parse(printed.join('\n'))).toMatchObject({ jobs: [{ job_name: 'triage-0' }], read_units: 2 });
  });

  it.each(['--ended', '--status Failed', '--sort validation_loss', '--cursor abc'])(
    'cannot be used with %s',
    async (flag) => {
      const { code, told } = await run(`list --stalled ${flag}`);
      expect(code).toBe(2);
      expect(told.join('\n')).toMatch(/cannot be used with/);
    },
  );
});

it('list marks stalled jobs among others', async () => {
  const { printed } = await run('list');
  expect(printed.filter((line) => line.includes('(stalled)'))).toHaveLength(1);
});

it('show says for how long nothing happens', async () => {
  const text = (await run('show triage-0')).printed.join('\n');
  expect(text).toContain('stalled   Training has not started 5 h after the phase before it ended.');
  expect((await run('show triage-2')).printed.join('\n')).not.toContain('stalled');
});

it('the live view of watch marks stalled jobs', () => {
  const view = { jobs: STALLED, polledAt: new Date(NOW), window: 900_000 };
  const lines = formatView(view, { columns: 100, rows: 24, colour: false }, new Date(NOW));
  expect(lines.filter((line) => line.includes('InProgress (stalled)'))).toHaveLength(2);
});
