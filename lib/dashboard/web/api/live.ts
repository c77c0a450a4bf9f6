import type { Health, JobsChanged, UpdatesProblem } from '../../api.ts';
import { API } from './http.ts';

export type LiveState = 'connecting' | 'live' | 'lost' | 'problem';
/** ARNs of what changed, or `all` where the page may have missed changes. */
export type Changed = readonly string[] | 'all';

const RETRY_MS = 3000;

const channel = <T>() => {
  const listeners = new Set<(value: T) => void>();
  return {
    send: (value: T) => listeners.forEach((listener) => listener(value)),
    on: (listener: (value: T) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

const states = channel<LiveState>();
const changes = channel<Changed>();
const healths = channel<Health>();
let state: LiveState = 'connecting';
let problem: string | undefined;

const setState = (next: LiveState): void => {
  if (next === state) return;
  state = next;
  states.send(next);
};

export const liveState = (): LiveState => state;
/** Why there are no updates, while the state is `problem`. */
export const liveProblem = (): string | undefined => problem;
export const onLiveState = states.on;
export const onJobsChanged = changes.on;
export const onHealth = healths.on;

const parse = (event: MessageEvent): unknown => JSON.parse(String(event.data));

/** Opens the stream of updates, and reopens it when it breaks. */
export const connect = (wasLost = false): void => {
  const source = new EventSource(API.updates);
  let missed = wasLost;
  source.addEventListener('open', () => {
    setState('live');
    // The stream does not repeat what happened during the break.
    if (missed) changes.send('all');
    missed = false;
  });
  source.addEventListener('jobs', (event) => changes.send((parse(event) as JobsChanged).changed));
  source.addEventListener('health', (event) => healths.send(parse(event) as Health));
  source.addEventListener('problem', (event) => {
    problem = (parse(event) as UpdatesProblem).error;
    setState(problem === undefined ? 'live' : 'problem');
    if (problem === undefined) changes.send('all');
  });
  source.addEventListener('error', () => {
    setState('lost');
    missed = true;
    // The browser retries by itself, unless the server answered with an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(true), RETRY_MS);
  });
};
