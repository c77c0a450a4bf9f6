import { afterEach, jest } from '@jest/globals';

type Closable = { readonly close: () => Promise<void> };

/** Nothing is timed: a test ends when its condition holds, and a busy machine may take long to get there. */
const TIME_LIMIT_MS = 60_000;

/** Closes what a test opened when it ends. Call once at the top of a file. */
export const closeAfterEach = (): (<T extends Closable>(opening: Promise<T>) => Promise<T>) => {
  jest.setTimeout(TIME_LIMIT_MS);
  const opened: Closable[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  return async (opening) => {
    const value = await opening;
    opened.push(value);
    return value;
  };
};
