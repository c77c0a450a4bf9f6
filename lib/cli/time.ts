import { InvalidArgumentError } from 'commander';
import { beginsWithDay, DAY, HOUR, MINUTE, SECOND } from '../domain/time.ts';

const UNITS = { s: SECOND, min: MINUTE, h: HOUR, d: DAY, w: 7 * DAY } as const;
const AGE = /^(?<amount>\d{1,6})(?<unit>s|min|h|d|w)$/;
/** A day, or a time with its offset: without one, the same text would mean another moment on another machine. */
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** A moment as a person gives it, read when the command runs: ages count from then. */
export type Moment = (now: Date) => Date;

/** Reads `2026-11-21`, `2026-11-21T04:36:24Z`, or an age such as `30min`, `12h`, `7d` or `2w`. */
export const moment = (text: string): Moment => {
  const { amount, unit } = AGE.exec(text)?.groups ?? {};
  if (amount !== undefined && unit !== undefined)
    return (now) => new Date(now.getTime() - Number(amount) * UNITS[unit as keyof typeof UNITS]);
  const time = new Date(text);
  if (TIME.test(text) && beginsWithDay(text) && !Number.isNaN(time.getTime())) return () => time;
  throw new InvalidArgumentError(
    'It must be a UTC day (2026-11-21), a time with its offset (2026-11-21T04:36:24Z), or an age (30min, 12h, 7d, 2w).',
  );
};
