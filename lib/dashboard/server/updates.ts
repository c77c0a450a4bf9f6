import { canonicalJson } from '../../domain/text.ts';
import type { JobRecord } from '../../domain/record.ts';
import { HOUR, MINUTE } from '../../domain/time.ts';
import type { Health, JobsChanged, UpdatesProblem } from '../api.ts';
import { sentenceOf } from './answers.ts';
import type { DashboardDependencies } from './dependencies.ts';

/** What a listener receives. */
export interface Update {
  readonly jobs?: JobsChanged;
  readonly health?: Health;
  readonly problem?: UpdatesProblem;
}

export interface Subscription {
  /** Resolves at a time after which no change is missed; at once if others already listen. */
  readonly ready: Promise<void>;
  readonly end: () => void;
}

export type ExpectedJob = Pick<JobRecord, 'job_arn'> & Partial<Pick<JobRecord, 'revision'>>;

/** Changes of the table, for all listeners. */
export interface Updates {
  readonly subscribe: (listener: (update: Update) => void) => Subscription;
  /**
   * Watches this job too, for some minutes: a person changed it in Bedrock, and it may be too old for the poll; or it is
   * new, and has no revision yet.
   */
  readonly expect: (job: ExpectedJob) => void;
  readonly listeners: () => number;
}

type Deps = Pick<DashboardDependencies, 'jobs' | 'clock' | 'updateInterval'>;

const MAX_ACTIVE = 500;
const MAX_CHANGED = 200;
const MAX_READ_UNITS = 100;
/** Records lag: Bedrock dates a change before the tracker sees it, by an event's retries or the next sweep. */
const LOOKBACK_MS = 2 * HOUR;
const EXPECT_MS = 10 * MINUTE;
const MAX_EXPECTED = 20;

/** What one poll read: jobs by ARN as text to compare, and the ARNs of the active ones. */
interface PolledJobs {
  readonly byArn: ReadonlyMap<string, string>;
  readonly active: ReadonlySet<string>;
}

/** Reads the jobs that may have changed lately: the active ones, and those that Bedrock changed last. */
const pollJobs = async ({ jobs, clock }: Deps): Promise<PolledJobs> => {
  const [active, changed] = await Promise.all([
    jobs.listJobs({ active: true, limit: MAX_ACTIVE, maxReadUnits: MAX_READ_UNITS }),
    jobs.listJobs({
      sortBy: 'last_modified_time',
      modifiedAfter: new Date(clock().getTime() - LOOKBACK_MS),
      limit: MAX_CHANGED,
      maxReadUnits: MAX_READ_UNITS,
    }),
  ]);
  return {
    byArn: new Map([...active.jobs, ...changed.jobs].map((job) => [job.job_arn, canonicalJson(job)])),
    active: new Set(active.jobs.map(({ job_arn }) => job_arn)),
  };
};

/** A formerly active job that the poll no longer reads has changed too; a finished one has only grown old. */
const changesBetween = (before: PolledJobs, after: PolledJobs): readonly string[] => [
  ...[...after.byArn].filter(([arn, job]) => before.byArn.get(arn) !== job).map(([arn]) => arn),
  ...[...before.active].filter((arn) => !after.byArn.has(arn)),
];

/** The records that a person changed in Bedrock, until they show the change. */
const expectedChanges = ({ jobs, clock }: Deps) => {
  const expected = new Map<string, { readonly revision: number | undefined; readonly until: number }>();
  const hasChanged = async (arn: string, revision: number | undefined, until: number): Promise<boolean> => {
    const { job } = await jobs.getJob(arn, { consistent: false });
    const isChanged = job !== undefined && job.revision !== revision;
    if (isChanged || clock().getTime() > until) expected.delete(arn);
    return isChanged;
  };
  return {
    add: ({ job_arn, revision }: ExpectedJob) => {
      if (expected.size < MAX_EXPECTED) expected.set(job_arn, { revision, until: clock().getTime() + EXPECT_MS });
    },
    poll: async (): Promise<readonly string[]> => {
      const reads = [...expected].map(async ([arn, { revision, until }]) =>
        (await hasChanged(arn, revision, until)) ? [arn] : [],
      );
      return (await Promise.all(reads)).flat();
    },
  };
};

/** The last poll, and what is new since. The first has nothing to compare with. */
const comparison = () => {
  let last: { readonly jobs: PolledJobs; readonly health: string } | undefined;
  let problem: string | undefined;
  return {
    forget: () => (last = problem = undefined),
    hasPolled: () => last !== undefined,
    problem: () => problem,
    fail: (sentence: string): Update => {
      const isNew = sentence !== problem;
      problem = sentence;
      return isNew ? { problem: { error: sentence } } : {};
    },
    advance: (jobs: PolledJobs, expected: readonly string[], health: Health): Update => {
      const before = last;
      const wasProblem = problem !== undefined;
      last = { jobs, health: canonicalJson(health) };
      problem = undefined;
      const changed = before === undefined ? [] : [...new Set([...changesBetween(before.jobs, jobs), ...expected])];
      return {
        ...(wasProblem && { problem: {} }),
        ...(changed.length > 0 && { jobs: { changed } }),
        ...(before !== undefined && before.health !== last.health && { health }),
      };
    },
  };
};

/** Polls the table for all listeners together, one poll at a time, and only while there are listeners. */
export const followUpdates = (deps: Deps, health: () => Promise<Health>): Updates => {
  const listeners = new Set<(update: Update) => void>();
  const expected = expectedChanges(deps);
  const state = comparison();
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const poll = async (): Promise<Update> => {
    try {
      return state.advance(...(await Promise.all([pollJobs(deps), expected.poll(), health()])));
    } catch (error) {
      // The listeners get the sentence, and the next poll tries again.
      return state.fail(sentenceOf(error));
    }
  };
  const run = async (): Promise<void> => {
    const update = await poll();
    running = undefined;
    for (const listener of listeners) listener(update);
    if (listeners.size === 0) state.forget();
    else timer = setTimeout(() => void begin(), deps.updateInterval);
  };
  const begin = () => (running = run());
  const end = (listener: (update: Update) => void) => {
    if (!listeners.delete(listener) || listeners.size > 0 || running !== undefined) return;
    clearTimeout(timer);
    state.forget();
  };

  return {
    subscribe: (listener) => {
      const isFirst = listeners.size === 0 && running === undefined;
      listeners.add(listener);
      if (isFirst) void begin();
      const problem = state.problem();
      if (problem !== undefined) listener({ problem: { error: problem } });
      return {
        ready: state.hasPolled() ? Promise.resolve() : (running ?? Promise.resolve()),
        end: () => end(listener),
      };
    },
    expect: expected.add,
    listeners: () => listeners.size,
  };
};
