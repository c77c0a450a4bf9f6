import { DAY, HOUR, MINUTE, formatDuration, millisecondsBetween } from '../../../domain/time.ts';
import type { MetricNumber } from '../../../domain/record.ts';

/** From then on, dates replace numbers of days. */
const DATED_AFTER = 30 * DAY;

/** Shown for an absent value. */
export const ABSENT = '–';

const labelsOf = (entries: Readonly<Record<string, string>>) => {
  const labels = new Map(Object.entries(entries));
  // Values that AWS adds show as they are.
  return (value: string | undefined): string => (value === undefined ? ABSENT : (labels.get(value) ?? value));
};

const TYPE_LABELS = {
  FINE_TUNING: 'Fine-tuning',
  CONTINUED_PRE_TRAINING: 'Continued pre-training',
  DISTILLATION: 'Distillation',
  REINFORCEMENT_FINE_TUNING: 'Reinforcement fine-tuning',
  IMPORTED: 'Imported',
};

export const TYPES: readonly string[] = Object.keys(TYPE_LABELS);
export const typeLabel = labelsOf(TYPE_LABELS);
export const statusLabel = labelsOf({ InProgress: 'In progress', NotStarted: 'Not started', InService: 'In service' });
export const taskLabel = labelsOf({
  validation: 'Validation',
  data_processing: 'Data processing',
  training: 'Training',
});

/** The id of a foundation or custom model. */
export const modelName = (arn: string | undefined): string => {
  if (arn === undefined) return ABSENT;
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  return arn.includes(':custom-model/') ? `custom model ${id}` : id;
};

/** A foundation model's id without its provider and version, for where the whole id is in the title. */
export const shortModelName = (arn: string | undefined): string =>
  modelName(arn)
    .replace(/^[a-z0-9-]+\.(?=[a-z])/, '')
    .replace(/-v\d+:.*$/, '');

/** `us-east-1 · 123456789012` for `123456789012#us-east-1`. */
export const scopeLabel = (scope: string): string => {
  const [account, region] = scope.split('#');
  return region === undefined ? scope : `${region} · ${account ?? ''}`;
};

/** Four significant digits, as losses differ by factors. */
export const formatLoss = (loss: MetricNumber | undefined): string => {
  if (loss === undefined) return ABSENT;
  const value = Number(loss);
  if (!Number.isFinite(value)) return String(loss);
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
};

export const formatPercent = (share: number): string =>
  `${(share * 100).toFixed(share > 0 && share < 1 ? 1 : 0).replace(/\.0$/, '')} %`;

/** How long ago a time was; its date after 30 days. */
export const relativeTime = (iso: string, now: number): string => {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return iso;
  const ms = now - time;
  if (ms > DATED_AFTER) return iso.slice(0, 10);
  if (ms < 0) return ms > -MINUTE ? 'just now' : `in ${formatDuration(-ms).replace(/ \d+ \w+$/, '')}`;
  if (ms < 10_000) return 'just now';
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`;
  return `${Math.floor(ms / DAY)} d ago`;
};

/** `2026-08-09 21:22:58 UTC`; text that is not a time stays as it is. */
export const utcTime = (iso: string): string =>
  Number.isNaN(Date.parse(iso)) ? iso : `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const LOCAL = {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
} as const;

/** The time in UTC and in the local time zone, or another. */
export const exactTime = (iso: string, locale?: string, timeZone?: string): string => {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const local = time.toLocaleString(locale, { ...LOCAL, ...(timeZone !== undefined && { timeZone }) });
  return `${utcTime(iso)}\n${local} (local time)`;
};

/** Milliseconds that a job took, or has taken so far; undefined if its start is unknown. */
export const elapsedOf = (
  job: { readonly creation_time?: string; readonly end_time?: string },
  now: number,
): number | undefined =>
  job.creation_time === undefined
    ? undefined
    : millisecondsBetween(job.creation_time, job.end_time ?? new Date(now).toISOString());

export const formatElapsed = (ms: number | undefined): string => (ms === undefined ? ABSENT : formatDuration(ms));

/** "1 job", "2 jobs", "1,204 jobs". */
export const formatCount = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

export const formatDollars = (usd: number): string =>
  usd.toLocaleString('en', { style: 'currency', currency: 'USD', maximumFractionDigits: usd < 100 ? 2 : 0 });
