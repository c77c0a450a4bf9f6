import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium as launcher, type Browser } from 'playwright-core';

const PROJECT = path.join(import.meta.dirname, '../..');
const CACHE = path.join(PROJECT, '.cache');
// Not the package's own flags: those turn off what isolates pages of different origins.
const FLAGS = ['--no-sandbox', '--headless=shell', '--disable-gpu', '--hide-scrollbars', '--font-render-hinting=none'];

const fontsConf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(folder, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${path.join(folder, 'font-cache')}</cachedir>
</fontconfig>
`;

/** Unpacks the browser once. Suites that run at the same time unpack it each, and the first one stays. */
const unpackBrowser = async (): Promise<string> => {
  const manifest = await readFile(path.join(PROJECT, 'node_modules/@sparticuz/chromium/package.json'), 'utf8');
  const folder = path.join(CACHE, `chromium-${(JSON.parse(manifest) as { version: string }).version}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(path.join(CACHE, 'chromium-'));
  const env = { ...process.env, TMPDIR: making };
  await promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'unpack-chromium.mjs')], { env });
  await writeFile(path.join(making, 'fonts.conf'), fontsConf(folder));
  try {
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
};

/** Starts the browser of the tests, unpacked once below .cache. */
export const launchBrowser = async (): Promise<Browser> => {
  const folder = await unpackBrowser();
  const start = (more: Record<string, string>) =>
    launcher.launch({
      executablePath: path.join(folder, 'chromium'),
      args: FLAGS,
      env: { ...process.env, FONTCONFIG_FILE: path.join(folder, 'fonts.conf'), ...more },
    });
  try {
    return await start({});
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('shared libraries')) throw error;
    return start({ LD_LIBRARY_PATH: path.join(folder, 'al2023/lib') });
  }
};
