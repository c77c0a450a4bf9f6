import { type ApiProblem, asProblem, getJson } from './http.ts';

/** The state of an address. A value stays while it is read again, and when that fails. */
export interface Cached<T> {
  readonly value?: T;
  readonly problem?: ApiProblem;
  readonly loading: boolean;
}

interface Entry {
  state: Cached<unknown>;
  readonly listeners: Set<() => void>;
  inFlight?: Promise<void> | undefined;
  /** Counts loads: an address that changes during a read is read once more. */
  asked: number;
}

const entries = new Map<string, Entry>();
/** Kept for going back. */
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

const readUntilQuiet = async (path: string, entry: Entry): Promise<void> => {
  const { asked } = entry;
  change(entry, { ...entry.state, loading: true });
  try {
    change(entry, { value: await getJson(path), loading: false });
  } catch (error) {
    change(entry, { ...entry.state, problem: asProblem(error), loading: false });
  }
  if (entry.asked !== asked) await readUntilQuiet(path, entry);
};

/** Reads an address: once for concurrent calls, and once more if it was asked for meanwhile. */
export const load = (path: string): Promise<void> => {
  const entry = entryOf(path);
  entry.asked += 1;
  entry.inFlight ??= readUntilQuiet(path, entry).finally(() => {
    entry.inFlight = undefined;
  });
  return entry.inFlight;
};

export const peek = <T>(path: string): Cached<T> => entryOf(path).state as Cached<T>;

/** Sets a known value, such as one that an event brought. */
export const put = (path: string, value: unknown): void => change(entryOf(path), { value, loading: false });

const forgetUnused = (): void => {
  const unused = [...entries].filter(([, entry]) => entry.listeners.size === 0 && entry.inFlight === undefined);
  for (const [path] of unused.slice(0, Math.max(0, unused.length - MOST_UNUSED))) entries.delete(path);
};

/** Calls back on every change of an address. Returns what ends that. */
export const subscribe = (path: string, listener: () => void): (() => void) => {
  const entry = entryOf(path);
  entry.listeners.add(listener);
  return () => {
    entry.listeners.delete(listener);
    forgetUnused();
  };
};

/** Reads again what a page shows, and forgets the rest. */
export const invalidate = (concerns: (path: string) => boolean): void => {
  for (const [path, entry] of entries) {
    if (!concerns(path)) continue;
    if (entry.listeners.size > 0) void load(path);
    else if (entry.inFlight === undefined) entries.delete(path);
  }
};
