import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { refusal } from './answers.ts';
import type { Subscription, Update, Updates } from './updates.ts';

const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 2_000;
/** More tabs than a person has; each keeps a connection open. */
const MAX_STREAMS = 50;
/** A client that reads slower than jobs change is disconnected: it reconnects and reads again. */
const MAX_WAITING = 1_000;

/** What a client has not received yet: the newest of each kind, so that a slow client needs no more memory. */
const mailbox = () => {
  const changed = new Set<string>();
  let rest: Omit<Update, 'jobs'> = {};
  let wake: () => void = () => undefined;
  const isWaiting = () => changed.size > 0 || Object.keys(rest).length > 0;
  return {
    put: ({ jobs, ...others }: Update) => {
      jobs?.changed.forEach((arn) => changed.add(arn));
      rest = { ...rest, ...others };
      if (isWaiting()) wake();
    },
    wake: () => wake(),
    isFull: () => changed.size > MAX_WAITING,
    /** Resolves when there is something to send, at a `wake`, or when a heartbeat is due. */
    wait: () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, HEARTBEAT_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (isWaiting()) wake();
      }),
    /** Everything, each as an event of its name. */
    take: () => {
      const all: Update = { ...rest, ...(changed.size > 0 && { jobs: { changed: [...changed] } }) };
      changed.clear();
      rest = {};
      return Object.entries(all).map(([event, data]) => ({ event, data: JSON.stringify(data) }));
    },
  };
};

const send = async (stream: SSEStreamingApi, box: ReturnType<typeof mailbox>): Promise<void> => {
  await stream.write(`retry: ${RECONNECT_MS}\n\n`);
  for (;;) {
    await box.wait();
    if (stream.aborted || box.isFull()) return;
    const events = box.take();
    // Each write waits until the client has read the one before.
    for (const event of events) await stream.writeSSE(event);
    if (events.length === 0) await stream.write(':\n\n');
  }
};

const disconnected = ({ signal }: Request): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** `GET /api/updates`: sends each client what changes, until it disconnects. */
export const streamUpdates =
  (updates: Updates) =>
  async (context: Context): Promise<Response> => {
    // A stream behind the headers would never be read, nor end.
    if (context.req.method === 'HEAD') return context.body(null, 200, { 'content-type': 'text/event-stream' });
    if (updates.listeners() >= MAX_STREAMS) {
      return refusal(context, 503, `${MAX_STREAMS} open pages already receive updates. Close some.`);
    }
    const box = mailbox();
    const subscription: Subscription = updates.subscribe((update) => {
      box.put(update);
      if (box.isFull()) subscription.end();
    });
    await Promise.race([subscription.ready, disconnected(context.req.raw)]);
    if (context.req.raw.signal.aborted) {
      subscription.end();
      return context.body(null);
    }
    return streamSSE(context, async (stream) => {
      stream.onAbort(() => {
        subscription.end();
        box.wake();
      });
      await send(stream, box);
      subscription.end();
    });
  };
