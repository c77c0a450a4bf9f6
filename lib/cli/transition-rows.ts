import { isTerminal, type JobRecord, type Transition } from '../domain/record.ts';
import { formatDuration, millisecondsBetween } from '../domain/time.ts';
import { NOTHING } from './output/values.ts';

/** A transition with how long the status lasted that it began. */
export interface TimelineRow extends Transition {
  readonly lasted: string;
}

/**
 * How long each status lasted: until the next change of the same thing, or so far. Changes of the job's end need no
 * duration, nor has one that is not known.
 */
export const timelineOf = (job: JobRecord, now: Date): readonly TimelineRow[] =>
  job.transitions.map((transition, index) => {
    const next = job.transitions.slice(index + 1).find(({ task }) => task === transition.task);
    const end = next?.at ?? (isTerminal(job) || isFinal(transition.to) ? undefined : now.toISOString());
    const ms = end === undefined ? undefined : millisecondsBetween(transition.at, end);
    const lasted = ms === undefined ? NOTHING : `${formatDuration(ms)}${next === undefined ? ' so far' : ''}`;
    return { ...transition, lasted };
  });

const isFinal = (status: string): boolean => isTerminal({ status }) || status === 'NotStarted';

/** What a transition is about: the job, or one of its sub-tasks. */
export const subjectOf = ({ task }: Pick<Transition, 'task'>): string => task?.replaceAll('_', ' ') ?? 'job';

/** From which status to which; of the first one only where it began. */
export const changeOf = ({ from, to }: Pick<Transition, 'from' | 'to'>): string =>
  from === null ? to : `${from} → ${to}`;
