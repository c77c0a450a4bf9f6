/**
 * The full-stack test: sets up an emulated AWS and a simulated Bedrock, runs the checks, and ends all that it started,
 * whatever happens. Ends with `N passed, N failed`. Needs Python 3.10 or later; without it, says so and skips.
 *
 *   node test/stack/main.ts stack    deploys the app, then runs stack.checks.ts
 *   node test/stack/main.ts deploy   runs deploy.checks.ts, which deploys a release in each way of docs/deploy.md
 *
 * Further words go to Jest.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CLIENTS, ensureVenv, findPython } from '../../scripts/python.ts';
import { endAllGroups, runGroup } from './environment/process.ts';
import { deployStack, makeFolder, startServices } from './environment/set-up.ts';
import { STACK_VARIABLE, environmentOf, type Stack } from './support/stack.ts';

const HERE = import.meta.dirname;
const ROOT = path.resolve(HERE, '..', '..');
const MODULES = path.join(ROOT, 'node_modules');

// cryptography makes the certificate, and lets MiniStack's KMS sign.
const MINISTACK = { name: 'ministack-venv', pins: ['ministack==1.5.33', 'cryptography==50.0.2'] };

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const [suite = 'stack', ...wordsForJest] = process.argv.slice(2);

/** The folder of a release: RELEASE_FOLDER, where there is one already. */
const makeRelease = async (): Promise<string> => {
  const { RELEASE_FOLDER: given } = process.env;
  if (given !== undefined) return path.resolve(ROOT, given);
  const code = await runGroup(process.execPath, [path.join(ROOT, 'scripts', 'release.ts')], { env: process.env });
  if (code !== 0) throw new Error('There is no release to deploy: see the message of npm run release above.');
  return path.join(ROOT, 'dist', 'release');
};

const runChecks = async (stack: Stack, variables: NodeJS.ProcessEnv = {}): Promise<Counts> => {
  const results = path.join(stack.folder, 'results.json');
  const jest = path.join(MODULES, 'jest', 'bin', 'jest.js');
  const words = ['--config', path.join(HERE, 'jest.config.mjs'), '--runInBand', '--verbose', '--colors=false'];
  const files = ['--testPathPatterns', `test/stack/${suite}\\.checks`];
  await runGroup(process.execPath, [jest, ...words, ...files, '--json', `--outputFile=${results}`, ...wordsForJest], {
    cwd: ROOT,
    env: { ...environmentOf(stack), ...variables, [STACK_VARIABLE]: JSON.stringify(stack) },
  });
  if (!existsSync(results)) throw new Error('The checks ended before they had a result.');
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(results, 'utf8')) as Record<
    'numPassedTests' | 'numFailedTests' | 'numFailedTestSuites',
    number
  >;
  // A suite that cannot even run has no failed test of its own.
  return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites) };
};

const step = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
};

const skip = (reason: string): void => {
  console.log(`Skipped: ${reason}`);
  console.log('0 passed, 0 failed, 1 skipped');
};

const main = async (): Promise<void> => {
  if (process.platform === 'win32') {
    skip('MiniStack runs in a process group, which Windows does not have.');
    return;
  }
  const python = findPython();
  if (python === undefined) {
    skip('found no Python 3.10 or later with venv, which MiniStack, the AWS CLI and boto3 need.');
    return;
  }
  const folder = makeFolder();
  let counts: Counts = { passed: 0, failed: 1 };
  try {
    const [ministack, clients] = await Promise.all([
      ensureVenv(python, MINISTACK, console.log),
      ensureVenv(python, CLIENTS, console.log),
    ]);
    const services = await step('MiniStack', () => startServices({ ministack, clients }, folder));
    if (suite === 'stack') {
      const stack = await step('Bootstrap and deployment', () => deployStack(services));
      counts = await step('Checks', () => runChecks(stack));
    } else {
      const release = await step('Release', makeRelease);
      counts = await step('Checks', () =>
        runChecks(services, { RELEASE_FOLDER: release, TERRAFORM_PROVIDERS: process.env['TERRAFORM_PROVIDERS'] }),
      );
    }
  } catch (error) {
    console.log(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await endAllGroups();
  }
  if (counts.failed > 0) console.log(`What the functions and MiniStack said: ${path.join(folder, 'ministack.log')}`);
  else rmSync(folder, { recursive: true, force: true });
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    console.log(`Stopped by ${signal}.`);
    // What waits for a process that ends now fails, and main cleans up.
    void endAllGroups();
  });
}
await main();
