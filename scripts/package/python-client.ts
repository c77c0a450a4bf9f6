import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureVenv, findPython, WHEEL } from '../python.ts';
import { filesBelow, ROOT } from './files.ts';
import { pageOf } from './finish.ts';
import { homepageOf, readRoot } from './manifest.ts';

const SOURCE = 'lib/client/python';
const MODULE = 'bedrock_job_tracker_client';
/** 1980, when the time of zip files begins. */
const EPOCH = '315532800';

/** The project file with the version and addresses of package.json. */
async function projectFile(): Promise<string> {
  const root = await readRoot();
  const homepage = homepageOf(root);
  const text = await readFile(path.join(ROOT, SOURCE, 'pyproject.toml'), 'utf8');
  const urls = ['[project.urls]', `Homepage = "${homepage}"`, `Issues = "${homepage}/issues"`, ''];
  return text
    .replace('version = "0.0.0"', `version = "${root.version}"\nlicense-files = ["LICENSE"]`)
    .replace('[tool.mypy]', `${urls.join('\n')}\n[tool.mypy]`);
}

/** Lays out the sources of the wheel, without caches. */
async function stage(folder: string): Promise<void> {
  const source = path.join(ROOT, SOURCE, MODULE);
  const files = (await filesBelow(source)).filter((file) => /^\w+\.(?:py|typed)$/.test(file));
  await mkdir(path.join(folder, MODULE));
  for (const file of files) await cp(path.join(source, file), path.join(folder, MODULE, file));
  await cp(path.join(ROOT, 'LICENSE'), path.join(folder, 'LICENSE'));
  await writeFile(path.join(folder, 'README.md'), await pageOf(`${SOURCE}/README.md`));
  await writeFile(path.join(folder, 'pyproject.toml'), await projectFile());
}

/**
 * Makes the wheel of the Python reader in a folder. The same sources give the same bytes, wherever they lie.
 *
 * @param say reports the installation of the build backend from PyPI
 * @returns the path of the wheel
 * @throws if the machine has no Python 3.10 or later
 */
export async function buildPythonClient(out: string, say: (line: string) => void = console.error): Promise<string> {
  const base = findPython();
  if (base === undefined) throw new Error('The wheel of the Python reader needs Python 3.10 or later with venv.');
  const python = await ensureVenv(base, WHEEL, say);
  const folder = await mkdtemp(path.join(tmpdir(), 'python-client-'));
  try {
    await stage(folder);
    const built = path.join(folder, 'built');
    const pip = ['-m', 'pip', 'wheel', '--quiet', '--disable-pip-version-check', '--no-input', '--no-index'];
    const wheel = ['--no-deps', '--no-build-isolation', '--no-cache-dir', '--wheel-dir', built, folder];
    await promisify(execFile)(python, [...pip, ...wheel], {
      env: { ...process.env, SOURCE_DATE_EPOCH: EPOCH, PYTHONDONTWRITEBYTECODE: '1' },
    });
    const [name = ''] = await filesBelow(built);
    await mkdir(out, { recursive: true });
    await cp(path.join(built, name), path.join(out, name));
    return path.join(out, name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
