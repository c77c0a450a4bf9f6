const PAUSE_MS = 5;
const DEFAULT_LIMIT_MS = 10_000;

/**
 * Tries until `look` no longer throws, and gives what it gave. After the limit (in ms) it throws what `look` threw
 * last: the assertion that never held.
 */
export const eventually = async <T>(look: () => Promise<T> | T, limitMs = DEFAULT_LIMIT_MS): Promise<T> => {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
};
