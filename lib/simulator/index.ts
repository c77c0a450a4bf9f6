/**
 * A simulator of Amazon Bedrock's model customization jobs: the API over HTTP on this machine, jobs with lives of
 * their own, the events that they send, and what they write to S3. It follows the service model and what real responses have been seen to
 * hold, and knows nothing of the tracker that it is there to measure.
 */
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { type Clock, systemClock } from './clock.ts';
import type { Calls } from './cloudwatch.ts';
import { createControl } from './control.ts';
import { Counters, type Counts, type Faults, type FaultsInput, parseFaults } from './faults.ts';
import { apiCallEvent, Delivery, type EventListener, stateChangeEvent } from './events.ts';
import { createApi } from './http.ts';
import { SimulatedJobs, StatusTimer } from './jobs.ts';
import { Messaging } from './messaging.ts';
import { load, type Loaded, restore, StateWriter, type Truth, truthOf } from './persistence.ts';
import { seededRandom } from './random.ts';
import { createS3 } from './s3/api.ts';
import { isFromHere, listen, NOT_FROM_HERE } from '../loopback.ts';

export type { JobAnswer } from './life.ts';
export type { Counts } from './faults.ts';
export type { EventListener } from './events.ts';
export type { SimulatedEvent } from './events.ts';
export type { Faults, FaultsInput } from './faults.ts';
export type { Loaded, LoadedJob, Truth } from './persistence.ts';
export type { Messaging } from './messaging.ts';
export { StateFileError } from './persistence.ts';

export interface SimulatorOptions {
  /** @default 0: any free port */
  readonly port?: number;
  /** The account of callers whose access key is not an account id. @default '123456789012' */
  readonly accountId?: string;
  /** The Region of requests that carry no signature. @default 'us-east-1' */
  readonly region?: string;
  /** How many times faster than in reality jobs live. @default 60: a minute is a second */
  readonly speed?: number;
  /** The same seed gives the same lives and the same faults. @default 1 */
  readonly seed?: number;
  /** The share of jobs that fail, 0 to 1. @default 0.15 */
  readonly failureRate?: number;
  /** How many jobs of a scope may be active at once. @default no limit */
  readonly maxActiveJobs?: number;
  /** Keeps jobs, tags and tokens in this file. @default in memory only */
  readonly stateFile?: string;
  /** What goes wrong from the start. @default nothing */
  readonly faults?: FaultsInput;
  /** @default the real time */
  readonly clock?: Clock;
}

export interface BedrockSimulator {
  /** `http://127.0.0.1:<port>`: the endpoint for an SDK client of Bedrock, and of S3 for what jobs wrote. */
  readonly url: string;
  readonly port: number;
  /** What goes wrong. Setting replaces all: absent members take their defaults. Throws a TypeError on bad input. */
  get faults(): Faults;
  set faults(faults: FaultsInput);
  /** Calls since the start or the last reset. */
  counts(): Counts;
  resetCounts(): void;
  /** Hears of each event, never inside a call. The answer unsubscribes. */
  onEvent(listener: EventListener): () => void;
  /** The bus and the topic that functions put transitions and mails on. */
  readonly messaging: Messaging;
  /** Puts resources in as they are. They have no life of their own, but can be changed by calls. No event is sent. */
  load(loaded: Iterable<Loaded>): void;
  /** Counts calls of inference by a deployment's or a throughput's ARN, as CloudWatch tells them. @default at now */
  readonly use: (arn: string, calls: Calls, at?: number) => void;
  /** What Get and ListTagsForResource would answer now, faults aside. */
  truth(jobArn: string): Truth | undefined;
  /** All jobs of all scopes as they are now. */
  jobs(): IterableIterator<Truth>;
  /** Stops listening, ends open connections and timers, and writes the state file. */
  close(): Promise<void>;
}

/** One port serves all services: the signature tells for which of them a request is. */
const serviceOf = (request: Request): string | undefined =>
  /\bCredential=[^,\s]{1,256}\/([a-z0-9-]{1,64})\/aws4_request\b/.exec(request.headers.get('authorization') ?? '')?.[1];

/**
 * Starts a simulator on 127.0.0.1. Rejects with Node's own error where the port is taken (EADDRINUSE), and with a
 * StateFileError that names the file where the state file cannot be used.
 */
export const startBedrockSimulator = async (options: SimulatorOptions = {}): Promise<BedrockSimulator> => {
  const { speed = 60, seed = 1, failureRate = 0.15, stateFile, clock = systemClock } = options;
  const defaults = { accountId: options.accountId ?? '123456789012', region: options.region ?? 'us-east-1' };
  let faults = parseFaults(options.faults ?? {});
  const counters = new Counters();
  // Two sequences, so that faults do not change the jobs' lives.
  let random = seededRandom(seed);
  const faultRandom = seededRandom(seed + 1);
  const delivery = new Delivery(faultRandom, clock, () => faults.events);
  const store = new SimulatedJobs((job, at) => {
    delivery.send(stateChangeEvent(store.answer(job, at), job.scope, at, faults.events.shortArns));
  });
  const restored = stateFile === undefined ? undefined : restore(stateFile, store, clock.now());
  if (restored !== undefined) random = seededRandom(restored);
  const writer =
    stateFile === undefined ? undefined : new StateWriter(stateFile, store, () => random.state(), clock.now);

  const timer = new StatusTimer(store, clock);
  const onChanged = (): void => {
    writer?.touch();
    timer.wake();
  };

  const plans = { speed, failureRate };
  const { maxActiveJobs } = options;
  const api = createApi({
    defaults,
    faults: () => faults,
    counters,
    random: faultRandom,
    clock,
    context: (caller) => {
      const now = timer.settle();
      return { caller, now, store, random, plans, faults, ...(maxActiveJobs !== undefined && { maxActiveJobs }) };
    },
    onAudited: (call) => {
      delivery.send(apiCallEvent(call));
    },
    onChanged,
  });
  const settled = () => ({ store, now: timer.settle() });
  const s3 = createS3({ defaults, faults: () => faults, random: faultRandom, settled });
  const messaging = new Messaging(defaults, clock.now);
  const control = createControl({
    defaults,
    counters,
    getFaults: () => faults,
    setFaults: (input) => (faults = parseFaults(input)),
    settled,
    onChanged,
    mails: () => messaging.mails(),
    about: { simulates: 'Amazon Bedrock model customization jobs', ...defaults, speed, seed, failureRate, stateFile },
  });
  const app = new Hono();
  app.route('/_simulator', control);
  app.all('*', ({ req, json }) => {
    if (!isFromHere((name) => req.header(name))) return json({ message: NOT_FROM_HERE }, 403);
    const service = serviceOf(req.raw);
    if (service === 's3') return s3(req.raw);
    return ['events', 'sns', 'sts'].includes(service ?? '') ? messaging.serve(req.raw) : api(req.raw);
  });

  const server = await listen(
    createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }),
    options.port ?? 0,
  );
  const close = async (): Promise<void> => {
    timer.stop();
    delivery.close();
    await server.close();
    await writer?.close();
  };
  let closing: Promise<void> | undefined;
  timer.wake();
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    get faults(): Faults {
      return faults;
    },
    set faults(input: FaultsInput) {
      faults = parseFaults(input);
    },
    counts: () => counters.read(),
    resetCounts: () => {
      counters.reset();
    },
    messaging,
    onEvent: (listener) => delivery.subscribe(listener),
    load: (loaded) => {
      load(loaded, store, timer.settle());
      onChanged();
    },
    use: (arn, calls, at = clock.now()) => {
      store.use.record(arn, at, calls);
      onChanged();
    },
    truth: (jobArn) => {
      const now = timer.settle();
      const job = store.get(jobArn);
      return job && truthOf(store.answer(job, now), job.tags);
    },
    *jobs() {
      const now = timer.settle();
      for (const job of store.all()) yield truthOf(store.answer(job, now), job.tags);
    },
    close: () => (closing ??= close()),
  };
};
