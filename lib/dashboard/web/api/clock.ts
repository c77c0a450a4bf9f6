import { useEffect, useState } from 'preact/hooks';

const listeners = new Map<number, Set<() => void>>();

/** One timer for all who show times of one fineness. It rests while nobody sees the page. */
const every = (interval: number, listener: () => void): (() => void) => {
  const known = listeners.get(interval);
  const set = known ?? new Set();
  set.add(listener);
  if (known === undefined) {
    listeners.set(interval, set);
    setInterval(() => {
      if (!document.hidden) for (const each of set) each();
    }, interval);
  }
  return () => void set.delete(listener);
};

/** The present time, anew at every interval (ms). */
export const useNow = (interval: number): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => every(interval, () => setNow(Date.now())), [interval]);
  return now;
};
