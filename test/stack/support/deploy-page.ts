/** The commands of docs/deploy.md, run in bash as they stand there, by a new user with an account of its own. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { findPython } from '../../../scripts/python.ts';
import { stack } from './aws.ts';
import { environmentOf } from './stack.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const PAGE = readFileSync(path.join(ROOT, 'docs', 'deploy.md'), 'utf8');
const { repository } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  repository: { url: string };
};

/** Whoever follows the page. */
export const USER = { account: '444444444444' } as const;

/** What the page says below a heading of the second level: commands, and files by their names. */
const sectionOf = (heading: string) => {
  const text = PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const commands = [...text.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block).join('\n');
  const files = text.matchAll(/^`([\w.]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm);
  return { commands, files: [...files].map(([, name = '', content = '']) => ({ name, content })) };
};

/** By its path: a command of this name that asked for itself would never end. */
const pythonPath = (): string =>
  execFileSync(findPython() ?? '', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

/** What the machine of the test has under other names. */
const COMMANDS = {
  aws: `exec "${stack.python}" -m awscli "$@"`,
  python3: `exec "${pythonPath()}" "$@"`,
};

const commandFolder = (): string => {
  const folder = path.join(stack.folder, 'user-commands');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(COMMANDS))
    writeFileSync(path.join(folder, name), `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 });
  return folder;
};

/** Folders that hold what was downloaded before. */
const caches = (): Readonly<Record<string, string>> => ({
  npm_config_cache: execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim(),
  npm_config_prefer_offline: 'true',
  PIP_CACHE_DIR: execFileSync(stack.python, ['-m', 'pip', 'cache', 'dir'], { encoding: 'utf8' }).trim(),
});

/** A mirror of Terraform's providers: their registry is no package registry that a test may depend on. */
const PROVIDERS = process.env['TERRAFORM_PROVIDERS'] ?? '';

const terraformSettings = (): Readonly<Record<string, string>> => {
  const file = path.join(stack.folder, 'terraform.rc');
  const mirror = `provider_installation {\n  filesystem_mirror {\n    path = "${PROVIDERS}"\n  }\n}\n`;
  writeFileSync(file, mirror);
  return { TF_CLI_CONFIG_FILE: file, TF_CLI_ARGS_apply: '-auto-approve', CHECKPOINT_DISABLE: '1' };
};

export const hasTerraform =
  existsSync(PROVIDERS) && spawnSync('terraform', ['version'], { stdio: 'ignore' }).status === 0;

/** The machine's own Node.js, nobody who could be asked, and the repository's address on this machine. */
const userEnvironment = (): NodeJS.ProcessEnv => {
  const environment = environmentOf({ ...stack, ...USER });
  const own = path.join('node_modules', '.bin');
  const folders = (environment['PATH'] ?? '').split(path.delimiter).filter((folder) => !folder.endsWith(own));
  return {
    ...environment,
    ...caches(),
    PATH: [commandFolder(), ...folders].join(path.delimiter),
    ...terraformSettings(),
    CDK_REQUIRE_APPROVAL: 'never',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.${ROOT}.insteadOf`,
    GIT_CONFIG_VALUE_0: repository.url.replace(/^git\+|\.git$/g, ''),
  };
};

const RELEASE = process.env['RELEASE_FOLDER'] ?? '';

/** A folder that has the release where a clone has it. */
const cloneWithRelease = (): string => {
  const clone = path.join(stack.folder, 'clone');
  mkdirSync(path.join(clone, 'dist'), { recursive: true });
  rmSync(path.join(clone, 'dist', 'release'), { force: true });
  symlinkSync(RELEASE, path.join(clone, 'dist', 'release'));
  return clone;
};

/** What the test does beyond the page. */
export interface Addition {
  /** Commands at the end. */
  readonly more?: string;
  /** A file that adapts the others to the emulator. */
  readonly override?: { readonly name: string; readonly content: string };
}

/** Shows each command with the seconds since the start. */
const PREPARE = "PS4='+ ${SECONDS} s: '; set -ex -o pipefail";

/** Writes the files of a way, then runs its commands after those of "Before you start", until one fails. */
export const follow = (heading: string, { more = '', override }: Addition = {}): Promise<void> => {
  const { commands, files } = sectionOf(heading);
  const folder = mkdtempSync(path.join(stack.folder, 'user-'));
  for (const { name, content } of [...files, ...(override ? [override] : [])])
    writeFileSync(path.join(folder, name), content);
  const before = `cd "${cloneWithRelease()}"\n${sectionOf('Before you start').commands}`;
  const script = [PREPARE, before, `cd "${folder}"`, commands, more].join('\n');
  const options = { env: userEnvironment(), maxBuffer: 2 ** 26 };
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      const said = `${stdout}\n${stderr}`;
      appendFileSync(path.join(stack.folder, 'deploy.log'), said);
      if (error === null) resolve();
      else reject(new Error(`The commands of "${heading}" failed:\n${said.split('\n').slice(-30).join('\n')}`));
    });
  });
};
