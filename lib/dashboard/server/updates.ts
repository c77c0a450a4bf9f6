import { canonicalJson } from '../../domain/text.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { Health, JobsChanged, UpdatesProblem } from '../api.ts';
import { MINUTE } from '../../domain/time.ts';
import { sentenceOf } from './answers.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { changedBetween, lookAtTable, type Look } from './look.ts';

/** What a listener hears of. */
export interface Update {
  readonly jobs?: JobsChanged;
  readonly health?: Health;
  readonly problem?: UpdatesProblem;
}

export interface Subscription {
  /** Resolves at a moment after which no change is missed; at once where others listen already. */
  readonly ready: Promise<void>;
  readonly end: () => void;
}

/** What changes in the table, for all who listen. */
export interface Updates {
  readonly subscribe: (listener: (update: Update) => void) => Subscription;
  /** Looks at this job too, for some minutes: somebody changed it in Bedrock, and it may be too old to be seen else. */
  readonly expect: (job: JobRecord) => void;
  readonly listeners: () => number;
}

const EXPECT_MS = 10 * MINUTE;
const MAX_EXPECTED = 20;

type Deps = Pick<DashboardDependencies, 'jobs' | 'clock' | 'updateInterval'>;

/** The records that somebody changed in Bedrock, until they show it. */
const expectedChanges = ({ jobs, clock }: Deps) => {
  const expected = new Map<string, { readonly revision: number; readonly until: number }>();
  const hasChanged = async (arn: string, revision: number, until: number): Promise<boolean> => {
    const { job } = await jobs.getJob(arn, { consistent: false });
    const isChanged = job !== undefined && job.revision !== revision;
    if (isChanged || clock().getTime() > until) expected.delete(arn);
    return isChanged;
  };
  return {
    add: ({ job_arn, revision }: JobRecord) => {
      if (expected.size < MAX_EXPECTED) expected.set(job_arn, { revision, until: clock().getTime() + EXPECT_MS });
    },
    changed: async (): Promise<readonly string[]> => {
      const looks = [...expected].map(async ([arn, { revision, until }]) =>
        (await hasChanged(arn, revision, until)) ? [arn] : [],
      );
      return (await Promise.all(looks)).flat();
    },
  };
};

/** What was seen last, and what is new since. The first look has nothing to compare with. */
const comparison = () => {
  let seen: { readonly look: Look; readonly health: string } | undefined;
  let problem: string | undefined;
  return {
    forget: () => (seen = problem = undefined),
    hasSeen: () => seen !== undefined,
    problem: () => problem,
    failed: (sentence: string): Update => {
      const isNew = sentence !== problem;
      problem = sentence;
      return isNew ? { problem: { error: sentence } } : {};
    },
    saw: (look: Look, expected: readonly string[], health: Health): Update => {
      const before = seen;
      const wasProblem = problem !== undefined;
      seen = { look, health: canonicalJson(health) };
      problem = undefined;
      const changed = before === undefined ? [] : [...new Set([...changedBetween(before.look, look), ...expected])];
      return {
        ...(wasProblem && { problem: {} }),
        ...(changed.length > 0 && { jobs: { changed } }),
        ...(before !== undefined && before.health !== seen.health && { health }),
      };
    },
  };
};

/** Looks at the table for all listeners together, one look at a time, and only while somebody listens. */
export const followUpdates = (deps: Deps, health: () => Promise<Health>): Updates => {
  const listeners = new Set<(update: Update) => void>();
  const expected = expectedChanges(deps);
  const state = comparison();
  let round: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<Update> => {
    try {
      const [seen, changed, healthNow] = await Promise.all([lookAtTable(deps), expected.changed(), health()]);
      return state.saw(seen, changed, healthNow);
    } catch (error) {
      // Whoever looks is told, and the next round looks again.
      return state.failed(sentenceOf(error));
    }
  };
  const run = async (): Promise<void> => {
    const update = await look();
    round = undefined;
    for (const listener of listeners) listener(update);
    if (listeners.size === 0) state.forget();
    else timer = setTimeout(() => void begin(), deps.updateInterval);
  };
  const begin = () => (round = run());
  const end = (listener: (update: Update) => void) => {
    if (!listeners.delete(listener) || listeners.size > 0 || round !== undefined) return;
    clearTimeout(timer);
    state.forget();
  };

  return {
    subscribe: (listener) => {
      const isFirst = listeners.size === 0 && round === undefined;
      listeners.add(listener);
      if (isFirst) void begin();
      const problem = state.problem();
      if (problem !== undefined) listener({ problem: { error: problem } });
      return { ready: state.hasSeen() ? Promise.resolve() : (round ?? Promise.resolve()), end: () => end(listener) };
    },
    expect: expected.add,
    listeners: () => listeners.size,
  };
};
