import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PARAMETER_PREFIX } from '../../../lib/contract.ts';
import { deployedFlags, localFlags, type TrackerFlags } from '../../../lib/cli/flags.ts';
import { createProgram, runCommandLine } from '../../../lib/cli/program.ts';
import { commandText } from '../../../lib/domain/command-text.ts';
import { testContext } from '../../support/command-context.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const deps = { loadHandlers: () => Promise.reject(new Error('no handler is run')) };

/** The words of a command, as a shell reads them. */
const wordsOf = (command: string): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], {
    encoding: 'utf8',
    env: { AWS_REGION: 'us-east-1', JOB_ARN: 'triage' },
  })
    .split('\0')
    .slice(0, -1);

/** Parses a command line; what a command would do is left out. */
const problemsOf = async (words: readonly string[], program = 'bedrock-jobs'): Promise<string[]> => {
  const { context, told } = testContext();
  const commands = createProgram({ ...context, program }, deps);
  for (const command of commands.commands) command.action(() => undefined);
  await commands.parseAsync(words, { from: 'user' }).catch(() => undefined);
  return told;
};

const flags = (change: Partial<TrackerFlags>): TrackerFlags => ({ parameterPrefix: PARAMETER_PREFIX, ...change });

describe('a printed command', () => {
  it.each([
    ['the tracker of the Region', deployedFlags(flags({})), {}],
    ['a Region', deployedFlags(flags({ region: 'eu-west-1' })), { region: 'eu-west-1' }],
    ['a table', deployedFlags(flags({ table: 'my-jobs' })), { table: 'my-jobs' }],
    ['a prefix', deployedFlags(flags({ parameterPrefix: '/ml/tracker' })), { parameterPrefix: '/ml/tracker' }],
    ['the local run', localFlags('.local'), { local: true }],
    ['a run in another folder', localFlags("/tmp/it's my run"), { local: true, dataDir: "/tmp/it's my run" }],
  ] satisfies [string, readonly string[], Partial<TrackerFlags>][])(
    'finds %s again',
    async (_, trackerFlags, found) => {
      const command = commandText({ program: 'npx bedrock-job-tracker-cli', trackerFlags }, 'show', 'triage');
      const { context, connectedBy } = testContext();
      const [npx, program, ...argv] = wordsOf(command);
      await runCommandLine(argv, context, deps);
      expect([npx, program]).toEqual(['npx', 'bedrock-job-tracker-cli']);
      expect(connectedBy).toEqual([expect.objectContaining(flags(found))]);
    },
  );

  it.each(['a b', "it's", '$HOME', '`id`', ';ls', '--local'])('quotes the word %j', (word) => {
    const command = commandText({ program: 'x', trackerFlags: [] }, 'show', word);
    expect(wordsOf(command)).toEqual(['x', 'show', word]);
  });
});

/** The commands of a text: `bedrock-jobs …` up to where the shell takes over. */
const commandsOf = (text: string): string[] =>
  [
    ...text
      .replaceAll(/\\\n\s*/g, '')
      .matchAll(/(?<=^|[\s(])(?:npx |\.\/)?bedrock-jobs (?<words>(?:'[^']*'|"[^"\n]*"|[ ](?!#)|[^\s|&>)`])+)/gm),
  ].map(({ groups }) => (groups?.['words'] ?? '').trim());

const helpOf = async (name: string, program = 'bedrock-jobs', columns = 100): Promise<string> => {
  const { context, printed } = testContext({ terminal: { columns } });
  await runCommandLine([name, '--help'], { ...context, program }, deps);
  return printed.join('\n');
};
const NAMES = createProgram(testContext().context, deps).commands.map((command) => command.name());

describe('an example', () => {
  it.each(NAMES.filter((name) => name !== 'complete'))('of %s parses', async (name) => {
    const help = await helpOf(name);
    const examples = commandsOf(help.slice(help.indexOf('Examples:')));
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect([example, await problemsOf(wordsOf(example))]).toEqual([example, []]);
  });

  it('is shown as the person calls the command', async () => {
    const help = await helpOf('list', 'npx bedrock-job-tracker-cli');
    expect(help).toMatch(/^Usage: npx bedrock-job-tracker-cli list \[options\]/);
    expect(help).toMatch(/^ {2}npx bedrock-job-tracker-cli list --active$/m);
  });

  it.each([
    'README.md',
    'lib/cli/README.md',
    'docs/cli.md',
    'docs/check.md',
    'docs/runbook.md',
    'docs/dashboard.md',
    'docs/permissions.md',
  ])('of %s parses', async (page) => {
    const text = readFileSync(path.join(ROOT, page), 'utf8').split('<!-- generated')[0] ?? '';
    const blocks = [...text.matchAll(/```bash\n(.*?)```/gs)].flatMap(([, block = '']) => commandsOf(block));
    for (const example of blocks) expect([example, await problemsOf(wordsOf(example))]).toEqual([example, []]);
  });
});

describe.each([60, 80, 120])('help on %d columns', (columns) => {
  it.each(NAMES.filter((name) => name !== 'complete'))('of %s fits, but for examples', async (name) => {
    const [text = ''] = (await helpOf(name, 'bedrock-jobs', columns)).split('Examples:');
    // A single word may be longer.
    expect(text.split('\n').filter((line) => line.length > columns && line.trim().includes(' '))).toEqual([]);
  });
});

it('commands are printed by commandText alone', () => {
  const sources = globSync('lib/**/*.{ts,tsx}', { cwd: ROOT });
  const wrong = sources.flatMap((source) =>
    readFileSync(path.join(ROOT, source), 'utf8')
      .split('\n')
      // A command with a value in it, outside comments and help.
      .filter((line) => /bedrock-jobs [a-z]+ [^'",]*\$\{/.test(line) && !/^\s*(?:\*|\/\/|\/\*)/.test(line))
      .map((line) => `${source}: ${line.trim()}`),
  );
  expect(wrong).toEqual([]);
});
