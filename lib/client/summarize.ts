import { type Run, RUN_GROUPS, type RunColumn, runGroup } from '../domain/run.ts';
import { compareText } from '../domain/text.ts';
import { DAY } from '../domain/time.ts';
import { parseListRequest, unknownMembers, wrongRequest } from './list/validate.ts';
import type {
  GroupedSummary,
  GroupSummary,
  JobSummary,
  ListJobsRequest,
  ReadCost,
  SummarizeRequest,
  Summary,
} from './requests.ts';
import { addJob, addTime, count, type Counts, newSums, rateOf, resultsOf, type Sums, total, UNKNOWN } from './sums.ts';

const groupSummary = (sums: Sums, group?: string): GroupSummary => ({
  ...(group === undefined ? {} : { group }),
  jobs: total(sums.byStatus),
  ...rateOf(sums.byStatus),
  finishedMs: sums.finishedMs,
  activeMs: sums.activeMs,
  ...resultsOf(sums),
});

const timeOf = ({ finishedMs, activeMs }: GroupSummary): number => finishedMs + activeMs;

/**
 * Sums up jobs in groups, one by one. A group keeps a number for each duration and loss.
 *
 * @param now milliseconds since 1970, until which active jobs count
 */
export const createGroups = ({ name, valueOf }: RunColumn, now: number) => {
  const all = newSums();
  const groups = new Map<string | undefined, Sums>();
  return {
    add(job: Run): void {
      const value = valueOf(job);
      const group = value === undefined ? undefined : String(value);
      const sums = groups.get(group) ?? newSums();
      groups.set(group, sums);
      for (const each of [all, sums]) {
        addJob(each, job);
        addTime(each, job, now);
      }
    },
    groups(): Pick<GroupedSummary, 'groups' | 'total'> {
      const summaries = [...groups].map(([group, sums]) => groupSummary(sums, group));
      const byTime = (a: GroupSummary, b: GroupSummary) => timeOf(b) - timeOf(a) || b.jobs - a.jobs;
      const byName = (a: GroupSummary, b: GroupSummary) => compareText(a.group ?? '', b.group ?? '');
      return { groups: summaries.sort(name === 'month' ? byName : byTime), total: groupSummary(all) };
    },
  };
};

/** The groups that a summary has. Throws BAD_REQUEST for one that no index carries. */
const groupColumn = (by: unknown): RunColumn | undefined => {
  if (by === undefined) return undefined;
  const column = typeof by === 'string' ? runGroup(by) : undefined;
  if (column?.source === 'summary') return column;
  const names = RUN_GROUPS.filter((each) => runGroup(each)?.source === 'summary').join(', ');
  throw wrongRequest([`by must be ${names} or tag:<key>`]);
};

interface ModelSums {
  readonly baseModelArn: string;
  readonly customizationType: string;
  readonly sums: Sums;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Every UTC day of the window. */
const daysOf = (from: number, before: number): Map<string, Counts> => {
  const days = new Map<string, Counts>();
  const first = Math.floor(from / DAY) * DAY;
  for (let day = first; day < before; day += DAY) days.set(dayOf(day), new Map());
  return days;
};

/** Sums up jobs one by one, newest first, as a window may hold more than fits in memory. */
export const createSums = ({ from, before, by, now }: Window) => {
  const byStatus: Counts = new Map();
  const byDay = daysOf(from, before);
  const models = new Map<string, ModelSums>();
  const column = groupColumn(by);
  const groups = column && createGroups(column, now);

  const modelOf = ({
    base_model_arn: baseModelArn = UNKNOWN,
    customization_type: customizationType = UNKNOWN,
  }: JobSummary): ModelSums => {
    const key = JSON.stringify([baseModelArn, customizationType]);
    const model = models.get(key) ?? { baseModelArn, customizationType, sums: newSums() };
    models.set(key, model);
    return model;
  };

  return {
    add(job: JobSummary): void {
      const status = job.status ?? UNKNOWN;
      count(byStatus, status);
      addJob(modelOf(job).sums, job);
      const day = byDay.get((job.creation_time ?? '').slice(0, 10));
      if (day !== undefined) count(day, status);
      groups?.add(job);
    },
    summary(cost: ReadCost): Summary {
      const byModel = [...models.values()].sort((a, b) => total(b.sums.byStatus) - total(a.sums.byStatus));
      return {
        createdAfter: new Date(from).toISOString(),
        createdBefore: new Date(before).toISOString(),
        jobs: total(byStatus),
        byStatus: Object.fromEntries(byStatus),
        ...rateOf(byStatus),
        byDay: [...byDay].map(([day, counts]) => ({ day, byStatus: Object.fromEntries(counts) })),
        byModel: byModel.map(({ sums, ...model }) => ({ ...model, ...resultsOf(sums) })),
        ...(groups && by !== undefined && { grouped: { by, ...groups.groups() } }),
        ...cost,
      };
    },
  };
};

const DEFAULT_DAYS = 30;
/** Ten years: the answer has every day of the window. */
const MOST_DAYS = 3660;
const MEMBERS = ['account', 'region', 'baseModel', 'customizationType', 'tag', 'createdAfter', 'createdBefore', 'by'];

/** Milliseconds since 1970, excluding the end; and what to group by. */
interface Window {
  readonly from: number;
  readonly before: number;
  readonly now: number;
  readonly by?: string;
}

/** The window of a summary, and the request for its jobs. Throws BAD_REQUEST that names every problem. */
export const windowOf = (request: SummarizeRequest, now: number): { window: Window; jobs: ListJobsRequest } => {
  const others = Object(request) === request ? unknownMembers(request, MEMBERS) : ['it must be an object'];
  if (others.length > 0) throw wrongRequest(others);
  const { by, ...filter } = request;
  groupColumn(by);
  const { created } = parseListRequest(filter);
  const before = created.to === undefined ? now : Date.parse(created.to) + 1;
  const from = created.from === undefined ? before - DEFAULT_DAYS * DAY : Date.parse(created.from);
  if (from >= before) throw wrongRequest(['createdAfter must be earlier than createdBefore, by default now']);
  if (before - from > MOST_DAYS * DAY) throw wrongRequest([`the window has more than ${MOST_DAYS} days`]);
  return {
    window: { from, before, now, ...(by === undefined ? {} : { by }) },
    jobs: {
      ...filter,
      createdAfter: new Date(from),
      createdBefore: new Date(before),
      sortBy: 'creation_time',
      limit: 1000,
    },
  };
};
