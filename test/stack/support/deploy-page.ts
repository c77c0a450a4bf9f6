/** The commands of docs/deploy.md, run in bash as they stand there, by a new user with an account of its own. */
import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
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

/** The commands below a heading of the second level. */
export const commandsOf = (heading: string): string => {
  const text = PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block).join('\n');
};

/** What the machine of the test has under other names. */
const COMMANDS = {
  aws: `exec "${stack.python}" -m awscli "$@"`,
  python3: `exec "${findPython() ?? ''}" "$@"`,
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

/** The machine's own Node.js, nobody who could be asked, and the repository's address on this machine. */
const userEnvironment = (): NodeJS.ProcessEnv => {
  const environment = environmentOf({ ...stack, ...USER });
  const own = path.join('node_modules', '.bin');
  const folders = (environment['PATH'] ?? '').split(path.delimiter).filter((folder) => !folder.endsWith(own));
  return {
    ...environment,
    ...caches(),
    PATH: [commandFolder(), ...folders].join(path.delimiter),
    CDK_REQUIRE_APPROVAL: 'never',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.${ROOT}.insteadOf`,
    GIT_CONFIG_VALUE_0: repository.url.replace(/^git\+|\.git$/g, ''),
  };
};

/** Shows each command with the seconds since the start. */
const PREPARE = "PS4='+ ${SECONDS} s: '; set -ex -o pipefail";

/** Runs commands after those of "Before you start", in a folder with `files`, until one fails. */
export const runAsUser = (commands: string, files: Readonly<Record<string, string>> = {}): Promise<void> => {
  const folder = mkdtempSync(path.join(stack.folder, 'user-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const script = `${PREPARE}\ncd "${ROOT}"\n${commandsOf('Before you start')}\ncd "${folder}"\n${commands}`;
  const options = { env: userEnvironment(), maxBuffer: 2 ** 26 };
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      const said = `${stdout}\n${stderr}`;
      appendFileSync(path.join(stack.folder, 'deploy.log'), said);
      if (error === null) resolve();
      else reject(new Error(`The commands failed:\n${said.split('\n').slice(-30).join('\n')}`));
    });
  });
};
