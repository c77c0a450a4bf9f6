import { isTerminal, type MetricNumber } from '../../domain/record.ts';
import { formatDuration, millisecondsBetween } from '../../domain/time.ts';

/** What stands where there is nothing to say. */
export const NOTHING = '–';

/** The model's own part of an ARN: `amazon.nova-lite-v1:0:300k`, or of a custom model what it was made from and its id. */
export const modelName = (arn: string | undefined): string =>
  arn === undefined ? NOTHING : arn.slice(arn.indexOf('/') + 1);

/** A loss with the digits that tell two jobs apart. */
export const formatNumber = (value: MetricNumber | undefined): string => {
  if (value === undefined) return NOTHING;
  const number = Number(value);
  return Number.isFinite(number) ? String(Number(number.toPrecision(5))) : String(value);
};

/** "87 %", or "87.5 %" where a tenth matters. */
export const formatShare = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** The times that say how long a job took. */
export interface Lasting {
  readonly status?: string;
  readonly creation_time?: string;
  readonly end_time?: string;
}

/** How long a job took, or has been going by now: `3 h 12 min`, `12 min 5 s so far`. */
export const formatLasting = (job: Lasting, now: Date): string => {
  const { creation_time: from, end_time: to } = job;
  if (from === undefined || (to === undefined && isTerminal(job))) return NOTHING;
  const ms = millisecondsBetween(from, to ?? now.toISOString());
  if (ms === undefined) return NOTHING;
  return to === undefined ? `${formatDuration(ms)} so far` : formatDuration(ms);
};
