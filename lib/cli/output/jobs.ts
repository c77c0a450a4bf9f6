import type { JobSummary } from '../../client/requests.ts';
import { describeStall, stalledSince } from '../../domain/pace.ts';
import { type JobRecord, SUB_TASKS, type Transition } from '../../domain/record.ts';
import type { Trained } from '../../domain/run.ts';
import type { Terminal } from '../context.ts';
import {
  adviceOn,
  changeOf,
  isFinal,
  type Lasting,
  phaseOf,
  type Section,
  sectionsOf,
  subjectOf,
  timelineOf,
} from '../job-facts.ts';
import { type Column, type Fact, formatFacts, formatTable } from './table.ts';
import {
  formatJobDuration,
  formatNumber,
  formatSpan,
  formatTime,
  modelName,
  NOTHING,
  paintStatus,
  type Palette,
  paletteOf,
} from './values.ts';

export type Screen = Pick<Terminal, 'columns' | 'colour'>;

/** Accounts and Regions, where jobs differ in them. */
const placeColumns = (jobs: readonly JobSummary[]): Column<JobSummary>[] =>
  [
    { title: 'REGION', value: ({ region }: JobSummary) => region, importance: 4 },
    { title: 'ACCOUNT', value: ({ account_id }: JobSummary) => account_id, importance: 4 },
  ].filter(({ value }) => new Set(jobs.map(value)).size > 1);

/** Says that the last status of a job may be outdated, as nobody sees the job any more. */
export const lostSuffix = ({
  missing_since,
  untracked_since,
}: Pick<Trained, 'missing_since' | 'untracked_since'>): string => {
  if (missing_since !== undefined) return ' (gone)';
  return untracked_since === undefined ? '' : ' (not tracked)';
};

/** The same, and that nothing happens in the job. */
const statusSuffix = (job: JobSummary, now: Date): string =>
  stalledSince(job, now.getTime()) === undefined ? lostSuffix(job) : ' (stalled)';

export const statusColumn = <Row extends { readonly status?: string }>(
  palette: Palette,
  value = ({ status = NOTHING }: Row): string => status,
): Column<Row> => ({
  ...{ title: 'STATUS', value, importance: 9, least: 10 },
  paint: (text, { status }) => paintStatus(text, status, palette),
});

/** The columns of jobs, in a list and in a live view. */
export const jobColumns = (jobs: readonly JobSummary[], palette: Palette, now: Date): Column<JobSummary>[] => [
  // Names of one experiment often differ at their end.
  { title: 'NAME', value: (job) => job.job_name ?? NOTHING, importance: 10, least: 26, cut: 'middle' },
  statusColumn(palette, (job) => `${job.status ?? NOTHING}${statusSuffix(job, now)}`),
  ...(jobs.some((job) => phaseOf(job) !== undefined)
    ? [{ title: 'PHASE', value: (job: JobSummary) => phaseOf(job) ?? NOTHING, importance: 6 }]
    : []),
  {
    title: 'LOSS',
    value: (job) => formatNumber(job.training_metrics?.training_loss),
    importance: 8,
    least: 7,
    align: 'right',
  },
  // The status says that a job is still running.
  { title: 'DURATION', value: (job) => formatJobDuration(job, now, ''), importance: 7 },
  { title: 'CREATED', value: ({ creation_time }) => formatTime(creation_time), importance: 5 },
  ...placeColumns(jobs),
  {
    title: 'MODEL',
    value: ({ base_model_arn }) => modelName(base_model_arn),
    short: ({ base_model_arn }) => modelName(base_model_arn).replace(/^[^.]*\./, ''),
    importance: 3,
  },
  { title: 'TYPE', value: (job) => job.customization_type ?? NOTHING, importance: 2 },
  { title: 'ID', value: ({ job_arn }) => job_arn.slice(job_arn.lastIndexOf('/') + 1), importance: 1 },
];

export const formatJobs = (jobs: readonly JobSummary[], terminal: Screen, now: Date): Iterable<string> =>
  formatTable(jobColumns(jobs, paletteOf(terminal), now), jobs, terminal);

/** The first columns of each table of transitions: when, of what, and from which status to which. */
export const transitionColumns = <T extends Pick<Transition, 'from' | 'to' | 'at'>>(
  palette: Palette,
  subject: Pick<Column<T>, 'title' | 'value' | 'least' | 'cut'>,
): Column<T>[] => [
  { title: 'AT', value: ({ at }) => formatTime(at), importance: 9, least: 20 },
  { ...subject, importance: 7 },
  {
    title: 'CHANGE',
    value: changeOf,
    importance: 8,
    least: 10,
    paint: (text, { to }) => paintStatus(text, to, palette),
  },
];

/** How a job or model is: its name, status, whether it is still seen, and why it failed. */
export const statusFacts = (name: string | undefined, record: Trained, noun: string, palette: Palette): Fact[] => {
  const { status = NOTHING, missing_since, untracked_since, failure_message } = record;
  const since = (label: string, what: string, time: string | undefined) =>
    time === undefined ? [] : [{ label, value: `${what} the ${noun} since ${formatTime(time)}.` }];
  return [
    { label: 'name', value: name ?? NOTHING, paint: palette.bold },
    { label: 'status', value: status, paint: (text) => paintStatus(text, status, palette) },
    ...since('gone', 'Bedrock has not listed', missing_since),
    ...since('not tracked', 'The tracker has not followed', untracked_since),
    ...(failure_message === undefined ? [] : [{ label: 'failure', value: failure_message, paint: palette.red }]),
    ...adviceOn(failure_message),
  ];
};

const summaryFacts = (job: JobRecord, palette: Palette, now: Date): Fact[] => {
  const stall = describeStall(job, now.getTime());
  return [
    ...statusFacts(job.job_name, job, 'job', palette),
    ...(stall === undefined ? [] : [{ label: 'stalled', value: stall, paint: palette.yellow }]),
    { label: 'type', value: job.customization_type ?? NOTHING },
    { label: 'created', value: formatTime(job.creation_time) },
    ...(job.end_time === undefined ? [] : [{ label: 'ended', value: formatTime(job.end_time) }]),
    { label: 'duration', value: formatJobDuration(job, now) },
    { label: 'arn', value: job.job_arn },
    { label: 'id', value: job.job_id },
    { label: 'account', value: job.account_id },
    { label: 'region', value: job.region },
  ];
};

/** What a job's transition is about. */
export const TASK: Pick<Column<Transition>, 'title' | 'value'> = { title: 'TASK', value: subjectOf };
export const LASTED: Column<{ readonly lasted: string }> = {
  ...{ title: 'LASTED', value: ({ lasted }) => lasted, importance: 6 },
};

interface TaskRow {
  readonly task: string;
  readonly status?: string;
  readonly creation_time?: string;
  readonly last_modified_time?: string;
}

const taskRows = ({ status_details = {} }: JobRecord): TaskRow[] =>
  SUB_TASKS.flatMap((task) => {
    const details = status_details[`${task}_details`];
    return details === undefined ? [] : [{ task: task.replaceAll('_', ' '), ...details }];
  });

/** Bedrock dates a sub-task only by its start and its last change. */
const taskColumns = (palette: Palette): Column<TaskRow>[] => [
  { title: 'TASK', value: ({ task }) => task, importance: 10, least: 15 },
  statusColumn(palette),
  { title: 'STARTED', value: ({ creation_time }) => formatTime(creation_time), importance: 5 },
  { title: 'LAST CHANGE', value: (row) => formatTime(row.last_modified_time), importance: 4 },
  { title: 'DURATION', value: (row) => formatSpan(row.creation_time, row.last_modified_time), importance: 7 },
];

/** Lays out what is known of a job or model, part by part; empty parts are left out. */
export const partsFor = (terminal: Screen) => {
  const { columns, colour } = terminal;
  const { bold } = paletteOf(terminal);
  const inner = { colour, columns: columns === undefined ? undefined : Math.max(1, columns - 2) };
  const block = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', bold(title), ...lines]);
  const table = <Row>(title: string, tableColumns: readonly Column<Row>[], rows: readonly Row[]) =>
    block(title, rows.length === 0 ? [] : [...formatTable(tableColumns, rows, inner)].map((line) => `  ${line}`));
  const sections = (all: readonly Section[]) =>
    all.flatMap(({ title, facts }) => block(title, formatFacts(facts, terminal)));
  return { table, sections };
};

/** Everything that is known of a job, as lines that fit the terminal, and what serves its model. */
export const formatJob = (job: JobRecord, terminal: Screen, now: Date, serving: readonly string[] = []): string[] => {
  const palette = paletteOf(terminal);
  const { table, sections } = partsFor(terminal);
  const timeline = timelineOf(
    job.transitions,
    ({ task }) => task,
    (transition) => isFinal(job, transition),
    now,
  );
  return [
    ...formatFacts(summaryFacts(job, palette, now), terminal),
    ...serving,
    ...table('Timeline', [...transitionColumns<Lasting>(palette, TASK), LASTED], timeline),
    ...table('Sub-tasks', taskColumns(palette), taskRows(job)),
    ...sections(sectionsOf(job)),
  ];
};
