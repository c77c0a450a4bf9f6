/** A value that is costly to make, for all who ask. */
export interface Kept<T> {
  /** The value, made anew where it is too old. Rejects as its making does; the next who asks makes it again. */
  readonly get: () => Promise<T>;
  /** The same, or an older value or none where making it takes longer than these milliseconds. It is made all the same. */
  readonly getWithin: (patience: number) => Promise<T | undefined>;
}

/**
 * Makes a value once at a time, however many ask, and keeps it.
 *
 * @param keepFor how long a value is kept, in ms
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
    getWithin: (patience) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => resolve(kept?.value), patience);
        get()
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      }),
  };
};
