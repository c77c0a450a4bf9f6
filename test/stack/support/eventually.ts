import { setTimeout as pause } from 'node:timers/promises';

/** Looks until there is something, or a deadline. What the last look threw is told. */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  seconds = 20,
): Promise<T> => {
  let last: unknown = 'it was not there';
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = 'it was not there';
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`Not within ${seconds} s: ${what}`, { cause: last });
};
