import { InvalidArgumentError } from 'commander';
import { formatDuration } from '../domain/duration.ts';

const UNITS = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SPAN = /^(?<amount>\d{1,6}(?:\.\d{1,3})?)(?<unit>s|min|h|d)$/;

/** Reads a span of time such as `10s`, `30min`, `2h` or `1d`, in milliseconds, within limits. */
export const span =
  (least: number, most: number) =>
  (text: string): number => {
    const { amount, unit } = SPAN.exec(text)?.groups ?? {};
    const ms = Number(amount) * UNITS[unit as keyof typeof UNITS];
    if (ms >= least && ms <= most) return ms;
    throw new InvalidArgumentError(
      `It must be a span of time, such as 10s, 30min, 2h or 1d, from ${formatDuration(least)} to ${formatDuration(most)}.`,
    );
  };

export const SECOND = UNITS.s;
export const MINUTE = UNITS.min;
export const HOUR = UNITS.h;
export const DAY = UNITS.d;
