/** The unit tests of what Stryker changes: see stryker.config.mjs. They need neither bundles nor a browser. */
import { fileURLToPath, URL } from 'node:url';
import base from '../../jest.config.mjs';

export default {
  rootDir: '../..',
  // Stryker resolves it by itself, and knows no <rootDir>.
  testEnvironment: fileURLToPath(new URL('environment.mjs', import.meta.url)),
  runner: '<rootDir>/test/mutation/runner.mjs',
  roots: ['<rootDir>/lib', '<rootDir>/test'],
  transform: base.transform,
  transformIgnorePatterns: base.transformIgnorePatterns,
  setupFiles: base.setupFiles,
  setupFilesAfterEnv: ['<rootDir>/test/mutation/fewer-runs.ts'],
  testMatch: ['<rootDir>/test/unit/{domain,tracking}/**/*.test.ts'],
};
