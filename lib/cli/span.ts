import { InvalidArgumentError } from 'commander';
import { DAY, formatDuration, HOUR, MINUTE, SECOND } from '../domain/time.ts';

const UNITS = { s: SECOND, min: MINUTE, h: HOUR, d: DAY } as const;
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
