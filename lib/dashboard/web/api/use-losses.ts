import { useEffect, useReducer } from 'preact/hooks';
import type { LossCurves } from '../../api.ts';
import { load, peek, subscribe, type Cached } from './cache.ts';
import { API } from './http.ts';

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
