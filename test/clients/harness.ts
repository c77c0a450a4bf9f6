/** What the checks of `npm run test:clients` share. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const HERE = import.meta.dirname;
export const run = promisify(execFile);

const totals = { passed: 0, failed: 0 };
/** How many checks passed and failed. */
export const counts = (): Readonly<typeof totals> => totals;

let interpreter = '';
/** The Python of the virtual environment, whose tools run as `python -m`. */
export const python = (): string => interpreter;
export const usePython = (path: string): void => {
  interpreter = path;
};

/** Prints a line; `ok …` and `FAILED …` are counted. */
export const say = (line: string): void => {
  console.log(line);
  if (line.startsWith('ok ')) totals.passed += 1;
  if (line.startsWith('FAILED')) totals.failed += 1;
};
export const messageOf = (error: unknown): string => {
  const { stderr = '', stdout = '' } = error as { readonly stderr?: string; readonly stdout?: string };
  return stderr.trim() || stdout.trim() || (error instanceof Error ? error.message : String(error));
};

export type Variables = Readonly<Record<string, string | undefined>>;

/** The environment of somebody without any configuration. */
export const bareEnvironment = (home: string): Variables => ({
  PATH: process.env['PATH'],
  HOME: home,
  USERPROFILE: home,
  SYSTEMROOT: process.env['SYSTEMROOT'] ?? '',
  AWS_CONFIG_FILE: join(home, 'config'),
  AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
  AWS_EC2_METADATA_DISABLED: 'true',
  PYTHONDONTWRITEBYTECODE: '1',
});

export const credentialsOf = (account: string, region: string): Variables => ({
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
});

interface Told {
  readonly url: string;
  /** What the TypeScript client finds: of serve-querying.ts and serve-vectors.ts. */
  readonly found?: Readonly<Record<string, unknown>>;
  /** Of serve-querying.ts, in place of an address. */
  readonly environment?: Variables;
  readonly losses?: readonly string[];
}

/** Runs a server of this folder, which prints its address and more as one line of JSON, while `work` lasts. */
export const withServer = async (
  [file = '', ...args]: readonly string[],
  env: Variables,
  work: (told: Told) => Promise<void>,
): Promise<void> => {
  const child = spawn(file.endsWith('.py') ? interpreter : process.execPath, [join(HERE, file), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
  });
  const ended = once(child, 'exit');
  const firstLine = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const early = ended.then(([code]) => {
    throw new Error(`${file} ended with code ${String(code)} before it listened.`);
  });
  early.catch(() => undefined);
  try {
    const [line] = await Promise.race([firstLine, early]);
    await work(JSON.parse(line) as Told);
  } finally {
    child.stdin.end();
    await ended;
  }
};

export const check = async (name: string, test: () => Promise<void>): Promise<void> => {
  try {
    await test();
    say(`ok ${name}`);
  } catch (error) {
    say(`FAILED ${name}: ${messageOf(error)}`);
  }
};

/** Runs a Python script of this folder, which prints a line `ok <what>` or `FAILED <what>: <why>` a check. */
export const checkPython = async (
  home: string,
  [file = '', ...args]: readonly string[],
  more: Variables = {},
): Promise<void> => {
  const env = { ...bareEnvironment(home), ...more };
  const before = { ...totals };
  const { stdout, stderr, isBroken } = await run(interpreter, [join(HERE, file), ...args], {
    env,
    timeout: 120_000,
  }).then(
    (ended) => ({ ...ended, isBroken: false }),
    (error: unknown) => ({ ...(error as { stdout: string; stderr: string }), isBroken: true }),
  );
  stdout.split(/\r?\n/).filter(Boolean).forEach(say);
  // A script may break, or take too long, after some checks that passed.
  if (totals.failed === before.failed && (isBroken || totals.passed === before.passed)) {
    say(`FAILED ${file} did not run to its end: ${stderr.trim().slice(-2000)}`);
  }
};
