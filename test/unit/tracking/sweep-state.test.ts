import { describe, expect, it } from '@jest/globals';
import { type SweepState, withLease } from '../../../lib/tracking/sweep-state.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memorySweepStore } from '../../support/memory-stores.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const run = { sweep: 'full', scope: SCOPE, deadline: new Date('2026-01-01T00:10:00.000Z') } as const;
/** The last job in flight may take a minute. */
const UNTIL = '2026-01-01T00:11:00.000Z';

const setUp = () => {
  const store = memorySweepStore();
  return { sweeps: store, clock: () => NOW, held: () => store.get(SCOPE, 'full') };
};
const done = (state: SweepState) => Promise.resolve({ result: 'done', state });

describe('the lease of a full sweep', () => {
  it('outlasts its run, stays while progress is saved, and is released with the last state', async () => {
    const { sweeps, clock, held } = setUp();
    await sweeps.save(SCOPE, 'full', { finished_at: 'before' });
    const result = await withLease({ sweeps, clock }, run, async ({ before, save }) => {
      expect(before).toEqual({ finished_at: 'before' });
      expect(await held()).toEqual({ finished_at: 'before', lease_until: UNTIL });
      await save({ watermark: 'half' });
      expect(await held()).toEqual({ watermark: 'half', lease_until: UNTIL });
      return done({ finished_at: 'now' });
    });
    expect(result).toBe('done');
    expect(await held()).toEqual({ finished_at: 'now' });
    expect([...sweeps.states.keys()]).toHaveLength(1);
  });

  it('is not given to another run', async () => {
    const { sweeps, clock } = setUp();
    await withLease({ sweeps, clock }, run, async () => {
      expect(await withLease({ sweeps, clock }, run, () => done({}))).toBeUndefined();
      return done({});
    });
  });

  it.each<[what: string, progress: SweepState | undefined, left: SweepState]>([
    ['that it saved last', { watermark: 'half' }, { watermark: 'half' }],
    ['of before, where it saved none', undefined, { finished_at: 'before' }],
  ])('is released by a failed run with the state %s', async (_what, progress, left) => {
    const { sweeps, clock, held } = setUp();
    await sweeps.save(SCOPE, 'full', { finished_at: 'before' });
    const failing = withLease({ sweeps, clock }, run, async ({ save }) => {
      if (progress !== undefined) await save(progress);
      throw new Error('denied');
    });
    await expect(failing).rejects.toThrow('denied');
    expect(await held()).toEqual(left);
  });

  it('keeps the first error if the lease cannot be released either', async () => {
    const { sweeps, clock } = setUp();
    const broken = { ...sweeps, save: () => Promise.reject(new Error('no table')) };
    const failing = withLease({ sweeps: broken, clock }, run, () => Promise.reject(new Error('denied')));
    await expect(failing).rejects.toThrow('denied');
  });
});
