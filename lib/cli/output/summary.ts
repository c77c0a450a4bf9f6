import type { ModelSummary, Summary } from '../../client/requests.ts';
import { formatDuration } from '../../domain/time.ts';
import { JOB_STATUSES } from '../../domain/record.ts';
import { pluralize } from '../../domain/text.ts';
import type { Terminal } from '../context.ts';
import { formatNumber, formatShare, formatTime, modelName, NOTHING, paintStatus, paletteOf } from './values.ts';
import { formatTable, type Column } from './table.ts';

type Screen = Pick<Terminal, 'columns' | 'colour'>;

interface StatusRow {
  readonly status: string;
  readonly jobs: number;
  readonly share: number;
}

/** The known statuses in the order of a job's life, then those that AWS added. */
const statusRows = ({ byStatus, jobs }: Summary): StatusRow[] => {
  const known: readonly string[] = JOB_STATUSES;
  const names = [
    ...known.filter((status) => status in byStatus),
    ...Object.keys(byStatus).filter((s) => !known.includes(s)),
  ];
  return names.map((status) => {
    const count = byStatus[status] ?? 0;
    return { status, jobs: count, share: jobs === 0 ? 0 : count / jobs };
  });
};

const statusColumns = (screen: Screen): Column<StatusRow>[] => [
  {
    title: 'STATUS',
    value: ({ status }) => status,
    importance: 9,
    least: 10,
    paint: (text, { status }) => paintStatus(text, status, paletteOf(screen)),
  },
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
  { title: 'TYPE', value: ({ customizationType }) => customizationType, importance: 3 },
  { title: 'JOBS', value: total, importance: 9, least: 4, align: right },
  { title: 'COMPLETED', value: countOf('Completed'), importance: 5, align: right },
  { title: 'FAILED', value: countOf('Failed'), importance: 8, align: right },
  { title: 'P50', value: ({ durations }) => durationOf(durations?.p50), importance: 7, align: right },
  { title: 'P95', value: ({ durations }) => durationOf(durations?.p95), importance: 4, align: right },
  { title: 'BEST LOSS', value: (row) => formatNumber(row.trainingLoss?.best), importance: 6, align: right },
  { title: 'P50 LOSS', value: (row) => formatNumber(row.trainingLoss?.p50), importance: 2, align: right },
];

/** A summary as lines that fit the terminal. */
export function* formatSummary(summary: Summary, screen: Screen): Generator<string> {
  const { jobs, createdAfter, createdBefore, successRate } = summary;
  yield `${pluralize(jobs, 'job')} created`;
  yield `from ${formatTime(createdAfter)}`;
  yield `to   ${formatTime(createdBefore)}`;
  if (jobs === 0) return;
  yield '';
  yield* formatTable(statusColumns(screen), statusRows(summary), screen);
  yield '';
  yield `Success rate: ${successRate === undefined ? NOTHING : formatShare(successRate)}`;
  yield '';
  yield* formatTable(modelColumns, summary.byModel, screen);
}
