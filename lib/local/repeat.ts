/** Work that is done again and again until it is stopped. */
export interface Repetition {
  /** Begins no further round, and ends when the present one has ended. */
  readonly stop: () => Promise<void>;
}

/** Does the work at once, then again `everyMs` after each end. The work must not reject. */
export const repeat = (everyMs: number, work: () => Promise<void>): Repetition => {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let round = Promise.resolve();
  const begin = () => {
    round = work().then(() => {
      if (!stopped) timer = setTimeout(begin, everyMs);
    });
  };
  begin();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
};
