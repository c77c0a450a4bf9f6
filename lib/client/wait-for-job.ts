import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { TrackerError } from '../domain/errors.ts';
import { isTerminal, type JobRecord } from '../domain/record.ts';
import { oneLine } from '../domain/text.ts';
import { MINUTE } from '../domain/time.ts';
import type { Table } from './environment.ts';
import { createFinder, findArn } from './find-job.ts';
import { wrongRequest } from './list/validate.ts';
import { createReadUnits } from './read-units.ts';
import type { WaitAnswer, WaitForJobOptions } from './requests.ts';

/** A clock and a timer, to be replaced in tests. */
export interface Time {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after these milliseconds, or rejects when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export const timeOf = (now: () => number): Time => ({
  now,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
});

/** 24 days: a longer timer of Node.js ends at once. */
const LONGEST = 2_147_483_647;
/** Polls in a row that may be throttled, each after the SDK's own retries. */
const MAX_THROTTLED_POLLS = 3;
const THROTTLES = new Set(['ProvisionedThroughputExceededException', 'RequestLimitExceeded', 'ThrottlingException']);

const milliseconds = (least: number) =>
  v.optional(
    v.custom<number>(
      (value) => typeof value === 'number' && value >= least && value <= LONGEST,
      `must be milliseconds from ${least} to ${LONGEST}`,
    ),
  );
const isStatus = (value: unknown): boolean => typeof value === 'string' && value !== '';
const schema = v.object({
  until: v.optional(
    v.custom(
      (value) =>
        typeof value === 'function' ||
        isStatus(value) ||
        (Array.isArray(value) && value.length > 0 && value.every(isStatus)),
      "must be 'ended', a status, a list of them, or a function",
    ),
  ),
  timeout: milliseconds(0),
  interval: milliseconds(1),
  appearsWithin: milliseconds(0),
});

const check = (options: WaitForJobOptions): void => {
  const { issues } = v.safeParse(schema, options);
  if (issues === undefined) return;
  throw wrongRequest(issues.map((issue) => `${v.getDotPath(issue) ?? 'it'} ${issue.message}`));
};

/** The job is final, or the tracker no longer sees it. */
const hasEnded = (job: JobRecord): boolean =>
  isTerminal(job) || job.missing_since !== undefined || job.untracked_since !== undefined;

/** The end of the job also ends a wait for a status, which cannot come any more. */
const isDone = (job: JobRecord, until: WaitForJobOptions['until'] = 'ended'): boolean => {
  if (typeof until === 'function') return until(job);
  const statuses = typeof until === 'string' ? [until] : until;
  return hasEnded(job) || (job.status !== undefined && statuses.includes(job.status));
};

const isThrottle = (error: unknown): boolean => error instanceof Error && THROTTLES.has(error.name);

const seconds = (ms: number): string => `${ms / 1000} s`;

const notFound = (text: string, tableName: string, appearsWithin: number): TrackerError =>
  new TrackerError(
    'JOB_NOT_FOUND',
    `No record of ${oneLine(text, 200)} appeared in the table ${tableName} within ${seconds(appearsWithin)}. Check the name, the table, and whether the account and Region are tracked.`,
  );

const timedOut = (text: string, timeout: number, job: JobRecord | undefined): TrackerError =>
  new TrackerError(
    'WAIT_TIMED_OUT',
    `${oneLine(text, 200)} did not reach the requested state within ${seconds(timeout)}: ${job === undefined ? 'it has no record' : `its status is ${job.status ?? 'unknown'}`}. Wait longer, or check the job.`,
  );

/** Rejects with the signal's reason, at once: the SDK ignores a signal while it waits for a retry. */
const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** Polls a job until it is as requested. Rejects as the client's `waitForJob` does. */
export const waitForJob = async (
  client: DynamoDBDocumentClient,
  table: Table,
  text: string,
  options: WaitForJobOptions,
  time: Time,
): Promise<WaitAnswer> => {
  check(options);
  options.signal?.throwIfAborted();
  const { interval = 10_000, appearsWithin = MINUTE, timeout, until, onChange } = options;
  const appearsBy = time.now() + appearsWithin;
  const expiry = new AbortController();
  const over = new AbortController();
  const signal = AbortSignal.any([expiry.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const spent = createReadUnits();
  const finder = createFinder<JobRecord>(client, table, spent, signal);
  let arn: string | undefined;
  let last: JobRecord | undefined;

  /** Reads the job once; true when the wait is over. */
  const poll = async (): Promise<boolean> => {
    arn ??= await findArn(finder, text);
    const job = arn === undefined ? undefined : await finder.read(arn, true);
    if (job === undefined) return false;
    if (job.revision !== last?.revision) onChange?.(job);
    last = job;
    return isDone(job, until);
  };
  const pollUntilDone = async (): Promise<WaitAnswer> => {
    for (let throttled = 0; ;) {
      try {
        if ((await poll()) && last !== undefined) return { job: last, ...spent.cost() };
        throttled = 0;
      } catch (error) {
        throttled += 1;
        if (!isThrottle(error) || throttled === MAX_THROTTLED_POLLS) throw error;
      }
      const now = time.now();
      if (last === undefined && now >= appearsBy) throw notFound(text, table.tableName, appearsWithin);
      await time.wait(last === undefined ? Math.min(interval, appearsBy - now) : interval, signal);
    }
  };

  if (timeout !== undefined) {
    // The timer ends with the wait; its rejection then means nothing.
    time.wait(timeout, over.signal).then(
      () => expiry.abort(timedOut(text, timeout, last)),
      () => undefined,
    );
  }
  try {
    return await Promise.race([pollUntilDone(), rejectOnAbort(signal)]);
  } catch (error) {
    // The SDK's error of an abort has its own words; the caller gets the reason.
    signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
  }
};
