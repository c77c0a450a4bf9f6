import { isServing, type ModelRecord } from '../../../domain/model-record.ts';
import { isTerminal, SUB_TASKS, type JobRecord, type SubTask, type Transition } from '../../../domain/record.ts';
import { DAY, MINUTE } from '../../../domain/time.ts';

/** A period in one status. Times are milliseconds since 1970. */
interface Segment {
  readonly status: string;
  readonly from: number;
  readonly to: number;
  /** True while it goes on. */
  readonly open: boolean;
}

/** Of a job or one of its phases; of a model, or of what serves it, whose ARN is the `task`. */
export type Change = Omit<Transition, 'task'> & { readonly task?: string | undefined };

/** One row of the timeline: a whole, or a part of it. */
export interface Lane {
  readonly task?: string | undefined;
  readonly segments: readonly Segment[];
}

export interface Timeline {
  readonly from: number;
  readonly to: number;
  readonly lanes: readonly Lane[];
}

type TimelineJob = Pick<
  JobRecord,
  'status' | 'status_details' | 'creation_time' | 'last_modified_time' | 'end_time' | 'transitions'
>;

const WITHOUT_TIME: readonly string[] = ['NotStarted'];

const timeOf = (iso: string | undefined): number | undefined => {
  const time = Date.parse(iso ?? '');
  return Number.isNaN(time) ? undefined : time;
};

type IsFinal = (status: string) => boolean;

/** The segments between the changes of one status; the last one goes to the end, if it is not final. */
const segmentsOf = (all: readonly Change[], task: string | undefined, end: number, isFinal: IsFinal): Segment[] => {
  const changes = all
    .filter((transition) => transition.task === task)
    .flatMap(({ to, at }) => {
      const time = timeOf(at);
      return time === undefined ? [] : [{ status: to, time }];
    })
    .sort((a, b) => a.time - b.time);
  return changes.flatMap(({ status, time }, index) => {
    const next = changes[index + 1];
    // The length of a last status is known only while it can change.
    const last = next === undefined;
    const final = last && isFinal(status);
    const until = next?.time ?? (final ? time : end);
    return WITHOUT_TIME.includes(status) || (until <= time && !(last && !final))
      ? []
      : [{ status, from: time, to: until, open: last && !final }];
  });
};

const phase = (job: TimelineJob, task: SubTask, end: number, isFinal: IsFinal): Segment[] => {
  const details = job.status_details?.[`${task}_details`];
  const from = timeOf(details?.creation_time);
  // Bedrock's own times of the phase are exact. Without them, the observed times count.
  if (details?.status === undefined || from === undefined) return segmentsOf(job.transitions, task, end, isFinal);
  if (WITHOUT_TIME.includes(details.status)) return [];
  const open = !isFinal(details.status);
  const to = open ? end : (timeOf(details.last_modified_time) ?? end);
  return [{ status: details.status, from, to: Math.max(from, to), open }];
};

const whole = (job: TimelineJob, start: number, end: number, ended: boolean): Segment[] => {
  const observed = segmentsOf(job.transitions, undefined, end, () => ended);
  const status = job.status ?? 'unknown';
  const [before, ...rest] = observed;
  if (before === undefined) return [{ status, from: start, to: end, open: !ended }];
  // A job that the tracker first saw later was in progress until then.
  const segments: Segment[] =
    before.status === 'InProgress'
      ? [{ ...before, from: Math.min(before.from, start) }, ...rest]
      : [{ status: 'InProgress', from: start, to: before.from, open: false }, before, ...rest];
  if (!ended) return segments;
  // The bar of a finished job shows its final status, as the bars of its phases do.
  return segments.map((segment) => ({
    ...segment,
    status: segment.status === 'InProgress' ? status : segment.status,
    to: Math.min(segment.to, end),
    open: false,
  }));
};

/** The statuses of a job as bars over time; undefined if its start is unknown. */
export const timelineOf = (job: TimelineJob, now: number): Timeline | undefined => {
  const from = timeOf(job.creation_time);
  if (from === undefined) return undefined;
  const ended = isTerminal(job);
  const end = Math.max(from, timeOf(job.end_time) ?? (ended ? (timeOf(job.last_modified_time) ?? now) : now));
  const phases = SUB_TASKS.map((task) => ({
    task,
    segments: phase(job, task, end, (status) => ended || isTerminal({ status })),
  }));
  const lanes: Lane[] = [
    { segments: whole(job, from, end, ended) },
    ...phases.filter(({ task, segments }) => segments.length > 0 || job.status_details?.[`${task}_details`]),
  ];
  const to = Math.max(end, from + 1, ...lanes.flatMap(({ segments }) => segments.map((segment) => segment.to)));
  return { from, to, lanes };
};

export const changesOf = ({ transitions }: Pick<ModelRecord, 'transitions'>): Change[] =>
  transitions.map(({ resource, ...change }) => ({ ...change, task: resource }));

/** The statuses of a model and of what served it, and how the latter was used. */
export const modelTimelineOf = (model: ModelRecord, now: number): Timeline | undefined => {
  const changes = changesOf(model);
  const times = changes.flatMap(({ at }) => timeOf(at) ?? []);
  const lanes = [...new Set(changes.map(({ task }) => task))].map((task): Lane => ({
    task,
    segments: segmentsOf(changes, task, now, (status) => !isServing({ status })),
  }));
  return times.length === 0 ? undefined : { from: Math.min(...times), to: Math.max(now, ...times), lanes };
};

const STEPS = [1 / 60, 1 / 30, 1 / 12, 1 / 6, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080].map(
  (minutes) => minutes * MINUTE,
);

/** Round times for the marks of an axis of that length, at most six intervals. */
export const axisMarks = (length: number): number[] => {
  const step = STEPS.find((each) => length / each <= 6) ?? Math.ceil(length / 6 / DAY) * DAY;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
};
