import { ApiProblem, getJson } from './http.ts';

/** What is known of an address. A value stays while it is read anew, and when that fails. */
export interface Cached<T> {
  readonly value?: T;
  readonly problem?: ApiProblem;
  readonly loading: boolean;
}

interface Entry {
  state: Cached<unknown>;
  readonly listeners: Set<() => void>;
  inFlight?: Promise<void> | undefined;
  /** How often it was asked for: what is asked while it is read may have changed since. */
  asked: number;
}

const entries = new Map<string, Entry>();
/** Pages that nobody looks at are kept for going back. */
const MOST_UNUSED = 40;

const entryOf = (path: string): Entry => {
  const known = entries.get(path);
  if (known !== undefined) return known;
  const entry: Entry = { state: { loading: false }, listeners: new Set(), asked: 0 };
  entries.set(path, entry);
  return entry;
};

const change = (entry: Entry, state: Cached<unknown>): void => {
  entry.state = state;
  for (const listener of entry.listeners) listener();
};

const asProblem = (error: unknown): ApiProblem =>
  error instanceof ApiProblem ? error : new ApiProblem(error instanceof Error ? error.message : String(error), 0);

const readOnce = async (path: string, entry: Entry): Promise<void> => {
  change(entry, { ...entry.state, loading: true });
  try {
    change(entry, { value: await getJson(path), loading: false });
  } catch (error) {
    change(entry, { ...entry.state, problem: asProblem(error), loading: false });
  }
};

const readUntilQuiet = async (path: string, entry: Entry): Promise<void> => {
  const { asked } = entry;
  await readOnce(path, entry);
  if (entry.asked !== asked) await readUntilQuiet(path, entry);
};

/** Reads an address, once for all who ask at the same time, and once more where it changed meanwhile. */
export const load = (path: string): Promise<void> => {
  const entry = entryOf(path);
  entry.asked += 1;
  entry.inFlight ??= readUntilQuiet(path, entry).finally(() => {
    entry.inFlight = undefined;
  });
  return entry.inFlight;
};

export const peek = <T>(path: string): Cached<T> => entryOf(path).state as Cached<T>;

/** Takes what is known already, such as what an event brought. */
export const put = (path: string, value: unknown): void => change(entryOf(path), { value, loading: false });

const forgetUnused = (): void => {
  const unused = [...entries].filter(([, entry]) => entry.listeners.size === 0 && entry.inFlight === undefined);
  for (const [path] of unused.slice(0, Math.max(0, unused.length - MOST_UNUSED))) entries.delete(path);
};

/** Tells of every change of an address until the answer is called. */
export const subscribe = (path: string, listener: () => void): (() => void) => {
  const entry = entryOf(path);
  entry.listeners.add(listener);
  return () => {
    entry.listeners.delete(listener);
    forgetUnused();
  };
};

/** Reads anew what is looked at, and forgets the rest: it would be out of date when it is looked at again. */
export const invalidate = (concerns: (path: string) => boolean): void => {
  for (const [path, entry] of entries) {
    if (!concerns(path)) continue;
    if (entry.listeners.size > 0) void load(path);
    else if (entry.inFlight === undefined) entries.delete(path);
  }
};
