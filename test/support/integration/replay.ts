import { parseJobArn } from '../../../lib/domain/identity.ts';
import { readFixture } from '../fixtures.ts';
import type { Document } from './catalog.ts';
import { eventually } from './eventually.ts';
import type { InvocationError } from './functions.ts';
import { arnOf } from './jobs.ts';
import { isError, type Recorded, type Scenario } from './recordings.ts';
import { startReplayServer, type Call, type ReplayServer } from './replay-server.ts';
import { startTracker, type Tracker } from './tracker.ts';

/** What the tracker did at one step, and which calls it made for it. */
export interface Step {
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

export const summariesOf = ({ data }: Recorded): readonly Document[] =>
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
