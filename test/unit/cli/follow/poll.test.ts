import { describe, expect, it } from '@jest/globals';
import { createLook, type WatchRequest } from '../../../../lib/cli/follow/poll.ts';
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

/** A job of this number that has gone through these statuses, one a minute. */
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

/** A table whose index may lag: `listed` stands for what it says of a job where that is not its record. */
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
  const look = createLook(jobs, { ...REQUEST, ...change }, () => new Date(time.now));
  const names = async () => (await look()).jobs.map((each) => each.job_name);
  const told = async () =>
    (await look()).events.map(({ job_name: name, task, from, to }) => [name, task, from, to].filter(Boolean).join(' '));
  return { time, look, names, told };
};

describe('watching jobs', () => {
  it('shows at first what moves, newest first, and what ended lately, and tells no old news', async () => {
    const { jobs, requests } = tableOf(
      job(1, ['InProgress']),
      job(2, ['InProgress', 'Failed']),
      job(3, ['InProgress', 'Stopping']),
      job(4, ['InProgress', 'Completed'], { last_modified_time: at(-30) }),
    );
    const { jobs: shown, events } = await watching(jobs, { filter: { nameContains: 'job' } }).look();
    expect(shown.map((each) => each.job_name)).toEqual(['job-3', 'job-1', 'job-2']);
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

  it('tells each transition once, those between two looks and of sub-tasks too, in their order', async () => {
    const { jobs, put, table } = tableOf(job(1, ['InProgress']), job(2, ['InProgress']));
    const { look, told } = watching(jobs);
    await look();
    put(
      job(1, ['InProgress', 'Stopping', 'Stopped']),
      job(2, ['InProgress'], {
        status_details: { training_details: { status: 'InProgress' } },
        transitions: [transition(null, 'InProgress', 0), transition(null, 'InProgress', 1.5, 'training')],
      }),
    );
    const { events } = await look();
    expect(events).toEqual([
      { job_arn: 'arn:1', job_name: 'job-1', from: 'InProgress', to: 'Stopping', at: at(1) },
      { job_arn: 'arn:2', job_name: 'job-2', task: 'training', from: null, to: 'InProgress', at: at(1.5) },
      { job_arn: 'arn:1', job_name: 'job-1', from: 'Stopping', to: 'Stopped', at: at(2) },
    ]);
    const { reads } = table;
    expect(await told()).toEqual([]);
    // Nothing changed, so no record was read.
    expect(table.reads).toBe(reads);
  });

  it('tells all of a job that came after the first look, also where it ended before the next one', async () => {
    const { jobs, put } = tableOf();
    const { look, told } = watching(jobs);
    await look();
    put(job(1, ['InProgress']), job(2, ['InProgress', 'Failed']));
    expect(await told()).toEqual(['job-1 InProgress', 'job-2 InProgress', 'job-2 InProgress Failed']);
  });

  it.each<[string, JobRecord]>([
    ['with a status that AWS added', job(1, ['InProgress', 'Expired'], { end_time: at(1) })],
    ['long ago, as the tracker learns', job(1, ['InProgress', 'Failed'], { last_modified_time: at(-60) })],
  ])('tells the end of a job that no list shows any more: %s', async (_, ended) => {
    const { jobs, put, table } = tableOf(job(1, ['InProgress']));
    const { look, told, names, time } = watching(jobs);
    await look();
    put(ended);
    expect(await told()).toEqual([`job-1 InProgress ${ended.status ?? ''}`]);
    const { reads } = table;
    expect(await names()).toEqual(['job-1']);
    expect(table.reads).toBe(reads);
    time.now += 16 * MINUTE;
    expect(await names()).toEqual([]);
  });

  it('shows a job that is gone among those that ended', async () => {
    const { jobs, put } = tableOf(job(1, ['InProgress']), job(2, ['InProgress']));
    const { look, names } = watching(jobs);
    await look();
    put(job(2, ['InProgress'], { missing_since: at(3) }));
    expect(await names()).toEqual(['job-1', 'job-2']);
  });

  it('is not led back by an index that lags behind the record', async () => {
    const before = job(1, ['InProgress']);
    const { jobs, put, table } = tableOf(before);
    const { look, told } = watching(jobs);
    await look();
    put(job(1, ['InProgress', 'Failed']));
    table.listed.set('arn:1', { ...before, last_modified_time: at(1.5) });
    const { jobs: shown, events } = await look();
    expect([shown.map((each) => each.status), events.map(({ to }) => to)]).toEqual([['Failed'], ['Failed']]);
    const { reads } = table;
    expect((await look()).jobs.map((each) => each.status)).toEqual(['Failed']);
    // The same entry as before tells nothing new.
    expect(table.reads).toBe(reads);
    table.listed.clear();
    expect(await told()).toEqual([]);
  });

  it('tells after a look that failed half-way what that one saw', async () => {
    const { jobs, put, table } = tableOf(job(1, ['InProgress']), job(2, ['InProgress']));
    const { look, told } = watching(jobs);
    await look();
    put(job(1, ['InProgress', 'Failed']), job(2, ['InProgress', 'Stopped']));
    table.failing = 'arn:2';
    await expect(look()).rejects.toThrow('throttled');
    table.failing = '';
    expect(await told()).toEqual(['job-1 InProgress Failed', 'job-2 InProgress Stopped']);
  });

  it('reads named jobs alone, whatever they are like', async () => {
    const { jobs, put, requests } = tableOf(
      job(1, ['InProgress']),
      job(2, ['InProgress', 'Failed']),
      job(3, ['Failed']),
    );
    const { look, told, names } = watching(jobs, { named: ['arn:1', 'arn:2'] });
    expect((await look()).events).toEqual([]);
    put(job(1, ['InProgress', 'Completed'], { last_modified_time: at(9) }));
    expect(await told()).toEqual(['job-1 InProgress Completed']);
    expect(await names()).toEqual(['job-1', 'job-2']);
    expect(requests).toEqual([]);
  });
});
