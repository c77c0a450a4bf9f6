import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureVenv, findPython, WHEEL } from '../python.ts';

/** 1980, when the time of zip files begins. */
const EPOCH = '315532800';

/**
 * The Python that makes wheels.
 *
 * @throws where the machine has none
 */
export function pythonForWheels(): string {
  const python = findPython();
  if (python !== undefined) return python;
  throw new Error(
    'The wheels need Python 3.10 or later with venv, which this machine does not have. Install it (python3-venv on Debian ' +
      'and Ubuntu), then run the command again.',
  );
}

/**
 * Makes the wheel of a Python project. The same project gives the same bytes.
 *
 * @param layOut writes the project's files into a folder, and answers where in it the project is
 * @param out the wheel's folder
 * @param say is told of an installation of the build backends, which PyPI has
 * @returns the wheel's path
 */
export async function makeWheel(
  layOut: (folder: string) => Promise<string>,
  out: string,
  say: (line: string) => void = console.error,
): Promise<string> {
  const python = await ensureVenv(pythonForWheels(), WHEEL, say);
  const scratch = await mkdtemp(path.join(tmpdir(), 'bedrock-job-tracker-wheel-'));
  try {
    const project = await layOut(scratch);
    const wheels = path.join(scratch, 'wheels');
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-cache-dir'];
    const offline = ['--no-deps', '--no-build-isolation', '--no-index'];
    await promisify(execFile)(python, ['-m', 'pip', 'wheel', ...quiet, ...offline, '--wheel-dir', wheels, project], {
      env: { ...process.env, SOURCE_DATE_EPOCH: EPOCH, PYTHONDONTWRITEBYTECODE: '1' },
    });
    const [name = ''] = await readdir(wheels);
    await mkdir(out, { recursive: true });
    // A copy would keep pip's permissions, which are for its user alone.
    await writeFile(path.join(out, name), await readFile(path.join(wheels, name)));
    return path.join(out, name);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
