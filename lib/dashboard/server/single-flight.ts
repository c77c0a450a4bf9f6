/** A costly value, shared by all callers. */
export interface Kept<T> {
  /** The value, recomputed when it is too old. Rejects when computing it does; the next call then tries again. */
  readonly get: () => Promise<T>;
  /** The same, but after `timeout` ms the older value or undefined. The computation goes on for the next call. */
  readonly getWithin: (timeout: number) => Promise<T | undefined>;
}

/**
 * Computes a value once at a time, however many callers ask, and keeps it.
 *
 * @param keepFor how long to keep a value, in ms
 * @param now milliseconds since 1970
 */
export const keep = <T>(make: () => Promise<T>, keepFor: (value: T) => number, now: () => number): Kept<T> => {
  let kept: { readonly value: T; readonly until: number } | undefined;
  let running: Promise<T> | undefined;
  const run = async (): Promise<T> => {
    try {
      const value = await make();
      kept = { value, until: now() + keepFor(value) };
      return value;
    } finally {
      running = undefined;
    }
  };
  const get = (): Promise<T> => {
    if (kept !== undefined && now() < kept.until) return Promise.resolve(kept.value);
    running ??= run();
    return running;
  };
  return {
    get,
    getWithin: (timeout) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => resolve(kept?.value), timeout);
        get()
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      }),
  };
};
