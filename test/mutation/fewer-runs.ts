import { jest } from '@jest/globals';
import type * as FastCheck from '@fast-check/jest';

const DEFAULT_RUNS = 100;

/** A twentieth notices nearly every mutant that all runs of a property notice. */
const fewerRuns = (runs = DEFAULT_RUNS): number => Math.min(25, Math.max(5, Math.round(runs / 20)));

// Names of properties carry the seed, and Stryker finds a test by its name. A counterexample need not be a small one.
jest.mock('@fast-check/jest', () => {
  const real = jest.requireActual<typeof FastCheck>('@fast-check/jest');
  real.fc.configureGlobal({ seed: 1, endOnFailure: true });
  const prop: typeof real.test.prop = (arbitraries, parameters) =>
    real.test.prop(arbitraries, { ...parameters, numRuns: fewerRuns(parameters?.numRuns) });
  return { ...real, test: Object.assign((...args: Parameters<typeof real.test>) => real.test(...args), { prop }) };
});
