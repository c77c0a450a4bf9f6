import { useEffect, useRef, useState } from 'preact/hooks';
import { isTerminal } from '../../../domain/record.ts';
import type { JobDetails, JobSummary } from '../../api.ts';
import { appendPage, refreshJobs, refreshStart, type LoadedJobs } from '../logic/merge-jobs.ts';
import { useJobsChanged } from './hooks.ts';
import { API, type ApiProblem, asProblem, getJson } from './http.ts';
import type { Changed } from './live.ts';

/** The server's limit for one answer. */
const MOST = 200;
/** The first rows come sooner in a small answer. */
const FIRST_PAGE = 50;
/** More changed jobs wait for the next update. */
const MOST_SINGLE = 20;
/** While many pages load, the list is drawn again when it has grown by this factor: drawing may sort all of it. */
const GROWTH = 1.1;

/** What is loaded of a query. */
interface Loaded<Job extends JobSummary> extends LoadedJobs<Job> {
  /** Jobs that were read: more than are listed, where few of them match. */
  readonly read: number;
}

/** A page of `/api/jobs` or `/api/runs`. */
type Answer<Job extends JobSummary> = LoadedJobs<Job> & { readonly read?: number };

/** Where a list comes from. */
export interface ListSource {
  /** The path for these parameters. */
  readonly path: (params: string) => string;
  /** The jobs of each page after the first, at most 200. */
  readonly page: number;
}

/** `Job`: as much of a job as the source answers. */
export interface JobsList<Job extends JobSummary> extends Loaded<Job> {
  readonly loading: boolean;
  /** False until the first answer. */
  readonly isLoaded: boolean;
  readonly problem?: ApiProblem;
  /** Reads on until this number of jobs has been read. */
  readonly loadTo: (jobs: number) => void;
  readonly stop: () => void;
}

/** Earlier lists: going back shows them at once. Beyond this number of jobs the oldest go. */
const kept = new Map<string, Loaded<JobSummary>>();
const MOST_KEPT = 20_000;

const keep = (address: string, loaded: Loaded<JobSummary>): void => {
  kept.delete(address);
  kept.set(address, loaded);
  let jobs = [...kept.values()].reduce((sum, list) => sum + list.jobs.length, 0);
  for (const [oldest, list] of kept) {
    if (jobs <= MOST_KEPT || oldest === address) break;
    kept.delete(oldest);
    jobs -= list.jobs.length;
  }
};

const readPage = <Job extends JobSummary>({ path }: ListSource, query: string, limit: number, cursor?: string) => {
  const params = new URLSearchParams(query);
  params.set('limit', String(limit));
  if (cursor !== undefined) params.set('cursor', cursor);
  return getJson<Answer<Job>>(path(params.toString()));
};

/** Reads the start again, and what changed beyond it. */
const readChanges = async <Job extends JobSummary>(
  source: ListSource,
  query: string,
  { jobs }: Loaded<Job>,
  changed: Changed,
) => {
  const first = await readPage<Job>(source, query, Math.min(MOST, Math.max(source.page, jobs.length)));
  const isFresh = new Set(first.jobs.map(({ job_arn: arn }) => arn));
  // Where anything may have changed, those that can still change most.
  const mayDiffer = (job: Job) => (changed === 'all' ? !isTerminal(job) : changed.includes(job.job_arn));
  const arns = jobs.flatMap((job) => (mayDiffer(job) && !isFresh.has(job.job_arn) ? [job.job_arn] : []));
  const details = await Promise.all(arns.slice(0, MOST_SINGLE).map((arn) => getJson<JobDetails>(API.job(arn))));
  // A whole record has all that any list shows of a job.
  return { first, beyond: details.map(({ job }) => job as JobSummary as Job) };
};

interface State {
  readonly loading: boolean;
  readonly problem?: ApiProblem;
}

/**
 * The jobs of a query: read page by page, and updated in place.
 *
 * @param first how many jobs are read before anybody asks for more
 */
export const useList = <Job extends JobSummary>(source: ListSource, query: string, first = 1): JobsList<Job> => {
  const [state, setState] = useState<State>({ loading: true });
  const running = useRef<symbol>(undefined);
  const address = source.path(query);
  const known = (): Loaded<Job> | undefined => kept.get(address) as Loaded<Job> | undefined;
  const NONE: Loaded<Job> = { jobs: [], read: 0 };

  const loadTo = async (jobs: number) => {
    const mine = (running.current = Symbol());
    setState({ loading: true });
    let drawn = 0;
    try {
      let loaded = known() ?? NONE;
      do {
        const { cursor } = loaded;
        const page = await readPage<Job>(source, query, cursor === undefined ? FIRST_PAGE : source.page, cursor);
        if (running.current !== mine) return;
        const before = known() ?? NONE;
        loaded = { ...appendPage(before, page), read: before.read + (page.read ?? page.jobs.length) };
        keep(address, loaded);
        if (loaded.read < drawn * GROWTH) continue;
        setState({ loading: true });
        drawn = loaded.read;
      } while (loaded.cursor !== undefined && loaded.read < jobs);
      setState({ loading: false });
    } catch (error) {
      if (running.current !== mine) return;
      setState({ loading: false, problem: asProblem(error) });
    }
  };
  const stop = () => {
    running.current = undefined;
    setState({ loading: false });
  };

  const update = async (changed: Changed) => {
    const before = known();
    if (before === undefined) return;
    // Without an answer the page says that the server is gone.
    const fresh = await readChanges(source, query, before, changed).catch(() => undefined);
    const now = known();
    if (fresh === undefined || now === undefined) return;
    const next = refreshJobs(refreshStart<Job>(now, fresh.first), fresh.beyond);
    keep(address, { ...next, read: Math.max(now.read, next.jobs.length) });
    setState((same) => ({ ...same }));
  };

  useEffect(() => {
    if (kept.has(address)) {
      setState({ loading: false });
      void update('all');
    } else void loadTo(first);
    return () => (running.current = undefined);
  }, [address]);
  useJobsChanged((changed) => void update(changed));

  const loaded = known();
  return { ...(loaded ?? NONE), isLoaded: loaded !== undefined, ...state, loadTo: (jobs) => void loadTo(jobs), stop };
};
