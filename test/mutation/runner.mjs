/**
 * Runs test files as Jest does, but for a mutant only as far as they can tell anything: those with a test that reaches
 * the mutant, one after the other until a test fails, which kills it. To load all files took most of the time. (Jest's
 * own search for related tests takes ten times as long as such a file.)
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import TestRunner from 'jest-runner';

/** Of each file the names of its tests and how long they took without a mutant. The sandbox's workers share it. */
const seenFile = ({ context }) => join(context.config.rootDir, '.cache', 'seen-tests.json');

let subjects;

/** The name of the file that a mutant is in, as the instrumented files tell. */
const subjectOf = (rootDir, mutant) => {
  subjects ??= new Map(
    ['lib/domain', 'lib/tracking'].flatMap((folder) =>
      readdirSync(join(rootDir, folder)).flatMap((file) =>
        [...readFileSync(join(rootDir, folder, file), 'utf8').matchAll(/stryMutAct_\w+\("(\d+)"\)/g)].map(([, id]) => [
          id,
          basename(file, '.ts'),
        ]),
      ),
    ),
  );
  return subjects.get(mutant);
};

/** First the tests of that very file, then rules, as they are cheap and what use cases stand on; of each the fastest. */
const cost = ({ path }, seen, subject) =>
  basename(path, '.test.ts') === subject ? -1 : (path.includes('/domain/') ? 0 : 1_000_000) + seen[path].ms;

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
    const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
    if (mutant === undefined) {
      await super.runTests(tests, watcher, options);
      mkdirSync(dirname(seenFile(first)), { recursive: true });
      writeFileSync(seenFile(first), JSON.stringify(seen));
      return;
    }
    const known = JSON.parse(readFileSync(seenFile(first), 'utf8'));
    const wanted = new RegExp(this._globalConfig.testNamePattern ?? '', 'i');
    const subject = subjectOf(first.context.config.rootDir, mutant);
    for (const test of tests.toSorted((a, b) => cost(a, known, subject) - cost(b, known, subject))) {
      if (isKilled) return;
      if (known[test.path].names.some((name) => wanted.test(name))) await super.runTests([test], watcher, options);
    }
  }
}
