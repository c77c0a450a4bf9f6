/** Runs something later, by the same time that the injected clock shows. */
export interface Scheduler {
  /** Runs `task` once, `delayMs` from now; the answer cancels it. */
  readonly after: (delayMs: number, task: () => void) => () => void;
}

// setTimeout fires at once where the delay exceeds 31 bits (24.8 days).
const LONGEST_DELAY = 2 ** 31 - 1;

/** The real time. A timer never keeps the process alive. */
export const systemScheduler: Scheduler = {
  after: (delayMs, task) => {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      timer = setTimeout(
        () => {
          if (left > LONGEST_DELAY) arm(left - LONGEST_DELAY);
          else task();
        },
        Math.min(Math.max(left, 0), LONGEST_DELAY),
      ).unref();
    };
    arm(delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
