/**
 * Builds a release a second time, from a copy of this tree in another folder, in another time zone and with other
 * permissions for new files, and compares all bytes. Ends with `N passed, N failed`.
 *
 *   node test/release/main.ts [folder of the first build]    without it, the first one is built too
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { filesBelow, ROOT } from '../../scripts/package/files.ts';

const build = (root: string, out: string, umask: number): void => {
  const before = process.umask(umask);
  try {
    execFileSync(process.execPath, ['scripts/release.ts', '--out', out], {
      cwd: root,
      env: { ...process.env, TZ: umask === 0 ? 'Asia/Kolkata' : 'America/St_Johns' },
      stdio: 'inherit',
    });
  } finally {
    process.umask(before);
  }
};

/** A copy of a file: a link where both are on one disk. */
const copy = (from: string, to: string): void => {
  mkdirSync(path.dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
};

/** A copy of what git knows or would add, and of the packages; nothing that was built before. */
const copyTree = async (to: string): Promise<void> => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  const packages = (await filesBelow(path.join(ROOT, 'node_modules'))).map((file) => `node_modules/${file}`);
  for (const file of [...listed.toString().split('\0').filter(Boolean), ...packages]) {
    copy(path.join(ROOT, file), path.join(to, file));
  }
};

const main = async (): Promise<void> => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-again-'));
  try {
    const [given] = process.argv.slice(2);
    const first = path.resolve(given ?? path.join(scratch, 'first'));
    if (given === undefined) build(ROOT, first, 0o022);
    const [tree, second] = [path.join(scratch, 'a', 'copy of the tree'), path.join(scratch, 'second')];
    await copyTree(tree);
    build(tree, second, 0);
    const files = [...new Set([...(await filesBelow(first)), ...(await filesBelow(second))])].sort();
    const differing = files.filter((file) => {
      try {
        return !readFileSync(path.join(first, file)).equals(readFileSync(path.join(second, file)));
      } catch {
        return true;
      }
    });
    for (const file of differing) console.log(`${file} differs, or only one build has it.`);
    console.log(`${files.length - differing.length} passed, ${differing.length} failed`);
    process.exitCode = differing.length > 0 ? 1 : 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

await main();
