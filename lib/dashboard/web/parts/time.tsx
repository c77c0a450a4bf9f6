import type { JSX } from 'preact';
import { useNow } from '../api/clock.ts';
import { ABSENT, elapsedOf, exactTime, formatElapsed, relativeTime } from '../logic/format.ts';
import { HOUR } from '../../../domain/time.ts';

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

interface ElapsedProps {
  readonly job: { readonly creation_time?: string; readonly end_time?: string };
}

/** How often it reads differently: seconds are shown in the first hour alone. */
const intervalOf = ({ creation_time = '', end_time }: ElapsedProps['job']): number => {
  if (end_time !== undefined) return HOUR;
  return Date.now() - Date.parse(creation_time) < HOUR ? 1000 : 15_000;
};

/** How long a job took, or takes until now. */
export const Elapsed = ({ job }: ElapsedProps): JSX.Element => {
  const now = useNow(intervalOf(job));
  return <span class="number">{formatElapsed(elapsedOf(job, now))}</span>;
};
