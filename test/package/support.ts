import { execFile, type ExecFileException } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, mkdirSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What a person's shell has: without the project's own Node.js and without what npm tells its scripts. */
export const userEnvironment = (): NodeJS.ProcessEnv => {
  const own = path.join('node_modules', '.bin');
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|config_local_prefix)|NODE_OPTIONS|NODE_PATH|JEST_|AWS_|CDK_)/i.test(name),
  );
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => !folder.endsWith(own));
  return { ...Object.fromEntries(kept), PATH: folders.join(path.delimiter), CDK_VALIDATION: 'false' };
};

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as a person would, to its end, however it ends. */
export const run = (
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Output> =>
  new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd, env: { ...userEnvironment(), ...env }, maxBuffer: 2 ** 26, shell: process.platform === 'win32' },
      (error: ExecFileException | null, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
  });

/** Standard output of a command that has to succeed. */
export const succeed = async (...command: Parameters<typeof run>): Promise<string> => {
  const { code, stdout, stderr } = await run(...command);
  if (code !== 0) throw new Error(`${command[1]} ${command[2].join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
};

/** Packs a folder into another one; the tarball's path. */
export const pack = async (folder: string, destination: string): Promise<string> => {
  const json = await succeed(folder, NPM, ['pack', '--json', '--pack-destination', destination]);
  const [packed] = JSON.parse(json) as { filename: string }[];
  if (packed === undefined) throw new Error(`npm pack says: ${json}`);
  return path.join(destination, packed.filename);
};

/** Installs a tarball with its own dependencies by npm, and links the peers, which npm leaves to the consumer. */
export const install = async (folder: string, tarball: string, peers: readonly string[]): Promise<void> => {
  await succeed(folder, NPM, ['install', tarball, '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline']);
  for (const name of peers) {
    const link = path.join(folder, 'node_modules', name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules', name), link, 'junction');
  }
};

/** Runs a tool of the project's own node_modules on the project's Node.js. */
export const runTool = (cwd: string, bin: string, args: readonly string[]): Promise<Output> =>
  run(cwd, process.execPath, [path.join(ROOT, 'node_modules', bin), ...args]);

export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();

export const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
