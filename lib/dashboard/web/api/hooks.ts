import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { SECOND } from '../../../domain/time.ts';
import type { Overview, Session } from '../../api.ts';
import { useNow } from '../parts/time.tsx';
import { load, peek, subscribe, type Cached } from './cache.ts';
import { API } from './http.ts';
import { readStored, writeStored } from './stored.ts';
import { liveState, mergeChanged, onJobsChanged, onLiveState, type Changed, type LiveState } from './live.ts';

/**
 * The answers of several addresses, in their order: from the cache at once, loaded when missing, redrawn on a change.
 *
 * @param retry whether to load an address again that failed before
 */
export const useApis = <T>(paths: readonly string[], retry = true): Cached<T>[] => {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => {
    const stops = paths.map((path) => subscribe(path, () => redraw(undefined)));
    for (const path of paths) {
      const { value, loading, problem } = peek(path);
      if (value === undefined && !loading && (retry || problem === undefined)) void load(path);
    }
    redraw(undefined);
    return () => stops.forEach((stop) => stop());
  }, [paths.join(' ')]);
  return paths.map((path) => peek<T>(path));
};

export const useApi = <T>(path: string): Cached<T> & { readonly reload: () => void } => {
  const [state = { loading: false }] = useApis<T>([path]);
  const reload = useCallback(() => void load(path), [path]);
  return { ...state, reload };
};

/** An answer that is read again while the page is visible: the stream of updates tells of jobs and health alone. */
export const usePolled = <T>(path: string): ReturnType<typeof useApi<T>> => {
  const state = useApi<T>(path);
  const now = useNow(Math.max(5 * SECOND, useSession()?.updateInterval ?? 0));
  useEffect(() => {
    if (!peek(path).loading) void load(path);
  }, [now, path]);
  return state;
};

/** Between two reads while the sums are pending. */
const PENDING_MS = 1000;

/**
 * The overview, read again until it has its sums.
 *
 * @param isWanted false while something else should be read first: the sums of a large table keep the server busy
 */
export const useOverview = (isWanted = true): ReturnType<typeof useApi<Overview>> => {
  const [state = peek<Overview>(API.overview)] = useApis<Overview>(isWanted ? [API.overview] : []);
  const reload = useCallback(() => void load(API.overview), []);
  const { value } = state;
  useEffect(() => {
    if (value?.pending !== true) return undefined;
    const timer = setTimeout(reload, PENDING_MS);
    return () => clearTimeout(timer);
  }, [value, reload]);
  return { ...state, reload };
};

/** Calls back when jobs changed, at most once in `pause` milliseconds, with all changes of that time. */
export const useJobsChanged = (callback: (changed: Changed) => void, pause = 1000): void => {
  const latest = useRef(callback);
  latest.current = callback;
  useEffect(() => {
    let waiting: Changed | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      if (waiting === undefined) return;
      const changed = waiting;
      waiting = undefined;
      timer = setTimeout(flush, pause);
      latest.current(changed);
    };
    const stop = onJobsChanged((changed) => {
      waiting = mergeChanged(waiting, changed);
      if (timer === undefined) flush();
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [pause]);
};

export const useLiveState = (): LiveState => {
  const [state, setState] = useState(liveState);
  useEffect(() => {
    // It may have changed before the first listener.
    setState(liveState());
    return onLiveState(setState);
  }, []);
  return state;
};

export const SessionContext = createContext<Session | undefined>(undefined);

/** The session of the server; undefined until it has answered. */
export const useSession = (): Session | undefined => useContext(SessionContext);

/** A setting, one of the allowed words, that the browser keeps. Where it forbids storage, it lasts as long as the page. */
export const useStored = <T extends string>(
  name: string,
  allowed: readonly [T, ...T[]],
): readonly [value: T, choose: (value: T) => void] => {
  const [value, setValue] = useState<T>(() => {
    const kept = readStored(name);
    return allowed.find((each) => each === kept) ?? allowed[0];
  });
  const choose = (next: T) => {
    setValue(next);
    writeStored(name, next);
  };
  return [value, choose];
};
