import { parseJobArn } from '../../../lib/domain/identity.ts';
import { readFixture } from '../fixtures.ts';
import type { Document } from './truth.ts';
import { eventually } from './suite.ts';
import type { InvocationError } from './functions.ts';
import { arnOf } from './jobs.ts';
import {
  type Call,
  isError,
  type Recorded,
  type ReplayServer,
  type Scenario,
  startReplayServer,
} from './recordings.ts';
import { startTracker, type Tracker } from './tracker.ts';
import { expect } from '@jest/globals';

/** What the tracker did at one step, and which calls it made for it. */
interface Step {
  readonly what: 'event' | 'sweep';
  readonly calls: readonly Call[];
  /** An event: whether its message was dead-lettered. A sweep: whether it failed. */
  readonly failed: boolean;
  readonly failure?: InvocationError;
  /** The codes of the errors that were logged. */
  readonly errorCodes: () => readonly unknown[];
}

export interface Replay {
  readonly tracker: Tracker;
  readonly server: ReplayServer;
  readonly steps: readonly Step[];
  readonly close: () => Promise<void>;
}

interface NamedJob {
  readonly jobArn?: string;
  readonly jobName?: string;
}

/** Tags are to be compared however old a recording is. */
const ALL_DAYS = 36_500;
const ALL = 'ListModelCustomizationJobs';
const GET = 'GetModelCustomizationJob';
const TAGS = 'ListTagsForResource';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const named = ({ jobArn, jobName }: Document): NamedJob => ({
  ...(text(jobArn) === undefined ? {} : { jobArn: text(jobArn) ?? '' }),
  ...(text(jobName) === undefined ? {} : { jobName: text(jobName) ?? '' }),
});

const summariesOf = ({ data }: Recorded): readonly Document[] =>
  (data['modelCustomizationJobSummaries'] ?? []) as readonly Document[];

/** The jobs that a scenario names, in the order of its answers; one made up where it has nothing but errors. */
const jobsOf = ({ operations }: Scenario): NamedJob[] => {
  const fromGet = (operations.get(GET) ?? []).filter((answer) => !isError(answer)).map(({ data }) => named(data));
  const fromList = (operations.get(ALL) ?? []).flatMap((answer) => summariesOf(answer).map(named));
  const all = [...fromGet, ...fromList].filter(({ jobArn, jobName }) => jobArn !== undefined || jobName !== undefined);
  const unique = [...new Map(all.map((job) => [job.jobArn ?? job.jobName, job])).values()];
  return unique.length > 0 ? unique : [{ jobArn: arnOf('recorded'), jobName: 'recorded' }];
};

const scopeOf = ({ jobArn = '' }: NamedJob) =>
  parseJobArn(jobArn) ?? { accountId: '123456789012', region: 'us-east-1' };

const eventAbout = (fixture: string, job: NamedJob, detail: Document): Document => {
  const event = readFixture(`events/${fixture}.json`) as { readonly detail: Document };
  const { accountId, region } = scopeOf(job);
  return { ...event, account: accountId, region, detail: { ...event.detail, ...detail } };
};

const stateChange = (job: NamedJob): Document =>
  eventAbout('state-change-in-progress', job, { jobArn: job.jobArn, jobName: job.jobName });
const tagged = (job: NamedJob): Document =>
  eventAbout('cloudtrail-tag', job, { requestParameters: { resourceARN: job.jobArn } });

/** Takes one step after the other, so that it is known which calls each made. */
const stepper = (tracker: Tracker, server: ReplayServer) => {
  const steps: Step[] = [];
  const observe = async (what: Step['what'], act: () => Promise<Pick<Step, 'failed' | 'failure'>>): Promise<void> => {
    const since = { calls: server.calls.length, lines: tracker.log.length };
    const outcome = await act();
    const calls = server.calls.slice(since.calls);
    const until = Date.now();
    // Looks at a job are told apart by their milliseconds.
    await eventually(() => {
      if (Date.now() === until) throw new Error('the clock stands');
    });
    const errorCodes = () => tracker.log.slice(since.lines).flatMap((line) => line['error_code'] ?? []);
    steps.push({ what, calls, ...outcome, errorCodes });
  };
  return {
    steps,
    send: (event: Document) =>
      observe('event', async () => {
        const { dead } = tracker.queue.depths();
        tracker.send(event);
        await tracker.drained();
        return { failed: tracker.queue.depths().dead > dead };
      }),
    sweep: () =>
      observe('sweep', () =>
        tracker.sweep('full').then(
          () => ({ failed: false }),
          (failure: unknown) => ({ failed: true, failure: failure as InvocationError }),
        ),
      ),
  };
};

/**
 * Runs the tracker through a scenario: an event for each recorded look at a job, full sweeps where a list was recorded,
 * an event for each recorded change of tags, and more of these until every recorded answer was given.
 */
export const replay = async (scenario: Scenario): Promise<Replay> => {
  const recorded = (operation: string): number => scenario.operations.get(operation)?.length ?? 0;
  const jobs = jobsOf(scenario);
  const scopes = [...new Set(jobs.map(scopeOf).map(({ accountId, region }) => `${accountId}#${region}`))];
  const server = await startReplayServer(scenario);
  const tracker = await startTracker(server.url, { scopes, maxReceiveCount: 1, tagRefreshDays: ALL_DAYS });
  const { steps, send, sweep } = stepper(tracker, server);

  for (let tries = recorded(GET); tries > 0 && !server.consumed(GET); tries -= 1) {
    for (const job of jobs) await send(stateChange(job));
  }
  for (let tries = recorded(ALL); tries > 0 && !server.consumed(ALL); tries -= 1) await sweep();
  const taggable = jobs.filter(({ jobArn }) => jobArn !== undefined && parseJobArn(jobArn));
  for (let change = recorded('TagResource') + recorded('UntagResource'); change > 0; change -= 1) {
    for (const job of taggable) await send(tagged(job));
  }
  for (let tries = recorded(TAGS); tries > 0 && !server.consumed(TAGS); tries -= 1) {
    for (const job of taggable) await send(tagged(job));
  }
  return {
    tracker,
    server,
    steps,
    close: async () => {
      await tracker.close();
      await server.close();
    },
  };
};

/** What Bedrock showed of a job at a look: the last answer of Get and of ListTags. */
export interface Seen {
  readonly job: Document;
  readonly tags: Readonly<Record<string, string>>;
}

/** The answer that a call ended with, after the SDK's retries. */
const finalOf = (call: Call | undefined): Recorded | undefined => call?.answers.at(-1);
const succeeded = (call: Call | undefined): boolean => {
  const final = finalOf(call);
  return final !== undefined && !isError(final);
};

const TRACKER_CODES: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'JOB_NOT_FOUND',
  AccessDeniedException: 'ACCESS_DENIED',
  ValidationException: 'INVALID_JOB',
};
/** An answer without an ARN to a question by name leaves nothing to call a record by. */
const isAnonymous = (call: Call): boolean =>
  call.operation === 'GetModelCustomizationJob' &&
  succeeded(call) &&
  finalOf(call)?.data['jobArn'] === undefined &&
  !call.job.startsWith('arn:');

const codeOf = (call: Call): string => {
  if (isAnonymous(call)) return 'INVALID_JOB';
  const code = finalOf(call)?.error?.code ?? 'UnknownError';
  return TRACKER_CODES[code] ?? code;
};

const tagsOf = (answer: Recorded | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ((answer?.data['tags'] ?? []) as readonly { key?: string; value?: string }[]).map(({ key, value }) => [
      key ?? '',
      value ?? '',
    ]),
  );

const isEnded = ({ status, endTime }: Document): boolean =>
  ['Completed', 'Failed', 'Stopped'].includes(String(status)) ||
  (!['InProgress', 'Stopping'].includes(String(status)) && endTime !== undefined);

/** The later look wins, except over a job that ended or was modified later than what the look shows. */
const isNewer = (seen: Document, held: Document): boolean => {
  if (isEnded(seen) !== isEnded(held)) return isEnded(seen);
  const [later, earlier] = [seen, held].map(({ lastModifiedTime }) =>
    typeof lastModifiedTime === 'string' ? lastModifiedTime.slice(0, 23) : '',
  );
  return (later ?? '') >= (earlier ?? '');
};

/** The looks of a step: each job's Get, and the tags that were listed with it. */
const looksOf = ({ calls }: Step): [jobArn: string, seen: Seen][] =>
  calls
    .filter((call) => call.operation === 'GetModelCustomizationJob' && succeeded(call))
    .flatMap((call): [string, Seen][] => {
      const job = finalOf(call)?.data ?? {};
      const jobArn = typeof job['jobArn'] === 'string' ? job['jobArn'] : call.job;
      const listed = calls.filter(
        ({ operation, job: asked }) => operation === 'ListTagsForResource' && asked === jobArn,
      );
      const last = listed.at(-1);
      return succeeded(last) ? [[jobArn, { job, tags: tagsOf(finalOf(last)) }]] : [];
    });

/** What the records must hold after these steps, by job ARN. */
export const expectedRecords = (steps: readonly Step[]): Map<string, Seen> => {
  const records = new Map<string, Seen>();
  for (const [jobArn, seen] of steps.flatMap(looksOf)) {
    const held = records.get(jobArn);
    if (held === undefined || isNewer(seen.job, held.job)) records.set(jobArn, seen);
  }
  return records;
};

/** The calls that a step must fail for. A job that no list has and Bedrock does not know is no failure but missing. */
const failingCalls = ({ what, calls }: Step): Call[] => {
  const failing = calls.filter((call) => !succeeded(call) || isAnonymous(call));
  if (what === 'event') return failing;
  const listed = new Set(calls.flatMap(({ answers }) => answers.flatMap(summariesOf)).map(({ jobArn }) => jobArn));
  return failing.filter((call) => call.job === '' || listed.has(call.job) || codeOf(call) !== 'JOB_NOT_FOUND');
};

/** A step fails when Bedrock refused what it needed, by the code of that refusal, and for nothing else. */
export const expectOutcome = (step: Step): void => {
  const failing = failingCalls(step);
  const codes = failing.map(codeOf);
  const asked = step.calls.some(({ operation }) => operation !== 'ListTagsForResource');
  expect({ step: step.what, codes, failed: step.failed }).toMatchObject({ failed: failing.length > 0 || !asked });
  if (!step.failed) return;
  if (step.failure) expect(step.failure.code).toBe('SWEEP_INCOMPLETE');
  // A message that names no job that could be asked for is refused before any call.
  expect(asked ? codes : ['MESSAGE_NOT_UNDERSTOOD']).toContain(step.errorCodes()[0]);
};
