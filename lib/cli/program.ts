import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { pageAt, VERSION } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { type EnvironmentValues, readEnvironment } from '../local/options.ts';
import type { LocalDependencies } from '../local/run.ts';
import { checkCommand } from './commands/check.ts';
import { createCommand } from './commands/create.ts';
import { dashboardCommand } from './commands/dashboard.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { historyCommand, showCommand } from './commands/show.ts';
import { listCommand } from './commands/list.ts';
import { localCommand } from './commands/local.ts';
import { metricsCommand } from './commands/metrics.ts';
import { modelsCommand } from './commands/models.ts';
import { scopesCommand } from './commands/scopes.ts';
import { redriveCommand, type Wait } from './commands/redrive.ts';
import { statsCommand } from './commands/stats.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { sweepCommand } from './commands/sweep.ts';
import { tagCommand, untagCommand } from './commands/tag.ts';
import { waitCommand } from './commands/wait.ts';
import { watchCommand } from './commands/watch.ts';
import { completeCommand, completionCommand } from './completion.ts';
import { type CommandContext, endOf, EXIT, type ExitCode, exitCodeOf, type Terminal } from './context.ts';
import { visible, visibleLines } from './output/values.ts';

/** What single commands need besides the context. */
export interface ProgramDependencies {
  /** What `local` runs. */
  readonly loadHandlers: LocalDependencies['loadHandlers'];
  /** How `redrive` passes the time. @default really */
  readonly wait?: Wait;
}

/** Commander ends what it writes with a line break, and so does the terminal. */
const without = (text: string): string => text.replace(/\n$/, '');

/** Every command of the command line, in the order in which `--help` lists them. */
const commandsOf = (context: CommandContext, { loadHandlers, wait }: ProgramDependencies): Command[] => [
  listCommand(context),
  showCommand(context),
  historyCommand(context),
  modelsCommand(context),
  waitCommand(context),
  watchCommand(context),
  statsCommand(context),
  metricsCommand(context),
  exportCommand(context),
  checkCommand(context),
  createCommand(context),
  stopCommand(context),
  tagCommand(context),
  untagCommand(context),
  statusCommand(context),
  scopesCommand(context),
  doctorCommand(context),
  sweepCommand(context),
  redriveCommand(context, wait),
  dashboardCommand(context),
  localCommand(context, loadHandlers),
];

const LONGEST_LINE = 1_000;

/** Commander quotes arguments as they came, and says at the end of a line what is wrong with them. */
const quotable = (text: string): string =>
  visibleLines(text)
    .map((line) =>
      line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE / 2)} … ${line.slice(-LONGEST_LINE / 2)}` : line,
    )
    .join('\n');

/** Breaks a paragraph into lines that fit. */
const fill = (paragraph: string, width: number): string[] => {
  const lines = [''];
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '' || last.length + 1 + word.length <= width)
      lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/** Fills the paragraphs of a help text anew, for the width of the terminal. Examples are indented, and stay as they are. */
const fitHelp = (text: string, width: number): string =>
  text
    .split(/\n(?=\n)|(?<=:)\n|\n(?= )/)
    .flatMap((part) => {
      const [breaks = ''] = /^\n*/.exec(part) ?? [];
      const paragraph = part.slice(breaks.length);
      const lines = /^\S/.test(paragraph) ? fill(paragraph.replaceAll('\n', ' '), width) : [paragraph];
      return `${breaks}${lines.join('\n')}`;
    })
    .join('\n');

/** Help as this person calls the commands. */
const withProgram = (text: string, program: string): string =>
  text.replaceAll(/(?<=^|[\s(])bedrock-jobs(?= (?:\[|[a-z]))/gm, program);

/** A program without commands. It throws where commander alone would end the process. */
const emptyProgram = ({ terminal, program }: CommandContext): Command => {
  const width = () => terminal.columns ?? 80;
  return (
    new Command('bedrock-jobs')
      .description('Follow Amazon Bedrock model customization jobs.')
      .version(VERSION, '--version', 'print the version')
      .exitOverride()
      // Options after the name of a command are its own.
      .enablePositionalOptions()
      .configureOutput({
        writeOut: (text) => terminal.print(fitHelp(withProgram(without(text), program), width())),
        // It quotes what was typed, which may have been pasted.
        writeErr: (text) => visibleLines(without(text)).forEach(terminal.tell),
        outputError: (text, write) => write(quotable(text)),
        getOutHelpWidth: width,
        getErrHelpWidth: width,
        getOutHasColors: () => terminal.colour,
        getErrHasColors: () => terminal.colour,
      })
      // On a narrow terminal too; commander alone leaves lines long there.
      .configureHelp({ minWidthToWrap: 16 })
      .showHelpAfterError('(add --help for usage)')
  );
};

const inherit = (command: Command, parent: Command): Command => {
  for (const inner of command.copyInheritedSettings(parent).commands) inherit(inner, command);
  return command;
};

const withCommands = (program: Command, commands: readonly Command[]): Command =>
  commands.reduce((each, command) => each.addCommand(inherit(command, each)), program);

/** The command line. */
export const createProgram = (context: CommandContext, deps: ProgramDependencies): Command => {
  const others = () => withCommands(emptyProgram(context), commandsOf(context, deps));
  return withCommands(others(), [completionCommand(context)])
    .addCommand(completeCommand(context, others).copyInheritedSettings(emptyProgram(context)), { hidden: true })
    .addHelpText('after', `\nPages such as docs/cli.md:\n  ${pageAt('').replace('/blob/', '/tree/')}`);
};

/** Errors of the machine, such as a file that is not there: Node's words are a sentence already. */
const isOfSystem = (error: Error): boolean => 'syscall' in error && 'code' in error;

/** A bug: a person can report it, and see more of it when they want to. */
const unexpected = (error: unknown, env: EnvironmentValues): string => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const what = `This is a bug in bedrock-jobs (${name}: ${message}).`;
  return env['DEBUG']?.includes('bedrock-jobs') === true
    ? `${what}\n${stack ?? ''}`
    : `${what} Please report it with what the command prints when DEBUG=bedrock-jobs is set.`;
};

const report = async (thrown: unknown, terminal: Terminal): Promise<ExitCode> => {
  // Loaded when something went wrong alone.
  const { explain } = await import('../operator/aws-errors.ts');
  // It may quote AWS, or a name that a person gave.
  const tell = (text: string) => visibleLines(text).forEach(terminal.tell);
  const error = explain(thrown);
  if (error instanceof TrackerError) {
    tell(error.message);
    return exitCodeOf(error);
  }
  if (error instanceof Error && isOfSystem(error)) {
    tell(error.message);
    return EXIT.failed;
  }
  tell(unexpected(error, readEnvironment()));
  return EXIT.failed;
};

/** Runs a command line and answers its exit code. A person's mistake gets a sentence, never a stack trace. */
export const runCommandLine = async (
  argv: readonly string[],
  context: CommandContext,
  deps: ProgramDependencies,
): Promise<ExitCode> => {
  try {
    await createProgram(context, deps).parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    // Of a value that was read late, when the other options were known.
    if (error instanceof InvalidArgumentError) context.terminal.tell(visible(`error: ${error.message}`));
    // Commander has written its own sentence; help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.misuse;
    return endOf(error)?.exitCode ?? (await report(error, context.terminal));
  }
};
