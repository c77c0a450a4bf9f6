/** The commands of docs/runbook.md, run in bash as a person runs them. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stack } from './aws.ts';
import { outputFolder } from './cdk.ts';
import { environmentOf } from './stack.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const MODULES = path.join(ROOT, 'node_modules');
const PAGE = readFileSync(path.join(ROOT, 'docs', 'runbook.md'), 'utf8');

/** The blocks of commands below a heading of the second level. */
export const commandsOf = (heading: string): string[] => {
  const text = PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(/^( *)```bash\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
};

/**
 * The AWS CLI 1 of the test lacks one option of version 2, and takes the address of SQS from the command line alone. The CDK asks nobody before it changes permissions.
 */
const COMMANDS = {
  aws: `words=()
for word in "$@"; do
  case $word in --cli-binary-format | raw-in-base64-out) ;; *) words+=("$word") ;; esac
done
exec "${stack.python}" -m awscli --endpoint-url "$AWS_ENDPOINT_URL" "\${words[@]}"`,
  npx: `shift
exec "${process.execPath}" "${path.join(MODULES, 'aws-cdk', 'bin', 'cdk')}" "$@" --ci --require-approval never --output "${outputFolder(stack)}.app"`,
};

const commandFolder = (): string => {
  const folder = path.join(stack.folder, 'commands');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(COMMANDS)) {
    writeFileSync(path.join(folder, name), `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 });
  }
  return folder;
};

export interface Outcome {
  readonly code: number;
  readonly said: string;
}

/** Runs commands in a shell that is prepared as the runbook says, until one fails. */
export const run = (commands: string, variables: Readonly<Record<string, string>> = {}): Promise<Outcome> => {
  const [prepare = ''] = commandsOf('Prepare the shell');
  const environment = environmentOf(stack);
  const folders = [commandFolder(), path.join(MODULES, '.bin'), environment['PATH'] ?? ''];
  const options = {
    cwd: ROOT,
    env: { ...environment, ...variables, PATH: folders.join(path.delimiter), CDK_DISABLE_VERSION_CHECK: '1' },
    maxBuffer: 2 ** 24,
  };
  return new Promise((resolve) => {
    execFile('bash', ['-o', 'pipefail', '-c', `${prepare}\nset -e\n${commands}`], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), said: `${stdout}\n${stderr}` });
    });
  });
};
