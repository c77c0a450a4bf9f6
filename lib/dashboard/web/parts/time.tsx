import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ABSENT, elapsedOf, exactTime, formatElapsed, relativeTime, utcTime } from '../logic/format.ts';
import { HOUR } from '../../../domain/time.ts';

const listeners = new Map<number, Set<() => void>>();

/** One timer for each interval. It rests while the page is hidden, and catches up when it is shown. */
const every = (interval: number, listener: () => void): (() => void) => {
  const known = listeners.get(interval);
  const set = known ?? new Set();
  set.add(listener);
  if (known === undefined) {
    listeners.set(interval, set);
    const tick = () => {
      if (!document.hidden) for (const each of set) each();
    };
    setInterval(tick, interval);
    document.addEventListener('visibilitychange', tick);
  }
  return () => void set.delete(listener);
};

/** The current time, updated at every interval (ms). */
export const useNow = (interval: number): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => every(interval, () => setNow(Date.now())), [interval]);
  return now;
};

/** How long ago; the exact time is in its title. */
export const Ago = ({ time }: { readonly time: string | undefined }): JSX.Element => {
  const now = useNow(10_000);
  if (time === undefined) return <span class="muted">{ABSENT}</span>;
  return (
    <time dateTime={time} title={exactTime(time)}>
      {relativeTime(time, now)}
    </time>
  );
};

interface UtcProps {
  readonly time: string;
  /** Without the word UTC, where a heading has it. */
  readonly bare?: boolean;
}

/** A time in UTC; the local time is in its title. */
export const Utc = ({ time, bare = false }: UtcProps): JSX.Element => (
  <time dateTime={time} title={exactTime(time)}>
    {bare ? utcTime(time).replace(' UTC', '') : utcTime(time)}
  </time>
);

interface ElapsedProps {
  readonly job: { readonly creation_time?: string; readonly end_time?: string };
}

/** Seconds show only in the first hour. */
const intervalOf = ({ creation_time = '', end_time }: ElapsedProps['job']): number => {
  if (end_time !== undefined) return HOUR;
  return Date.now() - Date.parse(creation_time) < HOUR ? 1000 : 15_000;
};

/** How long a job took, or has taken so far. */
export const Elapsed = ({ job }: ElapsedProps): JSX.Element => {
  const now = useNow(intervalOf(job));
  return <span class="number">{formatElapsed(elapsedOf(job, now))}</span>;
};
