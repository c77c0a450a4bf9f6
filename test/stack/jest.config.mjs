/** The checks of the deployed stack, run by `npm run test:stack` alone: their names keep them out of `npm test`. */
import base from '../../jest.config.mjs';

export default {
  rootDir: '../..',
  testEnvironment: base.testEnvironment,
  transform: base.transform,
  transformIgnorePatterns: base.transformIgnorePatterns,
  testMatch: ['<rootDir>/test/stack/stack.checks.ts'],
  testTimeout: 60_000,
};
