import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../lib/simulator/clock.ts';
import { SimulatedQueue, type Message, type QueueOptions } from '../../../lib/simulator/queue.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const EMPTY = { waiting: 0, inFlight: 0, dead: 0 };

const setUp = (fails: (message: Message) => boolean = () => false, more: Partial<QueueOptions<undefined>> = {}) => {
  const clock = new VirtualClock();
  const batches: string[][] = [];
  const queue = new SimulatedQueue({
    clock,
    maxConcurrency: 2,
    maxReceiveCount: 3,
    invoke: (_, batch) => {
      batches.push(batch.map(({ body }) => body));
      const failed = batch.filter(fails).map(({ messageId }) => ({ itemIdentifier: messageId }));
      return Promise.resolve({ batchItemFailures: failed });
    },
    ...more,
  });
  return { clock, batches, queue };
};

describe('the simulated queue', () => {
  it('hands over what comes at one moment in batches of at most ten', async () => {
    const { clock, batches, queue } = setUp();
    for (let n = 0; n < 25; n += 1) queue.send(String(n));
    await clock.advance(SECOND);
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(queue.depths()).toEqual(EMPTY);
  });

  it('hands over a message that failed again, alone, when it is visible, and dead-letters it at last', async () => {
    const dead: string[] = [];
    const { clock, batches, queue } = setUp(({ body }) => body === 'bad', { onDead: ({ body }) => dead.push(body) });
    queue.send('good');
    queue.send('bad');
    await clock.advance(5 * MINUTE);
    expect(batches).toEqual([['good', 'bad']]);
    expect(queue.oldestAge()).toBe(5 * MINUTE);
    await clock.advance(20 * MINUTE);
    expect(batches).toEqual([['good', 'bad'], ['bad'], ['bad']]);
    expect(dead).toEqual(['bad']);
    expect(queue.depths()).toEqual({ ...EMPTY, dead: 1 });
  });

  it('forgets a message that succeeds at a later try, and makes it visible sooner where it is told to', async () => {
    const { clock, batches, queue } = setUp(({ receiveCount }) => receiveCount < 2, { retryAfterMs: SECOND });
    queue.send('x');
    await clock.advance(2 * SECOND);
    expect(batches).toEqual([['x'], ['x']]);
    expect(queue.depths()).toEqual(EMPTY);
  });

  it('fails the whole batch where the function throws: nothing is lost', async () => {
    const invoke = () => Promise.reject(new Error('boom'));
    const { clock, queue } = setUp(undefined, { retryAfterMs: 1, maxReceiveCount: 2, invoke });
    queue.send('a');
    queue.send('b');
    await clock.advance(SECOND);
    expect(queue.depths()).toEqual({ ...EMPTY, dead: 2 });
  });

  it('runs no more batches at once than it may', async () => {
    let most = 0;
    let now = 0;
    const clock = new VirtualClock();
    const invoke = async () => {
      most = Math.max(most, (now += 1));
      await new Promise<void>((resolve) => void clock.after(SECOND, resolve));
      now -= 1;
      return { batchItemFailures: [] };
    };
    const { queue } = setUp(undefined, { clock, batchSize: 1, invoke });
    for (let n = 0; n < 10; n += 1) queue.send(String(n));
    const idle = queue.idle();
    await clock.advance(MINUTE);
    await idle;
    expect(most).toBe(2);
  });

  it('ends when what is in flight has ended, and hands over nothing after that', async () => {
    let finish: () => void = () => undefined;
    let handled = 0;
    const invoke = async () => {
      handled += 1;
      await new Promise<void>((resolve) => (finish = resolve));
      return { batchItemFailures: [] };
    };
    const { clock, queue } = setUp(undefined, { invoke });
    queue.send('a');
    await clock.advance(SECOND);
    expect(queue.depths().inFlight).toBe(1);
    const closed = queue.close();
    queue.send('b');
    finish();
    await closed;
    await clock.advance(SECOND);
    expect(handled).toBe(1);
    expect(queue.depths()).toEqual({ ...EMPTY, waiting: 1 });
  });
});
