/** The CDK's own command line, run as somebody does who deploys. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runGroup } from '../environment/process.ts';
import { environmentOf, type Stack } from './stack.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');

/** Where the CDK puts what it synthesizes. */
export const outputFolder = ({ folder }: Pick<Stack, 'folder'>): string => path.join(folder, 'cdk.out');

/** Runs `cdk` with these words; what it says goes to a log. */
export const cdk = async (stack: Stack, words: readonly string[], cwd = ROOT): Promise<void> => {
  const log = path.join(stack.folder, 'cdk.log');
  const cli = path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const code = await runGroup(process.execPath, [cli, ...words, '--ci'], {
    cwd,
    log,
    env: {
      ...environmentOf(stack),
      PATH: `${path.join(ROOT, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
      CDK_DISABLE_VERSION_CHECK: '1',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
  });
  if (code === 0) return;
  const end = readFileSync(log, 'utf8').split('\n').slice(-12).join('\n');
  throw new Error(`cdk ${words.join(' ')} ended with ${code ?? 'a signal'}. The end of ${log}:\n${end}`);
};

/** From outside of the project, where the CDK finds no app to synthesize first. */
export const bootstrap = (stack: Stack): Promise<void> =>
  cdk(stack, ['bootstrap', `aws://${stack.account}/${stack.region}`], stack.folder);

/** Builds and synthesizes the app with this context, ready for MiniStack. */
export const synthesize = async (
  stack: Stack,
  context: Readonly<Record<string, string>>,
  folder = outputFolder(stack),
): Promise<void> => {
  await cdk(stack, ['synth', '--quiet', '--output', folder, ...settingsOf(context)]);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.template.json'))) takeOut(folder, file);
};

/** The kinds of resources whose templates MiniStack refuses. */
export const UNSUPPORTED = ['AWS::Events::EventBusPolicy'];

/** Where the template is as it was synthesized. */
export const synthesizedFile = (templateFile: string): string => `${templateFile}.synthesized`;

/** Takes what MiniStack refuses out of a template. */
export const takeOut = (folder: string, name: string): void => {
  const file = path.join(folder, name);
  const text = readFileSync(file, 'utf8');
  const template = JSON.parse(text) as { Resources: Record<string, { Type: string }> };
  const kept = Object.entries(template.Resources).filter(([, { Type }]) => !UNSUPPORTED.includes(Type));
  writeFileSync(synthesizedFile(file), text);
  writeFileSync(file, JSON.stringify({ ...template, Resources: Object.fromEntries(kept) }));
};

/** The context as words of the command line. */
export const settingsOf = (context: Readonly<Record<string, string>>): string[] =>
  Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);

/** Synthesizes and deploys at once, as users do. */
export const deployApp = (stack: Stack, context: Readonly<Record<string, string>>): Promise<void> =>
  cdk(stack, [
    'deploy',
    '--require-approval',
    'never',
    '--output',
    `${outputFolder(stack)}.app`,
    ...settingsOf(context),
  ]);

/** Deploys what was synthesized. The answer is the outputs of the stack. */
export const deploy = async (stack: Stack): Promise<Readonly<Record<string, string>>> => {
  const file = path.join(stack.folder, 'outputs.json');
  const words = ['deploy', '--app', outputFolder(stack), '--require-approval', 'never', '--outputs-file', file];
  await cdk(stack, words, stack.folder);
  const outputs = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  return outputs[stack.name] ?? {};
};

/** Who is told of jobs that end. */
export const NOTIFIED = 'ops@example.com';

/**
 * The context that the stack is deployed with; what it does not name has its default. No sweep is due before the checks
 * want one.
 */
export const CONTEXT = { activeSweepMinutes: '60', notifyEmails: NOTIFIED } as const;
