/** Python tools for the tests and benchmarks that need them: pinned, each set in a virtual environment under `.cache/`. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const isWindows = process.platform === 'win32';

export interface VirtualEnvironment {
  readonly name: string;
  /** `name==version`, exactly. */
  readonly pins: readonly string[];
}

/** The AWS CLI alone. */
export const AWS_CLI: VirtualEnvironment = { name: 'aws-cli-venv', pins: ['awscli==1.45.11'] };

/**
 * The AWS CLI, boto3, and moto with what its server needs: its extra `server` brings all services. Then what checks the
 * Python reader.
 */
export const CLIENTS: VirtualEnvironment = {
  name: 'clients-venv',
  pins: [
    ...['awscli==1.45.11', 'boto3==1.43.11', 'moto==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'],
    ...['mypy==2.4.1', 'ruff==0.17.6'],
  ],
};

/**
 * What makes the wheels: of the Python reader, where lib/client/python/pyproject.toml pins the same, and of the
 * constructs.
 */
export const WHEEL: VirtualEnvironment = { name: 'wheel-venv', pins: ['flit_core==3.12.0', 'setuptools==75.3.2'] };

/** What AWS's validators of training data need. */
export const CHECK: VirtualEnvironment = { name: 'check-venv', pins: ['pydantic==2.13.4', 'jsonschema==4.26.0'] };

/** What looks over the templates. */
export const CHECKOV: VirtualEnvironment = { name: 'checkov-venv', pins: ['checkov==3.3.30'] };

/** The versions of pyenv, the newest last: its commands in PATH are for one version only. */
const pyenvPythons = (): readonly string[] => {
  const { status, stdout } = spawnSync('pyenv', ['root'], { encoding: 'utf8' });
  const versions = status === 0 ? join(stdout.trim(), 'versions') : '';
  return existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin', 'python')) : [];
};

/**
 * A Python that can make virtual environments; undefined where the machine has none.
 *
 * @param oldest the 10 of 3.10
 */
export const findPython = (oldest = 10): string | undefined => {
  const isNewEnough = `import sys, venv, ensurepip; sys.exit(sys.version_info < (3, ${oldest}))`;
  const works = (name: string): boolean => spawnSync(name, ['-c', isNewEnough], { stdio: 'ignore' }).status === 0;
  const names = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  return names.find(works) ?? pyenvPythons().find(works);
};

const pythonOf = (venv: string): string =>
  isWindows ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');

const isInstalled = (python: string, pins: readonly string[]): boolean => {
  const wanted = pins.map((pin) => pin.split('=='));
  const source = `import importlib.metadata as m\nfor n, v in ${JSON.stringify(wanted)}: assert m.version(n) == v`;
  return existsSync(python) && spawnSync(python, ['-c', source], { stdio: 'ignore' }).status === 0;
};

/**
 * The Python of a virtual environment with these packages, made where it is missing. It is made beside its place and
 * moved there, so that concurrent runs never see half of one: `python -m` does not need to know where it lies.
 *
 * @param base what `findPython` found
 * @param say is told of an installation, which takes a while
 */
export const ensureVenv = async (
  base: string,
  { name, pins }: VirtualEnvironment,
  say: (line: string) => void,
): Promise<string> => {
  const venv = join(root, '.cache', name);
  const python = pythonOf(venv);
  if (isInstalled(python, pins)) return python;
  say(`Installing ${pins.join(' and ')} into .cache/${name} ...`);
  mkdirSync(dirname(venv), { recursive: true });
  const draft = mkdtempSync(`${venv}-`);
  const run = promisify(execFile);
  try {
    await run(base, ['-m', 'venv', draft]);
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await run(pythonOf(draft), ['-m', 'pip', 'install', ...quiet, ...pins], { maxBuffer: 2 ** 24 });
    // Another run may have been faster.
    if (isInstalled(python, pins)) return python;
    rmSync(venv, { recursive: true, force: true });
    renameSync(draft, venv);
    return python;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};
