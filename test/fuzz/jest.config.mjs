import path from 'node:path';
import short from '../../jest.config.mjs';

// The workers get these too.
process.env['FUZZ_RUNS'] ??= '100000';
process.env['FUZZ_SEED'] ??= String(Math.trunc(Math.random() * 2 ** 31));
process.env['FUZZ_REPORT'] ??= path.join(import.meta.dirname, '..', '..', '.cache', 'fuzz.ndjson');

/** The fuzz tests at length: the same files, many more cases, another seed each time. */
export default {
  ...short,
  rootDir: '../..',
  // No test here runs a bundle.
  globalSetup: undefined,
  testMatch: ['<rootDir>/test/fuzz/*.test.ts'],
  testTimeout: 60 * 60 * 1000,
  reporters: ['default', '<rootDir>/test/fuzz/support/reporter.mjs'],
};
