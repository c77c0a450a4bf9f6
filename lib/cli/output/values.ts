import pico from 'picocolors';
import { formatDuration, millisecondsBetween } from '../../domain/time.ts';
import { isTerminal, type JobRecord, type MetricNumber } from '../../domain/record.ts';
import { modelIdOf } from '../../domain/run.ts';
import { escapeUnsafe, visible } from '../../operator/visible.ts';
import type { Terminal } from '../context.ts';

export { visible, visibleLines } from '../../operator/visible.ts';

/** A value as JSON that is safe to print. */
export const toJson = (value: unknown, indent?: number): string => escapeUnsafe(JSON.stringify(value, null, indent));

/** One JSON document on standard output, which is all that `--json` prints there. */
export const printJson = ({ print }: Pick<Terminal, 'print'>, value: unknown): void => {
  print(toJson(value, 2));
};

export type Palette = Pick<
  ReturnType<typeof pico.createColors>,
  'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan'
>;

/** Colours where the terminal shows them, else plain text. */
export const paletteOf = ({ colour }: Pick<Terminal, 'colour'>): Palette => pico.createColors(colour);

/** A status in its colour. The word says the same: colour alone carries no meaning. */
export const paintStatus = (text: string, status: string | undefined, palette: Palette): string => {
  switch (status) {
    case 'Completed':
    case 'Active':
    case 'InService':
      return palette.green(text);
    case 'Failed':
      return palette.red(text);
    case 'Stopped':
    case 'Stopping':
    case 'Idle':
    case 'idle':
    case 'orphaned':
      return palette.yellow(text);
    case 'InProgress':
    case 'Creating':
    case 'Updating':
      return palette.cyan(text);
    default:
      return text;
  }
};

/** Stands for an absent value. */
export const NOTHING = '–';

/** The model part of an ARN: `amazon.nova-lite-v1:0:300k`; of a custom model also its id. */
export const modelName = (arn: string | undefined): string => modelIdOf(arn) ?? NOTHING;

/** A loss with the digits that distinguish two jobs. */
export const formatNumber = (value: MetricNumber | undefined): string => {
  if (value === undefined) return NOTHING;
  const number = Number(value);
  return Number.isFinite(number) ? String(Number(number.toPrecision(5))) : String(value);
};

/** A count as a person reads it: `12,345.5`. */
export const formatCount = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

/** "87 %", or "87.5 %" where a tenth matters. */
export const formatShare = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** A time of a record, in UTC to the second: `2026-08-10T02:00:00Z`. */
export const formatTime = (iso: string | undefined): string => {
  if (iso === undefined) return NOTHING;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? visible(iso) : new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
};

/** The time from one moment to another: `3 h 12 min`, or a dash where it is not known. */
export const formatSpan = (from: string | undefined, to: string | undefined): string => {
  const ms = from === undefined || to === undefined ? undefined : millisecondsBetween(from, to);
  return ms === undefined ? NOTHING : formatDuration(ms);
};

/** How long ago a time was: `3 min 2 s ago`. */
export const formatAge = (iso: string, now: Date): string =>
  `${formatDuration(Math.max(0, now.getTime() - Date.parse(iso)))} ago`;

/** How long a job took, or has run by now: `3 h 12 min`, `12 min 5 s so far`. */
export const formatJobDuration = (job: Partial<JobRecord>, now: Date, suffix = ' so far'): string => {
  const { creation_time: from, end_time: to } = job;
  if (to !== undefined) return formatSpan(from, to);
  const span = isTerminal(job) ? NOTHING : formatSpan(from, now.toISOString());
  return span === NOTHING ? NOTHING : `${span}${suffix}`;
};
