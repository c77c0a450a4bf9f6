import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { isTerminal } from '../../../domain/record.ts';
import type { JobDetails, JobsAnswer } from '../../api.ts';
import { appendPage, refreshJobs, refreshStart, type LoadedJobs } from '../logic/merge-jobs.ts';
import { useJobsChanged } from './hooks.ts';
import { API, ApiProblem, getJson } from './http.ts';
import type { Changed } from './live.ts';

const PAGE = 50;
/** The server's limit for one answer. */
const MOST = 200;
/** More changed rows wait for the next update. */
const MOST_SINGLE = 20;

export interface JobsList extends Partial<LoadedJobs> {
  readonly loading: boolean;
  /** True while the rows are of the previous query. */
  readonly stale: boolean;
  readonly problem?: ApiProblem;
  readonly more: () => void;
  readonly reload: () => void;
}

interface State {
  readonly loaded?: LoadedJobs;
  /** The query that `loaded` is of. */
  readonly loadedQuery?: string;
  readonly loading: boolean;
  readonly problem?: ApiProblem;
}

/** Earlier lists: going back shows them at once, at the same place. */
const kept = new Map<string, LoadedJobs>();
const MOST_KEPT = 10;

const keep = (query: string, loaded: LoadedJobs): void => {
  kept.delete(query);
  kept.set(query, loaded);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
};

const addressOf = (query: string, limit: number, cursor?: string): string => {
  const params = new URLSearchParams(query);
  params.set('limit', String(limit));
  if (cursor !== undefined) params.set('cursor', cursor);
  return API.jobs(params.toString());
};

/** The changed jobs beyond the part that one answer refreshes. */
const readBeyond = async (loaded: LoadedJobs, changed: Changed): Promise<JobDetails['job'][]> => {
  const beyond = loaded.jobs
    .slice(MOST)
    // Of all jobs, those that can still change most.
    .filter((job) => (changed === 'all' ? !isTerminal(job) : changed.includes(job.job_arn)));
  const details = await Promise.all(
    beyond.slice(0, MOST_SINGLE).map((job) => getJson<JobDetails>(API.job(job.job_arn))),
  );
  return details.map(({ job }) => job);
};

/** The list of a query: loaded page by page, and updated in place. */
export const useJobs = (query: string): JobsList => {
  const [state, setState] = useState<State>(() => stateOf(query));
  const current = useRef({ query, ...state });
  current.current = { ...state, query };

  /** Reads, and takes the answer unless the query has changed since. */
  const ask = useCallback(
    async (path: string, take: (loaded: LoadedJobs, answer: JobsAnswer) => LoadedJobs, quietly = false) => {
      if (!quietly) setState(({ problem: _, ...before }) => ({ ...before, loading: true }));
      try {
        const answer = await getJson<JobsAnswer>(path);
        if (current.current.query !== query) return;
        setState(({ loaded, loadedQuery }) => {
          const next = take(loaded !== undefined && loadedQuery === query ? loaded : { jobs: [] }, answer);
          keep(query, next);
          return { loaded: next, loadedQuery: query, loading: false };
        });
      } catch (error) {
        if (current.current.query !== query || !(error instanceof ApiProblem)) return;
        setState((before) => ({ ...before, loading: false, problem: error }));
      }
    },
    [query],
  );

  const refresh = useCallback(
    (quietly: boolean) => {
      const known = kept.get(query)?.jobs.length ?? 0;
      return ask(addressOf(query, Math.min(MOST, Math.max(PAGE, known))), refreshStart, quietly);
    },
    [ask, query],
  );

  useEffect(() => {
    setState((before) => (kept.has(query) ? stateOf(query) : { ...before, loading: true }));
    void refresh(kept.has(query));
  }, [query, refresh]);

  useJobsChanged((changed) => {
    void refresh(true);
    const { loaded } = current.current;
    if (loaded === undefined || loaded.jobs.length <= MOST) return;
    void readBeyond(loaded, changed).then((jobs) => {
      if (jobs.length > 0) setState((now) => (now.loaded ? { ...now, loaded: refreshJobs(now.loaded, jobs) } : now));
    });
  });

  const { loaded, loading, problem, loadedQuery } = state;
  return {
    ...loaded,
    loading,
    stale: loadedQuery !== query,
    ...(problem && { problem }),
    more: () => {
      if (!loading && loaded?.cursor !== undefined) void ask(addressOf(query, PAGE, loaded.cursor), appendPage);
    },
    reload: () => void refresh(false),
  };
};

const stateOf = (query: string): State => {
  const loaded = kept.get(query);
  return loaded === undefined ? { loading: true } : { loaded, loadedQuery: query, loading: false };
};
