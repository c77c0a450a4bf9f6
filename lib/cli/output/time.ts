import { formatDuration, millisecondsBetween } from '../../domain/time.ts';
import { visible } from './text.ts';

/** A time of a record, in UTC to the second: `2026-08-10T02:00:00Z`. */
export const formatTime = (iso: string | undefined): string => {
  if (iso === undefined) return '–';
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? visible(iso) : new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
};

/** How long from one time to another: `3 h 12 min`, or a dash where that is not known. */
export const formatSpan = (from: string | undefined, to: string | undefined): string => {
  const ms = from === undefined || to === undefined ? undefined : millisecondsBetween(from, to);
  return ms === undefined ? '–' : formatDuration(ms);
};

/** How long ago a time was: `3 min 2 s ago`. */
export const formatAge = (iso: string, now: Date): string =>
  `${formatDuration(Math.max(0, now.getTime() - Date.parse(iso)))} ago`;
