import type { MetricNumber } from '../domain/record.ts';
import { DAY } from '../domain/time.ts';
import { parseListRequest, unknownMembers, wrongRequest } from './list/validate.ts';
import type {
  Durations,
  JobSummary,
  ListJobsRequest,
  Losses,
  ModelSummary,
  ReadCost,
  SummarizeRequest,
  Summary,
} from './requests.ts';

const UNKNOWN = 'unknown';

type Counts = Map<string, number>;

interface Loss {
  readonly loss: number;
  readonly jobArn: string;
}

interface Group {
  readonly baseModelArn: string;
  readonly customizationType: string;
  readonly byStatus: Counts;
  readonly durations: number[];
  readonly training: Loss[];
  readonly validation: Loss[];
}

const count = (counts: Counts, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};
const total = (counts: Counts): number => [...counts.values()].reduce((sum, each) => sum + each, 0);
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

/** Nearest rank: the smallest value that at least this share of the values does not exceed. */
const percentile = (ascending: readonly number[], share: number): number =>
  ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? NaN;

const durationsOf = (all: readonly number[]): { durations?: Durations } => {
  const ascending = sorted(all);
  const longest = ascending.at(-1);
  if (longest === undefined) return {};
  return {
    durations: {
      count: ascending.length,
      p50: percentile(ascending, 0.5),
      p95: percentile(ascending, 0.95),
      longest,
    },
  };
};

const lossesOf = (all: readonly Loss[]): Losses | undefined => {
  const best = all.reduce<Loss | undefined>(
    (least, each) => (least && least.loss <= each.loss ? least : each),
    undefined,
  );
  if (best === undefined) return undefined;
  const ascending = sorted(all.map(({ loss }) => loss));
  return { count: all.length, best: best.loss, p50: percentile(ascending, 0.5), bestJobArn: best.jobArn };
};

/** NaN and infinite losses are text in the table. */
const finite = (value: MetricNumber | undefined): number[] =>
  typeof value === 'number' && Number.isFinite(value) ? [value] : [];

const addCompleted = (group: Group, job: JobSummary): void => {
  const took = Date.parse(job.end_time ?? '') - Date.parse(job.creation_time ?? '');
  if (took >= 0) group.durations.push(took);
  for (const loss of finite(job.training_metrics?.training_loss)) group.training.push({ loss, jobArn: job.job_arn });
  const validation = (job.validation_metrics ?? []).flatMap((metric) => finite(metric.validation_loss));
  if (validation.length > 0) group.validation.push({ loss: Math.min(...validation), jobArn: job.job_arn });
};

const modelSummary = (group: Group): ModelSummary => {
  const trainingLoss = lossesOf(group.training);
  const validationLoss = lossesOf(group.validation);
  return {
    baseModelArn: group.baseModelArn,
    customizationType: group.customizationType,
    byStatus: Object.fromEntries(group.byStatus),
    ...durationsOf(group.durations),
    ...(trainingLoss === undefined ? {} : { trainingLoss }),
    ...(validationLoss === undefined ? {} : { validationLoss }),
  };
};

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Every UTC day of the window. */
const daysOf = (from: number, before: number): Map<string, Counts> => {
  const days = new Map<string, Counts>();
  const first = Math.floor(from / DAY) * DAY;
  for (let day = first; day < before; day += DAY) days.set(dayOf(day), new Map());
  return days;
};

/** Sums up jobs one by one, newest first, as a window may hold more than fits in memory. */
export const createSums = (from: number, before: number) => {
  const byStatus: Counts = new Map();
  const byDay = daysOf(from, before);
  const groups = new Map<string, Group>();

  const groupOf = ({
    base_model_arn: baseModelArn = UNKNOWN,
    customization_type: type = UNKNOWN,
  }: JobSummary): Group => {
    const key = JSON.stringify([baseModelArn, type]);
    const group = groups.get(key) ?? {
      ...{ baseModelArn, customizationType: type, byStatus: new Map<string, number>() },
      ...{ durations: [], training: [], validation: [] },
    };
    groups.set(key, group);
    return group;
  };

  return {
    add(job: JobSummary): void {
      const status = job.status ?? UNKNOWN;
      const group = groupOf(job);
      count(byStatus, status);
      count(group.byStatus, status);
      const day = byDay.get((job.creation_time ?? '').slice(0, 10));
      if (day !== undefined) count(day, status);
      if (status === 'Completed') addCompleted(group, job);
    },
    summary(cost: ReadCost): Summary {
      const completed = byStatus.get('Completed') ?? 0;
      const decided = completed + (byStatus.get('Failed') ?? 0);
      return {
        createdAfter: new Date(from).toISOString(),
        createdBefore: new Date(before).toISOString(),
        jobs: total(byStatus),
        byStatus: Object.fromEntries(byStatus),
        ...(decided === 0 ? {} : { successRate: completed / decided }),
        byDay: [...byDay].map(([day, counts]) => ({ day, byStatus: Object.fromEntries(counts) })),
        byModel: [...groups.values()].sort((a, b) => total(b.byStatus) - total(a.byStatus)).map(modelSummary),
        ...cost,
      };
    },
  };
};

const DEFAULT_DAYS = 30;
/** Ten years: the answer has every day of the window. */
const MOST_DAYS = 3660;
const MEMBERS = ['account', 'region', 'baseModel', 'customizationType', 'tag', 'createdAfter', 'createdBefore'];

/** Milliseconds since 1970, excluding the end. */
interface Window {
  readonly from: number;
  readonly before: number;
}

/** The window of a summary, and the request for its jobs. Throws BAD_REQUEST that names every problem. */
export const windowOf = (request: SummarizeRequest, now: number): { window: Window; jobs: ListJobsRequest } => {
  const others = unknownMembers(request, MEMBERS);
  if (others.length > 0) throw wrongRequest(others);
  const { created } = parseListRequest(request);
  const before = created.to === undefined ? now : Date.parse(created.to) + 1;
  const from = created.from === undefined ? before - DEFAULT_DAYS * DAY : Date.parse(created.from);
  if (from >= before) throw wrongRequest(['createdAfter must be earlier than createdBefore, by default now']);
  if (before - from > MOST_DAYS * DAY) throw wrongRequest([`the window has more than ${MOST_DAYS} days`]);
  return {
    window: { from, before },
    jobs: {
      ...request,
      createdAfter: new Date(from),
      createdBefore: new Date(before),
      sortBy: 'creation_time',
      limit: 1000,
    },
  };
};
