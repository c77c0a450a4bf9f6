import short from '../../jest.config.mjs';

// Reached by the workers, too.
process.env['FUZZ_RUNS'] ??= '100000';

/** The fuzz tests at length: the same files, many more cases, another seed each time. */
const { globalSetup: _bundlesThatNobodyUses, ...rest } = short;
export default {
  ...rest,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/fuzz/*.test.ts'],
};
