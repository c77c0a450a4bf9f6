import { useEffect, useState } from 'preact/hooks';
import { isTerminal } from '../../../domain/record.ts';
import type { JobsAnswer, JobSummary } from '../../api.ts';
import { jobPath } from '../logic/addresses.ts';
import { endedNotification, formatFollows, parseFollows, type Followed, type Follows } from '../logic/follows.ts';
import { readStored, STORED, writeStored } from './stored.ts';
import { API, getJson } from './http.ts';
import { listenWhileHidden, onArrival, type Changed } from './live.ts';

const NAME = 'follows';

let follows: Follows = parseFollows(readStored(NAME) ?? '');
/** Jobs of another table, which was served at this address before. */
const unknown = new Set<string>();
const listeners = new Set<() => void>();

const note = (next: Follows): void => {
  follows = next;
  listenWhileHidden([...follows].some(([arn, { ended }]) => ended === undefined && !unknown.has(arn)));
  for (const listener of listeners) listener();
};

const change = (edit: (entries: Map<string, Followed>) => void): void => {
  // Another tab may have changed them. A browser that forbids storage gives nothing back.
  const stored = readStored(NAME);
  const entries = new Map(stored === undefined ? follows : parseFollows(stored));
  edit(entries);
  writeStored(NAME, formatFollows(entries));
  note(entries);
};

/** Tells the person when this job ends. */
export const follow = (jobArn: string, name: string): void => change((entries) => entries.set(jobArn, { name }));
/** Ends that, or takes note that the person has seen its end. */
export const unfollow = (jobArn: string): void => change((entries) => entries.delete(jobArn));

/** Chrome for Android has them in service workers only, and throws. */
const notify = (job: JobSummary): void => {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const { title, body } = endedNotification(job);
  try {
    const notification = new Notification(title, { body, tag: job.job_arn, icon: '/favicon.svg' });
    notification.addEventListener('click', () => {
      notification.close();
      window.focus();
      if (location.pathname !== jobPath(job.job_arn)) window.open(jobPath(job.job_arn));
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
};

const look = async (arn: string): Promise<void> => {
  const { jobs } = await getJson<JobsAnswer>(API.jobs(new URLSearchParams({ search: arn }).toString()));
  const job = jobs.find(({ job_arn }) => job_arn === arn);
  if (job === undefined) unknown.add(arn);
  else unknown.delete(arn);
  const followed = follows.get(arn);
  if (job === undefined || !isTerminal(job) || followed === undefined || followed.ended !== undefined) {
    note(follows);
    return;
  }
  change((entries) => entries.set(arn, { ...followed, ended: job.status ?? 'ended' }));
  notify(job);
};

/** Looks at the followed jobs that changed. A failed look is made up for by the next change or connection. */
const lookAt = (changed: Changed): void => {
  for (const [arn, { ended }] of follows) {
    if (ended === undefined && (changed === 'all' || changed.includes(arn))) void look(arn).catch(() => undefined);
  }
};

/** One tab, the connected one, looks and notifies for all; the others see in the storage what it found. */
export const watchFollows = (): void => {
  onArrival(lookAt);
  addEventListener('storage', ({ key, newValue }) => {
    if (key === STORED + NAME || key === null) note(parseFollows(newValue ?? ''));
  });
  note(follows);
};

/** The followed jobs, in every tab. */
export const useFollows = (): Follows => {
  const [current, setCurrent] = useState(follows);
  useEffect(() => {
    const listener = () => setCurrent(follows);
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return current;
};
