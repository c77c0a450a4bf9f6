import type { GroupedSummary, GroupSummary, ModelSummary, Summary } from '../../client/requests.ts';
import { formatDuration, HOUR } from '../../domain/time.ts';
import { JOB_STATUSES } from '../../domain/record.ts';
import { pluralize } from '../../domain/text.ts';
import { type Screen, statusColumn } from './jobs.ts';
import { formatNumber, formatShare, formatTime, modelName, NOTHING, type Palette, paletteOf } from './values.ts';
import { formatTable, type Column } from './table.ts';

interface StatusRow {
  readonly status: string;
  readonly jobs: number;
  readonly share: number;
}

/** The known statuses in the order of a job's life, then those that AWS added. */
const statusesOf = ({ byStatus }: Pick<Summary, 'byStatus'>): string[] => {
  const known: readonly string[] = JOB_STATUSES;
  return [...known.filter((status) => status in byStatus), ...Object.keys(byStatus).filter((s) => !known.includes(s))];
};

const statusRows = ({ byStatus, jobs }: Summary): StatusRow[] =>
  statusesOf({ byStatus }).map((status) => {
    const count = byStatus[status] ?? 0;
    return { status, jobs: count, share: jobs === 0 ? 0 : count / jobs };
  });

const statusColumns = (screen: Screen): Column<StatusRow>[] => [
  statusColumn(paletteOf(screen)),
  { title: 'JOBS', value: ({ jobs }) => String(jobs), importance: 8, least: 4, align: 'right' },
  { title: 'SHARE', value: ({ share }) => formatShare(share), importance: 5, align: 'right' },
];

const durationOf = (ms: number | undefined): string => (ms === undefined ? NOTHING : formatDuration(ms));
const countOf =
  (status: string) =>
  ({ byStatus }: ModelSummary): string =>
    String(byStatus[status] ?? 0);
const total = ({ byStatus }: ModelSummary): string =>
  String(Object.values(byStatus).reduce((sum, count) => sum + count, 0));

const right = 'right' as const;
const modelColumns: Column<ModelSummary>[] = [
  { title: 'MODEL', value: ({ baseModelArn }) => modelName(baseModelArn), importance: 10, least: 26 },
  { title: 'TYPE', value: ({ customizationType }) => customizationType, importance: 8.5, least: 11 },
  { title: 'JOBS', value: total, importance: 9, least: 4, align: right },
  { title: 'COMPLETED', value: countOf('Completed'), importance: 5, align: right },
  { title: 'FAILED', value: countOf('Failed'), importance: 8, align: right },
  { title: 'P50', value: ({ durations }) => durationOf(durations?.p50), importance: 7, align: right },
  { title: 'P95', value: ({ durations }) => durationOf(durations?.p95), importance: 4, align: right },
  { title: 'BEST LOSS', value: (row) => formatNumber(row.trainingLoss?.best), importance: 6, align: right },
  { title: 'P50 LOSS', value: (row) => formatNumber(row.trainingLoss?.p50), importance: 2, align: right },
];

const windowLines = (summary: Pick<Summary, 'jobs' | 'createdAfter' | 'createdBefore'>): string[] => [
  `${pluralize(summary.jobs, 'job')} created`,
  `from ${formatTime(summary.createdAfter)}`,
  `to   ${formatTime(summary.createdBefore)}`,
];

/** A summary as lines that fit the terminal. */
export function* formatSummary(summary: Summary, screen: Screen): Generator<string> {
  const { jobs, successRate } = summary;
  yield* windowLines(summary);
  if (jobs === 0) return;
  yield '';
  yield* formatTable(statusColumns(screen), statusRows(summary), screen);
  yield '';
  yield `Success rate: ${successRate === undefined ? NOTHING : formatShare(successRate)}`;
  yield '';
  yield* formatTable(modelColumns, summary.byModel, screen);
}

/** Jobs of a window in groups. */
export interface Groups extends GroupedSummary, Pick<Summary, 'createdAfter' | 'createdBefore'> {
  readonly readUnits: number;
}

const formatHours = (ms: number): string => (ms / HOUR).toFixed(2);
/** `InProgress` as a title: IN PROGRESS. */
const titleOf = (status: string): string => status.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toUpperCase();

const groupColumns = ({ by, total: all }: Groups, { bold }: Palette): Column<GroupSummary>[] => {
  const number = (title: string, importance: number, value: (group: GroupSummary) => string): Column<GroupSummary> => ({
    ...{ title, importance, value, align: right },
    paint: (text, row) => (row === all ? bold(text) : text),
  });
  return [
    {
      title: by,
      value: (row) => (row === all ? 'total' : (row.group ?? NOTHING)),
      ...{ importance: 10, least: 20, cut: 'middle' },
      paint: (text, row) => (row === all ? bold(text) : text),
    },
    number('JOBS', 8, ({ jobs }) => String(jobs)),
    ...statusesOf(all).map((status) =>
      number(titleOf(status), status === 'Failed' ? 5 : 4, ({ byStatus }) => String(byStatus[status] ?? 0)),
    ),
    number('SUCCESS', 6, ({ successRate }) => (successRate === undefined ? NOTHING : formatShare(successRate))),
    number('HOURS', 9, ({ finishedMs }) => formatHours(finishedMs)),
    ...(all.activeMs > 0 ? [number('SO FAR', 7, ({ activeMs }) => formatHours(activeMs))] : []),
    number('P50', 3, ({ durations }) => durationOf(durations?.p50)),
    number('LOWEST LOSS', 2, ({ trainingLoss }) => formatNumber(trainingLoss?.best)),
    number('LOWEST VAL. LOSS', 1, ({ validationLoss }) => formatNumber(validationLoss?.best)),
  ];
};

/** Groups as lines that fit the terminal, with a row for all jobs. */
export function* formatGroups(groups: Groups, screen: Screen): Generator<string> {
  yield* windowLines({ ...groups, jobs: groups.total.jobs });
  if (groups.total.jobs === 0) return;
  yield '';
  yield* formatTable(groupColumns(groups, paletteOf(screen)), [...groups.groups, groups.total], screen);
}
