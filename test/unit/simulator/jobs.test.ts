import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedJobs, StatusTimer } from '../../../lib/simulator/jobs.ts';
import { StateWriter } from '../../../lib/simulator/persistence.ts';
import { DAY } from '../../../lib/domain/time.ts';
import { systemClock, VirtualClock } from '../../../lib/simulator/clock.ts';
import fc from 'fast-check';
import { Sorted } from '../../../lib/simulator/list.ts';

const storeWithJob = (createdAt: number): SimulatedJobs => {
  const store = new SimulatedJobs(() => undefined);
  const stop = { at: createdAt + 1000, until: createdAt + 2000 };
  const jobArn =
    'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/q7w2e9r4t1y6';
  const given = { jobArn, jobName: 'job', creationTime: new Date(createdAt).toISOString(), status: 'InProgress' };
  const scope = { accountId: '123456789012', region: 'us-east-1' };
  store.addAll([{ createdAt, given, scope, stop, tags: new Map() }], createdAt);
  return store;
};

afterEach(() => {
  jest.useRealTimers();
});

describe('what a slow call does after the simulator has closed', () => {
  it('does not write the state file again: it may be another simulator’s by then', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'closing-'));
    const path = join(directory, 'state.json');
    const store = new SimulatedJobs(() => undefined);
    const writer = new StateWriter(path, store, () => 0);
    await writer.close();
    jest.useFakeTimers();
    store.addAll(storeWithJob(0).all(), 0);
    writer.touch();
    expect(jest.getTimerCount()).toBe(0);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ jobs: [] });
    rmSync(directory, { recursive: true });
  });

  it('does not set a timer again', () => {
    const time = new VirtualClock();
    const timer = new StatusTimer(storeWithJob(time.now()), time);
    timer.wake();
    expect(time.pending).toBe(1);
    timer.stop();
    timer.wake();
    expect(time.pending).toBe(0);
  });
});

describe('the real timers', () => {
  it('fire once, after the whole delay, also where setTimeout alone could not wait as long', () => {
    jest.useFakeTimers();
    const days = (count: number) => count * DAY;
    const fired: string[] = [];
    systemClock.after(days(60), () => fired.push('late'));
    const cancel = systemClock.after(days(30), () => fired.push('cancelled'));
    systemClock.after(-5, () => fired.push('at once'));
    jest.advanceTimersByTime(days(26));
    cancel();
    jest.advanceTimersByTime(days(33));
    expect(fired).toEqual(['at once']);
    jest.advanceTimersByTime(days(2));
    expect(fired).toEqual(['at once', 'late']);
  });
});

interface Item {
  readonly rank: number;
}

const read = (sorted: Sorted<Item>) => Array.from({ length: sorted.length }, (_, index) => sorted.at(index));

describe('Sorted', () => {
  it('stays in order through any additions and removals, also of equal ones', () => {
    const step = fc.record({ ranks: fc.array(fc.nat(8), { maxLength: 6 }), remove: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const sorted = new Sorted<Item>((left, right) => left.rank - right.rank);
        let expected: Item[] = [];
        for (const { ranks, remove } of steps) {
          const items = ranks.map((rank) => ({ rank }));
          const [single, ...many] = items;
          if (single) sorted.add(single);
          sorted.addAll(many);
          expected.push(...items);
          const gone = expected[remove];
          if (gone) sorted.remove(gone);
          expected = expected.filter((item) => item !== gone);
        }
        const items = read(sorted);
        expect(new Set(items)).toEqual(new Set(expected));
        expect(items.map((item) => item?.rank)).toEqual(expected.map(({ rank }) => rank).sort((a, b) => a - b));
        expect(sorted.firstWhere(({ rank }) => rank >= 4)).toBe(expected.filter(({ rank }) => rank < 4).length);
      }),
      { numRuns: 200 },
    );
  });
  it('leaves an item alone that it does not hold', () => {
    const sorted = new Sorted<Item>((left, right) => left.rank - right.rank);
    sorted.addAll([{ rank: 1 }, { rank: 2 }]);
    sorted.remove({ rank: 1 });
    expect(sorted.length).toBe(2);
  });
});
