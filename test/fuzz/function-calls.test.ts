import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { makeHandler } from '../../lambdas/reconcile-jobs/handler.ts';
import { sweepDeployed } from '../../lib/cli/sweep/deployed-sweep.ts';
import { SWEEPS } from '../../lib/contract.ts';
import { memoryJobStore, memorySweepStore } from '../support/memory-stores.ts';
import { PERIODS } from '../support/tracker-on-fakes.ts';
import { testContext } from '../support/command-context.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileValue, mutatedBody, mutatedDocument, nested, nestedJson, nestedMaps } from './support/inputs.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A run that has no scope to sweep. */
const sweep = (event: unknown) =>
  makeHandler({
    bedrockOf: () => Promise.reject(new Error('nobody is asked')) as never,
    jobs: memoryJobStore(),
    sweeps: memorySweepStore(),
    scopes: memorySweepStore().scopes,
    named: [],
    periods: PERIODS,
    clock: () => new Date(0),
    log: log,
    metrics: { add: () => undefined },
  })(event, { getRemainingTimeInMillis: () => 60_000 });

const COUNTS = { listed: 1, drifted: 0, corrected: 0, missing: 0, failed: 0 };
const PAYLOADS = [
  [{ scope: '123456789012#us-east-1', sweep: 'active', finished: true, counts: COUNTS }],
  { sent: 3 },
  { errorType: 'TrackerError', errorMessage: 'one | two', trace: [] },
  { errorType: 'Sandbox.Timedout', errorMessage: '2026-01-01T00:00:00Z Task timed out after 900.00 seconds' },
];

/** The end of a sweep whose function answered so. */
const answered = (payload: string, error?: string) => {
  const send = () => Promise.resolve({ FunctionError: error, Payload: { transformToString: () => payload } });
  const connection = { parameter: () => Promise.resolve('reconcile'), lambda: () => ({ send }) };
  return sweepDeployed(testContext().context, connection as never, 'active', undefined);
};

describe('a call of a function', () => {
  fuzz({
    parser: 'Input of reconcile-jobs',
    inputs: mutatedDocument(
      [{ sweep: 'active' }, { sweep: 'full' }, { sweep: 'due' }],
      fc.oneof(hostileValue, fc.constantFrom(...SWEEPS)),
    ),
    parse: sweep,
    codes: ['MESSAGE_NOT_UNDERSTOOD', 'BAD_REQUEST'],
    check: (reports, event) => {
      expect(reports).toEqual([]);
      expect(['due', 'active', 'full']).toContain((event as { sweep: unknown }).sweep);
    },
  });

  fuzz({
    parser: 'Answer of reconcile-jobs',
    inputs: fc.tuple(mutatedBody(PAYLOADS), fc.constantFrom(undefined, undefined, 'Unhandled')),
    parse: ([payload, error]) => answered(payload, error),
    codes: ['SWEEP_INCOMPLETE'],
    longest: 20_000,
    mayHaveLines: true,
    check: ({ swept, sent }) => {
      expect(typeof sent).toBe('number');
      for (const { sweep: kind, counts } of swept) {
        expect(SWEEPS).toContain(kind);
        expect(Object.values(counts).every((count) => typeof count === 'number')).toBe(true);
      }
    },
  });

  refuseHuge('an input', {
    'lists in 100,000 levels': () => sweep({ sweep: nested() }),
    'maps in 100,000 levels': () => sweep(nestedMaps()),
    'a word of 6 MB': () => sweep({ sweep: '\u001b'.repeat(6_000_000) }),
  });
  refuseHuge(
    'an answer',
    {
      'lists in 100,000 levels': () => answered(nestedJson()),
      '6 MB of an error': () =>
        answered(
          JSON.stringify({ errorType: 'TrackerError', errorMessage: '\u001b[2J | '.repeat(600_000) }),
          'Unhandled',
        ),
      '6 MB of nothing': () => answered('x'.repeat(6_000_000), 'Unhandled'),
      '20,000 reports that are none': () => answered(JSON.stringify(Array(20_000).fill({ scope: 1 }))),
    },
    { mayHaveLines: true, longest: 20_000 },
  );
});
