import { TestEnvironment } from 'jest-environment-node';

/** Skips the tests of a file that follow one which killed the mutant. */
export default class UntilKilled extends TestEnvironment {
  #isKilled = false;

  handleTestEvent(event) {
    if (process.env.__STRYKER_ACTIVE_MUTANT__ === undefined) return;
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.#isKilled = true;
    if (event.name === 'test_start' && this.#isKilled) event.test.mode = 'skip';
  }
}
