import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { LossCurves, Session } from '../../api.ts';
import { type Cached, load, peek, subscribe } from './cache.ts';
import { API } from './http.ts';
import { liveState, onJobsChanged, onLiveState, type Changed, type LiveState } from './live.ts';

/** What an address of the API answers: what is known at once, read when it is not, and drawn anew when it changes. */
export const useApi = <T>(path: string | undefined): Cached<T> & { readonly reload: () => void } => {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => {
    if (path === undefined) return undefined;
    const unsubscribe = subscribe(path, () => redraw(undefined));
    const { value, loading } = peek(path);
    if (value === undefined && !loading) void load(path);
    redraw(undefined);
    return unsubscribe;
  }, [path]);
  const reload = useCallback(() => {
    if (path !== undefined) void load(path);
  }, [path]);
  return { ...(path === undefined ? { loading: false } : peek<T>(path)), reload };
};

/** Calls back when jobs changed, at most once in `pause` milliseconds with all that changed meanwhile. */
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
      waiting = changed === 'all' || waiting === 'all' ? 'all' : [...new Set([...(waiting ?? []), ...changed])];
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
    // It may have changed before anybody listened.
    setState(liveState());
    return onLiveState(setState);
  }, []);
  return state;
};

export const SessionContext = createContext<Session | undefined>(undefined);

/** What the server said of itself; undefined until it did. */
export const useSession = (): Session | undefined => useContext(SessionContext);

const PREFIX = 'bedrock-jobs.';

// Storage may be forbidden: then a choice holds until the page is left.
const readStored = (name: string): string | undefined => {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
};

const writeStored = (name: string, value: string): void => {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // As above.
  }
};

/** A choice of the person that outlasts the page: one of the allowed words. */
export const useStored = <T extends string>(
  name: string,
  allowed: readonly [T, ...T[]],
): readonly [value: T, choose: (value: T) => void] => {
  const [value, setValue] = useState<T>(() => allowed.find((each) => each === readStored(name)) ?? allowed[0]);
  return [
    value,
    (next) => {
      setValue(next);
      writeStored(name, next);
    },
  ];
};

/** The loss curves of several jobs, in their order. */
export const useLosses = (jobArns: readonly string[]): Cached<LossCurves>[] => {
  const [, redraw] = useReducer<number, undefined>((count) => count + 1, 0);
  const key = jobArns.join(' ');
  useEffect(() => {
    const paths = key === '' ? [] : key.split(' ').map(API.loss);
    const stops = paths.map((path) => subscribe(path, () => redraw(undefined)));
    for (const path of paths) {
      const { value, loading, problem } = peek(path);
      if (value === undefined && !loading && problem === undefined) void load(path);
    }
    redraw(undefined);
    return () => {
      for (const stop of stops) stop();
    };
  }, [key]);
  return jobArns.map((jobArn) => peek<LossCurves>(API.loss(jobArn)));
};
