/**
 * Mutation tests: each small change of a rule or a use case must be noticed by the unit tests of its folder. See
 * docs/testing.md.
 */
export default {
  mutate: ['lib/domain/**/*.ts', 'lib/tracking/**/*.ts'],
  plugins: ['@stryker-mutator/jest-runner'],
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'test/mutation/jest.config.mjs', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  // SWC strips types and checks none, so mutants of another type need nothing.
  disableTypeChecks: false,
  tempDirName: '.cache/mutation',
  cleanTempDir: 'always',
  ignorePatterns: ['/.cache', '/.local', '/cdk.out', '/coverage', '/dist', '/docs'],
  incrementalFile: '.cache/mutation-results.json',
  // A machine that is busy is no endless loop.
  timeoutMS: 10_000,
  // Jest leaks what it loaded.
  maxTestRunnerReuse: 200,
  reporters: ['html', 'json', 'clear-text', 'progress'],
  clearTextReporter: { allowColor: false, reportTests: false, reportScoreTable: true },
  htmlReporter: { fileName: 'dist/mutation/index.html' },
  jsonReporter: { fileName: 'dist/mutation/mutation.json' },
  thresholds: { high: 95, low: 90, break: 90 },
};
