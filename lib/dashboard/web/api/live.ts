import type { Health, JobsChanged, UpdatesProblem } from '../../api.ts';
import { API } from './http.ts';

export type LiveState = 'connecting' | 'live' | 'lost' | 'problem';
/** ARNs of what changed, or `all` where changes may have been missed. */
export type Changed = readonly string[] | 'all';

const RETRY_MS = 3000;

type Listener<T> = (value: T) => void;
const listeners = <T>() => {
  const all = new Set<Listener<T>>();
  return {
    tell: (value: T) => {
      for (const listener of all) listener(value);
    },
    on: (listener: Listener<T>) => {
      all.add(listener);
      return () => void all.delete(listener);
    },
  };
};

const states = listeners<LiveState>();
const changes = listeners<Changed>();
const healths = listeners<Health>();
let state: LiveState = 'connecting';
let problem: string | undefined;

const setState = (next: LiveState): void => {
  if (next === state) return;
  state = next;
  states.tell(next);
};

export const liveState = (): LiveState => state;
/** Why there are no updates, while the state is `problem`. */
export const liveProblem = (): string | undefined => problem;
export const onLiveState = states.on;
export const onJobsChanged = changes.on;
export const onHealth = healths.on;

const parsed = (event: MessageEvent): unknown => JSON.parse(String(event.data));

/** Opens the stream of updates, and again whenever it broke. */
export const connect = (wasLost = false): void => {
  const source = new EventSource(API.updates);
  let missed = wasLost;
  source.addEventListener('open', () => {
    setState('live');
    // The stream does not repeat what happened while it was away.
    if (missed) changes.tell('all');
    missed = false;
  });
  source.addEventListener('jobs', (event) => changes.tell((parsed(event) as JobsChanged).changed));
  source.addEventListener('health', (event) => healths.tell(parsed(event) as Health));
  source.addEventListener('problem', (event) => {
    problem = (parsed(event) as UpdatesProblem).error;
    setState(problem === undefined ? 'live' : 'problem');
    if (problem === undefined) changes.tell('all');
  });
  source.addEventListener('error', () => {
    setState('lost');
    missed = true;
    // The browser tries again by itself, except where the server answered with an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(true), RETRY_MS);
  });
};
