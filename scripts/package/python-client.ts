import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { filesBelow, ROOT } from './files.ts';
import { writePython } from '../write-schema.ts';
import { pageOf } from './finish.ts';
import { homepageOf, readRoot } from './manifest.ts';
import { makeWheel } from './wheel.ts';

const SOURCE = 'lib/client/python';
const MODULE = 'bedrock_job_tracker_client';
/** What the project file has in place of the version, and what follows the addresses. */
const NO_VERSION = 'version = "0.0.0"';
const AFTER_URLS = '[tool.mypy]';

/** The project file with the version and addresses of package.json. */
async function projectFile(): Promise<string> {
  const root = await readRoot();
  const homepage = homepageOf(root);
  const text = await readFile(path.join(ROOT, SOURCE, 'pyproject.toml'), 'utf8');
  for (const place of [NO_VERSION, AFTER_URLS]) {
    if (!text.includes(place))
      throw new Error(`${SOURCE}/pyproject.toml has no ${place}, which the wheel needs there.`);
  }
  const urls = ['[project.urls]', `Homepage = "${homepage}"`, `Issues = "${homepage}/issues"`, ''];
  return text
    .replace(NO_VERSION, `version = "${root.version}"\nlicense-files = ["LICENSE"]`)
    .replace(AFTER_URLS, `${urls.join('\n')}\n${AFTER_URLS}`);
}

/** Lays out the sources of the wheel, without caches. */
async function stage(folder: string): Promise<string> {
  const source = path.join(ROOT, SOURCE, MODULE);
  await writePython();
  const files = (await filesBelow(source)).filter((file) => /^\w+\.(?:py|typed)$/.test(file));
  await mkdir(path.join(folder, MODULE));
  for (const file of files) await cp(path.join(source, file), path.join(folder, MODULE, file));
  await cp(path.join(ROOT, 'LICENSE'), path.join(folder, 'LICENSE'));
  await writeFile(path.join(folder, 'README.md'), await pageOf(`${SOURCE}/README.md`));
  await writeFile(path.join(folder, 'pyproject.toml'), await projectFile());
  return folder;
}

/**
 * Makes the wheel of the Python reader in a folder.
 *
 * @param say reports the installation of the build backend from PyPI
 * @returns the path of the wheel
 */
export const buildPythonClient = (out: string, say?: (line: string) => void): Promise<string> =>
  makeWheel(stage, out, say);
