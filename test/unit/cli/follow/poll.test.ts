import { describe, expect, it } from '@jest/globals';
import { createPoller, type WatchRequest } from '../../../../lib/cli/follow/poll.ts';
import type { JobsClient, JobSummary, ListJobsRequest } from '../../../../lib/client/requests.ts';
import type { JobRecord, Transition } from '../../../../lib/domain/record.ts';
import { syntheticRecord } from '../../../support/export/synthetic-records.ts';
import { MINUTE } from '../../../../lib/domain/time.ts';

const NOON = Date.parse('2026-08-10T12:00:00.000Z');
const at = (minutes: number): string => new Date(NOON + minutes * MINUTE).toISOString();

const transition = (from: string | null, to: string, minutes: number, task?: Transition['task']): Transition => ({
  ...(task !== undefined && { task }),
  from,
  to,
  at: at(minutes),
  observed_at: at(minutes),
  via: 'event',
});

/** A job that went through these statuses, one a minute. */
const job = (number: number, statuses: readonly string[], change: Partial<JobRecord> = {}): JobRecord => {
  const { end_time: _, ...record } = syntheticRecord(number);
  const transitions = statuses.map((to, index) => transition(statuses[index - 1] ?? null, to, index));
  return {
    ...record,
    job_arn: `arn:${number}`,
    job_name: `job-${number}`,
    status: statuses.at(-1) ?? 'InProgress',
    status_details: {},
    creation_time: at(number),
    last_modified_time: at(statuses.length),
    transitions,
    ...change,
  };
};

/** A table whose index may lag: `listed` has its entries that differ from the record. */
const tableOf = (...records: JobRecord[]) => {
  const table = { records: new Map<string, JobRecord>(), listed: new Map<string, JobRecord>(), reads: 0, failing: '' };
  const put = (...changed: JobRecord[]) => changed.forEach((record) => table.records.set(record.job_arn, record));
  put(...records);
  const requests: ListJobsRequest[] = [];
  async function* iterateJobs(request: ListJobsRequest = {}): AsyncGenerator<JobSummary, never> {
    requests.push(request);
    for (const { job_arn: jobArn } of table.records.values()) {
      const entry = table.listed.get(jobArn) ?? table.records.get(jobArn);
      if (entry === undefined) continue;
      const isActive = ['InProgress', 'Stopping'].includes(entry.status ?? '') && entry.missing_since === undefined;
      const isWanted =
        request.active === true
          ? isActive
          : request.status?.includes(entry.status ?? '') === true &&
            Date.parse(entry.last_modified_time ?? '') >= Number(request.modifiedAfter);
      const { transitions: _, ...summary } = entry;
      if (isWanted) yield await Promise.resolve(summary);
    }
    return undefined as never;
  }
  const getJob = (jobArn: string) => {
    table.reads += 1;
    if (jobArn === table.failing) return Promise.reject(new Error('throttled'));
    return Promise.resolve({ job: table.records.get(jobArn), readUnits: 1, requests: 1 });
  };
  return { table, put, requests, jobs: { iterateJobs, getJob } as unknown as JobsClient };
};

const REQUEST: WatchRequest = { filter: {}, named: [], window: 15 * MINUTE };
const watching = (jobs: JobsClient, change: Partial<WatchRequest> = {}) => {
  const time = { now: NOON + 10 * MINUTE };
  const poll = createPoller(jobs, { ...REQUEST, ...change }, () => new Date(time.now));
  const names = async () => (await poll()).jobs.map((each) => each.job_name);
  const reported = async () =>
    (await poll()).events.map(({ job_name: name, task, from, to }) => [name, task, from, to].filter(Boolean).join(' '));
  return { time, poll, names, reported };
};

describe('polling jobs', () => {
  it('lists active jobs first, newest first, then those that ended lately, and reports no old transition', async () => {
    const { jobs, requests } = tableOf(
      job(1, ['InProgress']),
      job(2, ['InProgress', 'Failed']),
      job(3, ['InProgress', 'Stopping']),
      job(4, ['InProgress', 'Completed'], { last_modified_time: at(-30) }),
    );
    const { jobs: listed, events } = await watching(jobs, { filter: { nameContains: 'job' } }).poll();
    expect(listed.map((each) => each.job_name)).toEqual(['job-3', 'job-1', 'job-2']);
    expect(events).toEqual([]);
    expect(requests).toEqual([
      { nameContains: 'job', active: true },
      {
        nameContains: 'job',
        status: ['Completed', 'Failed', 'Stopped'],
        modifiedAfter: new Date(NOON - 5 * MINUTE),
        sortBy: 'last_modified_time',
      },
    ]);
  });

  it('reports each transition once and in order, also those between two polls and those of sub-tasks', async () => {
    const { jobs, put, table } = tableOf(job(1, ['InProgress']), job(2, ['InProgress']));
    const { poll, reported } = watching(jobs);
    await poll();
    put(
      job(1, ['InProgress', 'Stopping', 'Stopped']),
      job(2, ['InProgress'], {
        status_details: { training_details: { status: 'InProgress' } },
        transitions: [transition(null, 'InProgress', 0), transition(null, 'InProgress', 1.5, 'training')],
      }),
    );
    const { events } = await poll();
    expect(events).toEqual([
      { job_arn: 'arn:1', job_name: 'job-1', from: 'InProgress', to: 'Stopping', at: at(1) },
      { job_arn: 'arn:2', job_name: 'job-2', task: 'training', from: null, to: 'InProgress', at: at(1.5) },
      { job_arn: 'arn:1', job_name: 'job-1', from: 'Stopping', to: 'Stopped', at: at(2) },
    ]);
    const { reads } = table;
    expect(await reported()).toEqual([]);
    // Nothing changed, so no record was read.
    expect(table.reads).toBe(reads);
  });

  it('reports a job that is gone, and that it is found again, with the reason', async () => {
    const { jobs, put } = tableOf(job(1, ['InProgress']), job(2, ['InProgress']));
    const { poll } = watching(jobs);
    await poll();
    put(job(1, ['InProgress'], { missing_since: at(3) }), job(2, ['InProgress'], { untracked_since: at(4) }));
    const kept = { from: 'InProgress', to: 'InProgress' };
    expect((await poll()).events).toEqual([
      { job_arn: 'arn:1', job_name: 'job-1', ...kept, at: at(3), reason: 'gone' },
      { job_arn: 'arn:2', job_name: 'job-2', ...kept, at: at(4), reason: 'not tracked' },
    ]);
    put(job(1, ['InProgress', 'Stopped']), job(2, ['InProgress']));
    expect((await poll()).events.map(({ job_name, reason, from, to }) => [job_name, reason, from, to])).toEqual([
      ['job-1', undefined, 'InProgress', 'Stopped'],
      ['job-2', 'tracked again', 'InProgress', 'InProgress'],
      ['job-1', 'found again', 'Stopped', 'Stopped'],
    ]);
  });

  it('reports everything of a job that began after the first poll, also where it ended before the next one', async () => {
    const { jobs, put } = tableOf();
    const { poll, reported } = watching(jobs);
    await poll();
    put(job(1, ['InProgress']), job(2, ['InProgress', 'Failed']));
    expect(await reported()).toEqual(['job-1 InProgress', 'job-2 InProgress', 'job-2 InProgress Failed']);
  });

  it.each<[string, JobRecord]>([
    ['with a status that AWS added', job(1, ['InProgress', 'Expired'], { end_time: at(1) })],
    ['long ago, which the tracker noticed late', job(1, ['InProgress', 'Failed'], { last_modified_time: at(-60) })],
  ])('reports the end of a job that no list has any more: %s', async (_, ended) => {
    const { jobs, put, table } = tableOf(job(1, ['InProgress']));
    const { poll, reported, names, time } = watching(jobs);
    await poll();
    put(ended);
    expect(await reported()).toEqual([`job-1 InProgress ${ended.status ?? ''}`]);
    const { reads } = table;
    expect(await names()).toEqual(['job-1']);
    expect(table.reads).toBe(reads);
    time.now += 16 * MINUTE;
    expect(await names()).toEqual([]);
  });

  it('lists a job that is gone among those that ended', async () => {
    const { jobs, put } = tableOf(job(1, ['InProgress']), job(2, ['InProgress']));
    const { poll, names } = watching(jobs);
    await poll();
    put(job(2, ['InProgress'], { missing_since: at(3) }));
    expect(await names()).toEqual(['job-1', 'job-2']);
  });

  it('does not go back when an index lags behind the record', async () => {
    const before = job(1, ['InProgress']);
    const { jobs, put, table } = tableOf(before);
    const { poll, reported } = watching(jobs);
    await poll();
    put(job(1, ['InProgress', 'Failed']));
    table.listed.set('arn:1', { ...before, last_modified_time: at(1.5) });
    const { jobs: listed, events } = await poll();
    expect([listed.map((each) => each.status), events.map(({ to }) => to)]).toEqual([['Failed'], ['Failed']]);
    const { reads } = table;
    expect((await poll()).jobs.map((each) => each.status)).toEqual(['Failed']);
    // The same entry as before is not a change.
    expect(table.reads).toBe(reads);
    table.listed.clear();
    expect(await reported()).toEqual([]);
  });

  it('reports after a poll that failed half-way what that one saw', async () => {
    const { jobs, put, table } = tableOf(job(1, ['InProgress']), job(2, ['InProgress']));
    const { poll, reported } = watching(jobs);
    await poll();
    put(job(1, ['InProgress', 'Failed']), job(2, ['InProgress', 'Stopped']));
    table.failing = 'arn:2';
    await expect(poll()).rejects.toThrow('throttled');
    table.failing = '';
    expect(await reported()).toEqual(['job-1 InProgress Failed', 'job-2 InProgress Stopped']);
  });

  it('reads only the named jobs, whatever their status', async () => {
    const { jobs, put, requests } = tableOf(
      job(1, ['InProgress']),
      job(2, ['InProgress', 'Failed']),
      job(3, ['Failed']),
    );
    const { poll, reported, names } = watching(jobs, { named: ['arn:1', 'arn:2'] });
    expect((await poll()).events).toEqual([]);
    put(job(1, ['InProgress', 'Completed'], { last_modified_time: at(9) }));
    expect(await reported()).toEqual(['job-1 InProgress Completed']);
    expect(await names()).toEqual(['job-1', 'job-2']);
    expect(requests).toEqual([]);
  });
});
