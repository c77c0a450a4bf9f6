import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { load, peek, subscribe, type Cached } from './cache.ts';
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
