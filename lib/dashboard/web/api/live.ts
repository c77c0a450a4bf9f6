import type { Health, JobsChanged, UpdatesProblem } from '../../api.ts';
import { API } from './http.ts';

export type LiveState = 'connecting' | 'live' | 'lost' | 'problem';
/** ARNs of what changed, or `all` where the page may have missed changes. */
export type Changed = readonly string[] | 'all';

/** Beyond that, reading all again is cheaper. */
const MOST_CHANGED = 500;

/** Both changes in one. */
export const mergeChanged = (before: Changed | undefined, changed: Changed): Changed => {
  if (before === 'all' || changed === 'all') return 'all';
  const both = [...new Set([...(before ?? []), ...changed])];
  return both.length > MOST_CHANGED ? 'all' : both;
};

/** What the connected tab tells the others. `hello` asks it for the state. */
type Message =
  | { readonly hello: true }
  | { readonly state: LiveState; readonly problem: string | undefined }
  | { readonly changed: Changed }
  | { readonly health: Health };

const RETRY_MS = 3000;
/** A hidden tab that is shown again soon keeps its place. */
const REST_MS = 10_000;
/** A tab that does not answer for so long is frozen or hangs. */
const ANSWER_MS = 5000;
/** Of the lock that the connected tab holds, and of the channel. */
const NAME = 'bedrock-jobs.updates';

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
const arrivals = channel<Changed>();
const healths = channel<Health>();
let state: LiveState = 'connecting';
let problem: string | undefined;
/** What came, or may have come, while the tab was hidden. */
let missed: Changed | undefined;

export const liveState = (): LiveState => state;
/** Why there are no updates, while the state is `problem`. */
export const liveProblem = (): string | undefined => problem;
export const onLiveState = states.on;
/** Calls back while the tab is visible, and once for all that it missed when it is shown again. */
export const onJobsChanged = changes.on;
/** Calls back in the connected tab alone, even while it is hidden. */
export const onArrival = arrivals.on;
export const onHealth = healths.on;

/** Browsers offer locks only to pages of this machine or over HTTPS. Elsewhere each visible tab has a connection. */
export const canShare = 'locks' in navigator;
const others = canShare ? new BroadcastChannel(NAME) : undefined;

/** The tab's wish to be connected. Its end gives the connection to the tab that waits next. */
let turn: AbortController | undefined;
let isConnected = false;
let isNeededHidden = false;
let resting: ReturnType<typeof setTimeout> | undefined;
let doubting: ReturnType<typeof setTimeout> | undefined;

const show = (changed: Changed): void => {
  if (document.hidden) {
    missed = mergeChanged(missed, changed);
    return;
  }
  if (changed === 'all') missed = undefined;
  changes.send(changed);
};

const catchUp = (): void => {
  if (missed === undefined || document.hidden) return;
  const changed = missed;
  missed = undefined;
  changes.send(changed);
};

const receive = (message: Message): void => {
  if ('changed' in message) show(message.changed);
  else if ('health' in message) healths.send(message.health);
  else if ('state' in message) {
    clearTimeout(doubting);
    problem = message.problem;
    if (state !== message.state) states.send((state = message.state));
    if (state === 'live') catchUp();
  } else if (isConnected) others?.postMessage({ state, problem } satisfies Message);
};

/** Tells this tab and the others. */
const tell = (message: Message): void => {
  receive(message);
  others?.postMessage(message);
  if ('changed' in message) arrivals.send(message.changed);
};

const parse = (event: MessageEvent): unknown => JSON.parse(String(event.data));

/** Reads the stream of updates until the signal, and reopens it when it breaks. */
const readStream = (signal: AbortSignal): void => {
  if (signal.aborted) return;
  const source = new EventSource(API.updates);
  signal.addEventListener('abort', () => source.close());
  source.addEventListener('open', () => {
    // The stream does not repeat what happened before it opened.
    tell({ changed: 'all' });
    tell({ state: 'live', problem: undefined });
  });
  source.addEventListener('jobs', (event) => tell(parse(event) as JobsChanged));
  source.addEventListener('health', (event) => tell({ health: parse(event) as Health }));
  source.addEventListener('problem', (event) => {
    const { error } = parse(event) as UpdatesProblem;
    if (error === undefined) tell({ changed: 'all' });
    tell({ state: error === undefined ? 'live' : 'problem', problem: error });
  });
  source.addEventListener('error', () => {
    tell({ state: 'lost', problem: undefined });
    // The browser retries by itself, unless the server answered with an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => readStream(signal), RETRY_MS);
  });
};

/** Holds the connection until the turn ends. */
const hold = async (signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  isConnected = true;
  readStream(signal);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
};

const rest = (): void => {
  turn?.abort();
  turn = undefined;
  isConnected = false;
};

/** Waits in line for the connection, or takes it from a tab that does not answer. */
const begin = async (steal = false): Promise<void> => {
  rest();
  const { signal } = (turn = new AbortController());
  try {
    if (!canShare) await hold(signal);
    else await navigator.locks.request(NAME, steal ? { steal } : { signal }, () => hold(signal));
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof DOMException) || error.name !== 'AbortError') throw error;
    // Another tab took the connection.
    void begin();
  }
};

/** Connects what is visible. A hidden tab rests, unless its browser would then hear of nothing that somebody waits for. */
const decide = (): void => {
  clearTimeout(resting);
  clearTimeout(doubting);
  if (document.hidden && !isNeededHidden) {
    resting = setTimeout(rest, REST_MS);
    return;
  }
  if (turn === undefined) void begin();
  if (document.hidden) return;
  if (isConnected) {
    if (state === 'live') catchUp();
    return;
  }
  others?.postMessage({ hello: true } satisfies Message);
  doubting = setTimeout(() => {
    if (!isConnected) void begin(true);
  }, ANSWER_MS);
};

/** Whether this tab takes part even while it is hidden. */
export const listenWhileHidden = (needed: boolean): void => {
  if (isNeededHidden === (needed && canShare)) return;
  isNeededHidden = !isNeededHidden;
  decide();
};

/** Opens one stream of updates for all tabs of the browser, by whichever tab holds the lock: see ADR 0030. */
export const connect = (): void => {
  others?.addEventListener('message', (event: MessageEvent<Message>) => receive(event.data));
  document.addEventListener('visibilitychange', decide);
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) missed = 'all';
    decide();
  });
  decide();
};
