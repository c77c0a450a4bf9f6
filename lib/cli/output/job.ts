import { SUB_TASKS, type JobRecord } from '../../domain/record.ts';
import type { Terminal } from '../context.ts';
import { sectionsOf } from '../job-facts.ts';
import { timelineOf, type TimelineRow } from '../transition-rows.ts';
import { paintStatus, paletteOf } from './colours.ts';
import { formatFacts, type Fact } from './facts.ts';
import { formatTable, type Column } from './table.ts';
import { formatSpan, formatTime } from './time.ts';
import { transitionColumns } from './transition-columns.ts';
import { formatLasting, NOTHING } from './words.ts';

type Screen = Pick<Terminal, 'columns' | 'colour'>;

const summary = (job: JobRecord, screen: Screen, now: Date): Fact[] => {
  const palette = paletteOf(screen);
  const { status = NOTHING, missing_since, untracked_since, failure_message } = job;
  return [
    { label: 'name', value: job.job_name ?? NOTHING, paint: palette.bold },
    { label: 'status', value: status, paint: (text) => paintStatus(text, status, palette) },
    ...(missing_since === undefined
      ? []
      : [{ label: 'gone', value: `Bedrock no longer knows the job since ${formatTime(missing_since)}.` }]),
    ...(untracked_since === undefined
      ? []
      : [{ label: 'not tracked', value: `The tracker no longer follows it since ${formatTime(untracked_since)}.` }]),
    ...(failure_message === undefined ? [] : [{ label: 'failure', value: failure_message, paint: palette.red }]),
    { label: 'type', value: job.customization_type ?? NOTHING },
    { label: 'created', value: formatTime(job.creation_time) },
    ...(job.end_time === undefined ? [] : [{ label: 'ended', value: formatTime(job.end_time) }]),
    { label: 'took', value: formatLasting(job, now) },
    { label: 'arn', value: job.job_arn },
    { label: 'id', value: job.job_id },
    { label: 'account', value: job.account_id },
    { label: 'region', value: job.region },
  ];
};

const timeline = (job: JobRecord, screen: Screen, now: Date): string[] => {
  const palette = paletteOf(screen);
  const columns: Column<TimelineRow>[] = [
    ...transitionColumns(palette),
    { title: 'LASTED', value: ({ lasted }) => lasted, importance: 6, least: 8 },
  ];
  return [...formatTable(columns, timelineOf(job, now), screen)];
};

interface TaskRow {
  readonly task: string;
  readonly status?: string;
  readonly creation_time?: string;
  readonly last_modified_time?: string;
}

/** The sub-tasks as Bedrock tells them: it dates only when each began and moved last. */
const tasks = ({ status_details = {} }: JobRecord, screen: Screen): string[] => {
  const palette = paletteOf(screen);
  const rows = SUB_TASKS.flatMap((task): TaskRow[] => {
    const details = status_details[`${task}_details`];
    return details === undefined ? [] : [{ task: task.replaceAll('_', ' '), ...details }];
  });
  const columns: Column<TaskRow>[] = [
    { title: 'TASK', value: ({ task }) => task, importance: 9, least: 6 },
    {
      title: 'STATUS',
      value: ({ status = NOTHING }) => status,
      importance: 8,
      least: 10,
      paint: (text, { status }) => paintStatus(text, status, palette),
    },
    { title: 'BEGAN', value: ({ creation_time }) => formatTime(creation_time), importance: 5, least: 17 },
    { title: 'MOVED LAST', value: (row) => formatTime(row.last_modified_time), importance: 4, least: 17 },
    { title: 'TOOK', value: (row) => formatSpan(row.creation_time, row.last_modified_time), importance: 7, least: 8 },
  ];
  return rows.length === 0 ? [] : [...formatTable(columns, rows, screen)];
};

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** All that is known of a job, as lines that fit the terminal. */
export const formatJob = (job: JobRecord, terminal: Screen, now: Date): string[] => {
  const palette = paletteOf(terminal);
  const { columns } = terminal;
  // Tables stand indented below their titles.
  const inner = { colour: terminal.colour, columns: columns === undefined ? undefined : Math.max(1, columns - 2) };
  const block = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', palette.bold(title), ...lines];
  const sections = sectionsOf(job).flatMap(({ title, facts }) => block(title, formatFacts(facts, terminal)));
  return [
    ...formatFacts(summary(job, terminal, now), terminal),
    ...block('Timeline', indented(timeline(job, inner, now))),
    ...block('Sub-tasks', indented(tasks(job, inner))),
    ...sections,
  ];
};
