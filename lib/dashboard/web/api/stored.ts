/** Before the name of each setting that the browser keeps. */
export const STORED = 'bedrock-jobs.';

/** What the browser keeps under a name; undefined without it, and where it forbids storage. */
export const readStored = (name: string): string | undefined => {
  try {
    return localStorage.getItem(STORED + name) ?? undefined;
  } catch {
    return undefined;
  }
};

export const writeStored = (name: string, text: string): void => {
  try {
    localStorage.setItem(STORED + name, text);
  } catch {
    // Storage is forbidden, or full.
  }
};
