import { stalledSince } from '../../../domain/pace.ts';
import type { Overview } from '../../api.ts';
import { relativeTime } from './format.ts';

/** What the sums of the overview say. They may be minutes older than the lists of jobs beside them. */
export interface KnownSums {
  /** `pending` before there are any, `behind` if they lack a job of the lists: then there are at least so many. */
  readonly state: 'pending' | 'behind' | 'complete';
  readonly jobs: number;
  readonly failed: number;
  /** "or more, counted 40 s ago" for sums that are behind. */
  readonly note?: string;
}

/** The sums, corrected by the lists: no count is lower than the jobs in sight. */
export const knownSums = (overview: Omit<Overview, 'health'>, now: number): KnownSums => {
  const { pending, summedAt = '', jobs, byStatus, active, failures } = overview;
  const failed = byStatus['Failed'] ?? 0;
  if (pending === true) return { state: 'pending', jobs, failed };
  const isBehind =
    active.some(({ creation_time = '' }) => creation_time > summedAt) ||
    failures.some(({ end_time, last_modified_time = '' }) => (end_time ?? last_modified_time) > summedAt);
  return {
    state: isBehind ? 'behind' : 'complete',
    jobs: Math.max(jobs, failures.length),
    failed: Math.max(failed, failures.length),
    ...(isBehind && { note: `or more, counted ${relativeTime(summedAt, now)}` }),
  };
};

type Running = Pick<Overview, 'active' | 'pending'>;

const paceNote = ({ active, pending }: Running, now: number): string => {
  const compared = active.flatMap(({ usual, creation_time = '' }) => (usual ? [{ usual, creation_time }] : []));
  if (active.length > 0 && compared.length === 0) return pending === true ? 'counting…' : 'usual duration not known';
  const late = compared.filter(({ usual, creation_time }) => now - Date.parse(creation_time) > usual.p95).length;
  return late > 0 ? `${late} longer than usual` : 'none longer than usual';
};

/** Which running jobs are unusual, as far as that is known: "1 stalled, 2 longer than usual". */
export const runningNote = (running: Running, now: number): string => {
  const stalled = running.active.filter((job) => stalledSince(job, now) !== undefined).length;
  return stalled > 0 ? `${stalled} stalled, ${paceNote(running, now)}` : paceNote(running, now);
};
