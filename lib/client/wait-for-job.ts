import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { TrackerError } from '../domain/errors.ts';
import { isTerminal, type JobRecord } from '../domain/record.ts';
import { oneLine } from '../domain/text.ts';
import { MINUTE } from '../domain/time.ts';
import { createFinder, findArn } from './find-job.ts';
import { wrongRequest } from './list/validate.ts';
import { createMeter } from './read-units.ts';
import type { WaitAnswer, WaitForJobOptions } from './requests.ts';

/** How time passes: another one in tests. */
export interface Time {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or rejects once the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** The time of this machine. */
export const timeOf = (now: () => number): Time => ({
  now,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
});

const DEFAULT_INTERVAL = 10_000;
const DEFAULT_APPEARS_WITHIN = MINUTE;
/** A timer of Node.js takes no more and would end at once: 24 days. */
const LONGEST = 2_147_483_647;
/** Looks that may be throttled one after another, each after the SDK's own retries. */
const THROTTLED_LOOKS = 3;
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

/** Whether nothing more is to come: the job is final, or nobody sees it any more. */
const hasEnded = (job: JobRecord): boolean =>
  isTerminal(job) || job.missing_since !== undefined || job.untracked_since !== undefined;

/** A status that was asked for may never come: the end of the job ends that wait too. */
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
    `No record of ${oneLine(text, 200)} came to the table ${tableName} within ${seconds(appearsWithin)}: check its name, the table, and whether its account and Region are tracked.`,
  );

const timedOut = (text: string, timeout: number, job: JobRecord | undefined): TrackerError =>
  new TrackerError(
    'WAIT_TIMED_OUT',
    `${oneLine(text, 200)} was not as asked for within ${seconds(timeout)}: ${job === undefined ? 'there is no record of it' : `its status is ${job.status ?? 'unknown'}`}. Wait longer, or look at the job.`,
  );

/** Rejects with the signal's reason, at once: the SDK does not hear of a signal while it waits before a retry. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** What one wait does between its beginning and its end. */
const look = async (
  client: DynamoDBDocumentClient,
  tableName: string,
  text: string,
  options: WaitForJobOptions,
  time: Time,
  signal: AbortSignal,
  seen: (job: JobRecord) => void,
): Promise<WaitAnswer> => {
  const { interval = DEFAULT_INTERVAL, appearsWithin = DEFAULT_APPEARS_WITHIN, until, onChange } = options;
  const meter = createMeter();
  const finder = createFinder(client, tableName, meter, signal);
  const appearsBy = time.now() + appearsWithin;
  let arn: string | undefined;
  let last: JobRecord | undefined;
  let throttled = 0;
  for (;;) {
    try {
      arn ??= await findArn(finder, text);
      const job = arn === undefined ? undefined : await finder.read(arn, true);
      throttled = 0;
      if (job !== undefined) {
        if (job.revision !== last?.revision) onChange?.(job);
        last = job;
        seen(job);
        if (isDone(job, until)) return { job, ...meter.cost() };
      }
    } catch (error) {
      throttled += 1;
      if (!isThrottle(error) || throttled === THROTTLED_LOOKS) throw error;
    }
    const now = time.now();
    if (last === undefined && now >= appearsBy) throw notFound(text, tableName, appearsWithin);
    await time.wait(last === undefined ? Math.min(interval, appearsBy - now) : interval, signal);
  }
};

/** Looks at a job again and again until it is as asked. Rejects as the client's `waitForJob` does. */
export const waitForJob = async (
  client: DynamoDBDocumentClient,
  tableName: string,
  text: string,
  options: WaitForJobOptions,
  time: Time,
): Promise<WaitAnswer> => {
  check(options);
  options.signal?.throwIfAborted();
  const { timeout } = options;
  let last: JobRecord | undefined;
  const expiry = new AbortController();
  const over = new AbortController();
  if (timeout !== undefined) {
    // Once the wait is over the timer ends, and its rejection tells nothing.
    time.wait(timeout, over.signal).then(
      () => expiry.abort(timedOut(text, timeout, last)),
      () => undefined,
    );
  }
  const signal = AbortSignal.any([expiry.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  try {
    const answer = look(client, tableName, text, options, time, signal, (job) => {
      last = job;
    });
    return await Promise.race([answer, aborted(signal)]);
  } catch (error) {
    // What was aborted says so in words of its own; the reason is what the caller is to hear.
    signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
  }
};
