import { describe, expect, it } from '@jest/globals';
import type { QueueMessage } from '../../../lib/local/lambda.ts';
import { LocalQueue } from '../../../lib/local/queue.ts';
import { eventually } from '../../support/integration/eventually.ts';

const setUp = (fails: (message: QueueMessage) => boolean = () => false) => {
  const batches: string[][] = [];
  const queue = new LocalQueue({
    maxReceiveCount: 3,
    retryAfterMs: 1,
    handle: async (batch) => {
      batches.push(batch.map(({ body }) => body));
      return Promise.resolve(new Set(batch.filter(fails).map(({ messageId }) => messageId)));
    },
  });
  return { batches, queue };
};
const EMPTY = { waiting: 0, inFlight: 0, dead: 0 };

describe('the local queue', () => {
  it('hands over what comes at one moment in batches of at most ten', async () => {
    const { batches, queue } = setUp();
    for (let n = 0; n < 25; n += 1) queue.send(String(n));
    await eventually(() => expect(queue.depths()).toEqual(EMPTY));
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
  });

  it('tries a message that failed again, alone, and dead-letters it after so many tries', async () => {
    const { batches, queue } = setUp(({ body }) => body === 'bad');
    queue.send('good');
    queue.send('bad');
    await eventually(() => expect(queue.depths()).toEqual({ ...EMPTY, dead: 1 }));
    expect(batches).toEqual([['good', 'bad'], ['bad'], ['bad']]);
  });

  it('forgets a message that succeeds at a later try', async () => {
    const { queue } = setUp(({ receiveCount }) => receiveCount < 2);
    queue.send('x');
    await eventually(() => expect(queue.depths()).toEqual(EMPTY));
  });

  it('fails the whole batch where the function throws: nothing is lost', async () => {
    const queue = new LocalQueue({
      maxReceiveCount: 2,
      retryAfterMs: 1,
      handle: () => Promise.reject(new Error('boom')),
    });
    queue.send('a');
    queue.send('b');
    await eventually(() => expect(queue.depths()).toEqual({ ...EMPTY, dead: 2 }));
  });

  it('ends when what is in flight has ended, and hands over nothing after that', async () => {
    let finish: () => void = () => undefined;
    let handled = 0;
    const queue = new LocalQueue({
      maxReceiveCount: 2,
      retryAfterMs: 1,
      handle: async () => {
        handled += 1;
        await new Promise<void>((resolve) => (finish = resolve));
        return new Set();
      },
    });
    queue.send('a');
    await eventually(() => expect(queue.depths().inFlight).toBe(1));
    const closed = queue.close();
    queue.send('b');
    finish();
    await closed;
    expect(handled).toBe(1);
    expect(queue.depths().inFlight).toBe(0);
  });
});
