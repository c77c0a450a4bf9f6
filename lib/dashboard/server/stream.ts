import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { Health, UpdatesProblem } from '../api.ts';
import { refusal } from './answers.ts';
import type { Subscription, Update, Updates } from './updates.ts';

const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 2_000;
/** More than the tabs of a person; each is a connection that stays open. */
const MAX_STREAMS = 50;
/** A client that reads slower than jobs change is sent away: it comes back and reads anew. */
const MAX_WAITING = 1_000;

/** What a client has not been told yet: the newest of each kind, so that a slow one costs no more memory than a fast one. */
const mailbox = () => {
  const changed = new Set<string>();
  let health: Health | undefined;
  let problem: UpdatesProblem | undefined;
  let wake: () => void = () => undefined;
  return {
    put: (update: Update) => {
      update.jobs?.changed.forEach((arn) => changed.add(arn));
      health = update.health ?? health;
      problem = update.problem ?? problem;
      if (changed.size > 0 || health !== undefined || problem !== undefined) wake();
    },
    wake: () => wake(),
    isOverflowing: () => changed.size > MAX_WAITING,
    /** Resolves when there is something, at a `wake`, or after the time for a heartbeat. */
    wait: () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, HEARTBEAT_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (changed.size > 0 || health !== undefined || problem !== undefined) wake();
      }),
    take: () => {
      const events = [
        ...(problem === undefined ? [] : [{ event: 'problem', data: JSON.stringify(problem) }]),
        ...(changed.size === 0 ? [] : [{ event: 'jobs', data: JSON.stringify({ changed: [...changed] }) }]),
        ...(health === undefined ? [] : [{ event: 'health', data: JSON.stringify(health) }]),
      ];
      changed.clear();
      health = problem = undefined;
      return events;
    },
  };
};

const send = async (stream: SSEStreamingApi, box: ReturnType<typeof mailbox>): Promise<void> => {
  await stream.write(`retry: ${RECONNECT_MS}\n\n`);
  for (;;) {
    await box.wait();
    if (stream.aborted || box.isOverflowing()) return;
    const events = box.take();
    // Each write waits until the client has taken the one before.
    for (const event of events) await stream.writeSSE(event);
    if (events.length === 0) await stream.write(':\n\n');
  }
};

const hasLeft = ({ signal }: Request): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** `GET /api/updates`: tells one client after another what changes, until it goes. */
export const streamUpdates =
  (updates: Updates) =>
  async (context: Context): Promise<Response> => {
    // Answered by the headers alone; a stream behind it would never be read, nor ended.
    if (context.req.method === 'HEAD') return context.body(null, 200, { 'content-type': 'text/event-stream' });
    if (updates.listeners() >= MAX_STREAMS) {
      return refusal(context, 503, `${MAX_STREAMS} pages follow the updates already: close some.`);
    }
    const box = mailbox();
    const subscription: Subscription = updates.subscribe((update) => {
      box.put(update);
      if (box.isOverflowing()) subscription.end();
    });
    await Promise.race([subscription.ready, hasLeft(context.req.raw)]);
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
