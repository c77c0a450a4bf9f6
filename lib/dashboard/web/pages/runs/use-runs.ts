import { useEffect, useRef, useState } from 'preact/hooks';
import { isTerminal } from '../../../../domain/record.ts';
import type { JobDetails, RunDetails, RunsAnswer } from '../../../api.ts';
import { useJobsChanged } from '../../api/hooks.ts';
import { API, ApiProblem, getJson } from '../../api/http.ts';
import type { Changed } from '../../api/live.ts';
import { appendPage, refreshJobs, refreshStart, type LoadedJobs } from '../../logic/merge-jobs.ts';

/** The server's limit for one answer. */
const PAGE = 200;
/** The first rows come sooner in a small answer. */
const FIRST_PAGE = 50;
/** More changed runs wait for the next update. */
const MOST_SINGLE = 20;
/** While many pages load, the table is drawn again when it has grown by this factor: drawing sorts all of it. */
const GROWTH = 1.1;

/** What is loaded of a query, newest first. */
export interface LoadedRuns extends LoadedJobs<RunDetails> {
  /** Jobs that were read: more than the runs, where few of them have the asked data. */
  readonly read: number;
}

const NONE: LoadedRuns = { jobs: [], read: 0 };

/** Earlier lists: going back shows them at once. Beyond this number of runs the oldest go. */
const kept = new Map<string, LoadedRuns>();
const MOST_KEPT = 20_000;

const keep = (query: string, loaded: LoadedRuns): void => {
  kept.delete(query);
  kept.set(query, loaded);
  let runs = [...kept.values()].reduce((sum, { jobs }) => sum + jobs.length, 0);
  for (const [oldest, { jobs }] of kept) {
    if (runs <= MOST_KEPT || oldest === query) break;
    kept.delete(oldest);
    runs -= jobs.length;
  }
};

const pageOf = (query: string, limit: number, cursor?: string): Promise<RunsAnswer> => {
  const params = new URLSearchParams(query);
  params.set('limit', String(limit));
  if (cursor !== undefined) params.set('cursor', cursor);
  return getJson<RunsAnswer>(API.runs(params.toString()));
};

/** Reads the first page again, and what changed beyond it. */
const readChanges = async (query: string, { jobs }: LoadedRuns, changed: Changed) => {
  const first = await pageOf(query, PAGE);
  const isFresh = new Set(first.jobs.map(({ job_arn: arn }) => arn));
  // Where anything may have changed, those that can still change most.
  const mayDiffer = (job: RunDetails) => (changed === 'all' ? !isTerminal(job) : changed.includes(job.job_arn));
  const arns = jobs.flatMap((job) => (mayDiffer(job) && !isFresh.has(job.job_arn) ? [job.job_arn] : []));
  const details = await Promise.all(arns.slice(0, MOST_SINGLE).map((arn) => getJson<JobDetails>(API.job(arn))));
  return { first, beyond: details.map(({ job }): RunDetails => job) };
};

export interface RunsList extends LoadedRuns {
  readonly loading: boolean;
  /** False until the first answer. */
  readonly isLoaded: boolean;
  readonly problem?: ApiProblem;
  /** Reads on until this number of jobs has been read. */
  readonly loadTo: (jobs: number) => void;
  readonly stop: () => void;
}

interface State {
  readonly loading: boolean;
  readonly problem?: ApiProblem;
}

/** The runs of a query: read page by page, and updated in place. */
export const useRuns = (query: string, first: number): RunsList => {
  const [state, setState] = useState<State>({ loading: true });
  const running = useRef<symbol>(undefined);

  const loadTo = async (jobs: number) => {
    const mine = (running.current = Symbol());
    setState({ loading: true });
    let drawn = 0;
    try {
      let loaded = kept.get(query) ?? NONE;
      do {
        const page = await pageOf(query, loaded.cursor === undefined ? FIRST_PAGE : PAGE, loaded.cursor);
        if (running.current !== mine) return;
        const before = kept.get(query) ?? NONE;
        loaded = { ...appendPage(before, page), read: before.read + page.read };
        keep(query, loaded);
        if (loaded.read < drawn * GROWTH) continue;
        setState({ loading: true });
        drawn = loaded.read;
      } while (loaded.cursor !== undefined && loaded.read < jobs);
      setState({ loading: false });
    } catch (error) {
      if (running.current !== mine) return;
      setState({ loading: false, problem: error instanceof ApiProblem ? error : new ApiProblem(String(error), 0) });
    }
  };
  const stop = () => {
    running.current = undefined;
    setState({ loading: false });
  };

  const update = async (changed: Changed) => {
    const before = kept.get(query);
    if (before === undefined) return;
    // Without an answer the page says that the server is gone.
    const fresh = await readChanges(query, before, changed).catch(() => undefined);
    const now = kept.get(query);
    if (fresh === undefined || now === undefined) return;
    const next = refreshJobs(refreshStart(now, fresh.first), fresh.beyond);
    keep(query, { ...next, read: Math.max(now.read, next.jobs.length) });
    setState((same) => ({ ...same }));
  };

  useEffect(() => {
    if (kept.has(query)) {
      setState({ loading: false });
      void update('all');
    } else void loadTo(first);
    return () => (running.current = undefined);
  }, [query]);
  useJobsChanged((changed) => void update(changed));

  const loaded = kept.get(query);
  return { ...(loaded ?? NONE), isLoaded: loaded !== undefined, ...state, loadTo: (jobs) => void loadTo(jobs), stop };
};
