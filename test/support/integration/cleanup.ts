import { afterEach } from '@jest/globals';

type Closable = { readonly close: () => Promise<void> };

/** Closes what a test opened when it ends. Call once at the top of a file. */
export const closeAfterEach = (): (<T extends Closable>(opening: Promise<T>) => Promise<T>) => {
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
