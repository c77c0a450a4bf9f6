/** The checks of `npm run test:stack` and `test:deploy`: their names keep them out of `npm test`. */
import base from '../../jest.config.mjs';

export default {
  rootDir: '../..',
  testEnvironment: base.testEnvironment,
  transform: base.transform,
  transformIgnorePatterns: base.transformIgnorePatterns,
  modulePathIgnorePatterns: base.modulePathIgnorePatterns,
  testMatch: ['<rootDir>/test/stack/*.checks.ts'],
  testTimeout: 60_000,
};
