import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../lib/cli/context.ts';
import { createProgram } from '../lib/cli/program.ts';

/** What `--help` of every command says, as a page. */
export const CLI_DOCS_FILE = path.resolve(import.meta.dirname, '../docs/cli.md');

const WIDTH = 100;

const INTRODUCTION = `# The command line

<!-- Made from the commands by \`npm run docs:cli\`. -->

\`bedrock-jobs\` reads a tracker's table with your own AWS credentials. Who installed the package has it as
a command. In a clone it is a script of npm's, which a short name makes the same:

\`\`\`bash
alias bedrock-jobs='npm run --silent bedrock-jobs --'
\`\`\`

## Which tracker

| you say                                 | it works with                                                       |
| --------------------------------------- | ------------------------------------------------------------------- |
| nothing                                 | the stack of your Region, found by its SSM parameters               |
| \`--region eu-west-1\`                    | the same in another Region                                          |
| \`--parameter-prefix /ml/tracker\`        | a stack whose prop \`parameterPrefix\` is this                        |
| \`--table my-jobs\`, or \`JOBS_TABLE_NAME\` | this table; accounts and Regions from \`TRACKED_SCOPES\`, or from SSM |
| \`--local\`, or \`--data-dir <folder>\`     | the tracker that \`npm start\` runs on this machine                   |

The Region comes from \`--region\`, \`AWS_REGION\`, \`AWS_DEFAULT_REGION\` or your profile. The permissions that commands need
are in [permissions.md](permissions.md).

## What every command has in common

- **Exit codes**: 0 done; 1 not found, the job failed, or it could not be done; 2 misuse, such as a wrong flag, no
  credentials, or a request that no index answers; 130 ended by Ctrl-C.
- **\`--json\`** prints one JSON document on standard output and nothing else there. Hints, progress and errors go to
  standard error.
- **Tables fit the terminal**: the least important columns are left out, then the widest are cut (…). Where output goes
  to a file or a pipe, lines are as long as they are, unless \`COLUMNS\` is set.
- **Colours** only on a terminal; \`NO_COLOR\` and \`FORCE_COLOR\` are heeded.
- **Times** are UTC. An age such as \`30min\`, \`12h\`, \`7d\` or \`2w\` counts back from now.
- **Text from AWS is text**: control characters of names, tags and messages are shown (␛), not sent to the terminal.
- \`DEBUG=bedrock-jobs\` adds the stack trace where a mistake of the program itself is reported.
`;

/** A command's help as its \`--help\` prints it. */
const helpOf = (command: Command, lines: string[]): string => {
  lines.length = 0;
  command.outputHelp();
  return lines.join('\n').trimEnd();
};

/** The page. No command is run, so the context leads nowhere. */
export const cliDocs = (): string => {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const terminal = { print, tell: print, columns: WIDTH, colour: false, isTerminal: false };
  const nowhere = () => Promise.reject(new Error('No command runs here.'));
  const program = createProgram({ terminal, connect: nowhere } as unknown as CommandContext, { loadHandlers: nowhere });
  const sections = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
    .map((command) => `## ${command.name()}\n\n\`\`\`text\n${helpOf(command, lines)}\n\`\`\`\n`);
  return [INTRODUCTION, ...sections].join('\n');
};

async function main(): Promise<void> {
  await writeFile(CLI_DOCS_FILE, cliDocs());
  console.error(path.relative(process.cwd(), CLI_DOCS_FILE));
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
