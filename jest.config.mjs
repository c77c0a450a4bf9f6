import { availableParallelism } from 'node:os';

/** CommonJS mode by SWC: twice as fast as any ESM mode that was measured. ESM-only packages are transformed too. */
export default {
  testEnvironment: 'node',
  // Jest leaves one processor to itself, which is half of a machine with two. Many suites wait for processes of their own.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // A busy machine is no failure; a test that hangs still is one.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // What these suites need is more than npm test should: npm run test:package has its own.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  // A staged package has the name of this one, and nothing requires it; tools and libraries in other languages.
  modulePathIgnorePatterns: ['<rootDir>/dist/packages/', '<rootDir>/.cache/'],
  setupFiles: ['<rootDir>/test/support/environment.ts'],
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [
    '/node_modules/(?!(@middy|p-map|hono|@hono|commander|hyparquet|hyparquet-writer|@bomb.sh|simple-ascii-chart|@sparticuz)/)',
    '/dist/',
  ],
  // @middy declares an `import` condition alone, which CommonJS mode does not look at.
  moduleNameMapper: { '^@middy/(core|util)$': '<rootDir>/node_modules/@middy/$1/index.js' },
};
