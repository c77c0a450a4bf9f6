/**
 * Runs test files as Jest does, but for a mutant only as far as they can tell anything: those with a test that reaches
 * the mutant, one after the other until a test fails, which kills it. To load all files took most of the time.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import TestRunner from 'jest-runner';

/** Of each file the names of its tests and how long they took without a mutant. The sandbox's workers share it. */
const seenFile = ({ context }) => join(context.config.rootDir, '.cache', 'seen-tests.json');

/** Rules come first, as they are cheap and what use cases stand on; of each kind the fastest file. */
const cost = ({ path }, seen) => (path.includes('/domain/') ? 0 : 1_000_000) + seen[path].ms;

export default class UntilKilled extends TestRunner {
  async runTests(tests, watcher, options) {
    const [first] = tests;
    if (first === undefined) return;
    const seen = {};
    let isKilled = false;
    this.on('test-file-success', ([test, result]) => {
      seen[test.path] = {
        names: result.testResults.map(({ fullName }) => fullName),
        ms: result.perfStats.runtime,
      };
      isKilled ||= result.numFailingTests > 0;
    });
    this.on('test-file-failure', () => {
      isKilled = true;
    });
    if (process.env.__STRYKER_ACTIVE_MUTANT__ === undefined) {
      await super.runTests(tests, watcher, options);
      mkdirSync(dirname(seenFile(first)), { recursive: true });
      writeFileSync(seenFile(first), JSON.stringify(seen));
      return;
    }
    const known = JSON.parse(readFileSync(seenFile(first), 'utf8'));
    const wanted = new RegExp(this._globalConfig.testNamePattern ?? '', 'i');
    for (const test of tests.toSorted((a, b) => cost(a, known) - cost(b, known))) {
      if (isKilled) return;
      if (known[test.path].names.some((name) => wanted.test(name))) await super.runTests([test], watcher, options);
    }
  }
}
