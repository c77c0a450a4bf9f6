import { formatDuration } from '../../domain/time.ts';
import { counted } from '../../domain/text.ts';
import type { JobSummary } from '../../client/requests.ts';
import type { Terminal } from '../context.ts';
import { paintStatus, paletteOf } from '../output/colours.ts';
import { formatTable, type Column } from '../output/table.ts';
import { visible } from '../output/text.ts';
import { formatAge, formatTime } from '../output/time.ts';
import { formatLasting, modelName, NOTHING } from '../output/words.ts';
import { stateOf } from './job-state.ts';
import { isMoving } from './look.ts';

/** What a live view shows. */
export interface View {
  readonly jobs: readonly JobSummary[];
  /** When the jobs were looked at. */
  readonly lookedAt: Date;
  /** For how long a job stays that has ended, in milliseconds. */
  readonly window: number;
  /** What went wrong since, in a sentence. */
  readonly trouble?: string;
}

type Size = Pick<Terminal, 'columns' | 'rows' | 'colour'>;

const DEFAULT_ROWS = 24;
/** The heading, an empty line and the titles; and the last line, which stays free so that nothing scrolls. */
const OTHER_LINES = 4;

const fate = (job: JobSummary): string => {
  if (job.missing_since !== undefined) return ' (gone)';
  return job.untracked_since === undefined ? '' : ' (not tracked)';
};

const varies = (jobs: readonly JobSummary[], member: 'region' | 'account_id'): boolean =>
  new Set(jobs.map((job) => job[member])).size > 1;

const columnsOf = (jobs: readonly JobSummary[], now: Date, size: Size): Column<JobSummary>[] => {
  const palette = paletteOf(size);
  return [
    { title: 'NAME', value: (job) => job.job_name ?? NOTHING, importance: 10, least: 12 },
    {
      title: 'STATUS',
      value: (job) => (isMoving(job) ? stateOf(job) : `${job.status ?? NOTHING}${fate(job)}`),
      importance: 9,
      least: 12,
      paint: (text, { status }) => paintStatus(text, status, palette),
    },
    { title: 'TOOK', value: (job) => formatLasting(job, now), importance: 8, least: 12 },
    {
      title: 'MOVED LAST',
      value: ({ last_modified_time: time }) => (time === undefined ? NOTHING : formatAge(time, now)),
      importance: 6,
      least: 10,
    },
    { title: 'MODEL', value: ({ base_model_arn: arn }) => modelName(arn), importance: 5, least: 12 },
    ...(varies(jobs, 'region')
      ? [{ title: 'REGION', value: ({ region }: JobSummary) => region, importance: 4, least: 9 }]
      : []),
    ...(varies(jobs, 'account_id')
      ? [{ title: 'ACCOUNT', value: ({ account_id }: JobSummary) => account_id, importance: 4, least: 12 }]
      : []),
  ];
};

const heading = ({ jobs, lookedAt, window }: View): string => {
  const moving = jobs.filter(isMoving).length;
  const others = jobs.length - moving;
  const ended = others === 0 ? '' : `, ${others} ended in the last ${formatDuration(window)}`;
  return `${moving === 0 ? 'No active job' : counted(moving, 'active job')}${ended}. ${formatTime(lookedAt.toISOString())}, Ctrl-C ends this.`;
};

/** A live view as lines that fit the terminal, as many as it has rows for. */
export const linesOf = (view: View, size: Size, now: Date): string[] => {
  const palette = paletteOf(size);
  const cut = (line: string): string => line.slice(0, size.columns);
  const first = cut(heading(view));
  const trouble = view.trouble === undefined ? [] : [palette.yellow(cut(visible(view.trouble)))];
  const room = Math.max(1, (size.rows ?? DEFAULT_ROWS) - OTHER_LINES - trouble.length);
  const { jobs } = view;
  // The last row says how many there are besides.
  const shown = jobs.length <= room ? jobs : jobs.slice(0, Math.max(1, room - 1));
  const table = shown.length === 0 ? [] : ['', ...formatTable(columnsOf(shown, now, size), shown, size)];
  const rest = jobs.length - shown.length;
  return [palette.bold(first), ...trouble, ...table, ...(rest === 0 ? [] : [cut(`… and ${rest} more`)])];
};

const HOME = '\u001b[H';
const CLEAR = '\u001b[2J';
const TO_END_OF_LINE = '\u001b[K';
const TO_END = '\u001b[J';
/** The terminal shows what lies between at once, where it knows these; others pass over them. */
const TOGETHER = ['\u001b[?2026h', '\u001b[?2026l'] as const;

/** Draws one view over the other without clearing the screen between them, which would flicker. */
export const createScreen = (terminal: Pick<Terminal, 'write' | keyof Size>) => {
  let drawn: string | undefined;
  return async (view: View, now: Date): Promise<void> => {
    const size = `${terminal.columns ?? 0}x${terminal.rows ?? 0}`;
    // Lines of another width were broken by the terminal: what they left is not where it was.
    const start = size === drawn ? HOME : `${CLEAR}${HOME}`;
    drawn = size;
    const lines = linesOf(view, terminal, now).map((line) => `${line}${TO_END_OF_LINE}\n`);
    await terminal.write(`${TOGETHER[0]}${start}${lines.join('')}${TO_END}${TOGETHER[1]}`);
  };
};
