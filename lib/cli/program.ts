import { Command, CommanderError } from 'commander';
import { hasCode, TrackerError } from '../domain/errors.ts';
import type { LocalDependencies } from '../local/run.ts';
import { localCommand } from './commands/local.ts';
import { redriveCommand, type RedriveCommandDependencies } from './commands/redrive.ts';

/** Exit codes: 0 done, 1 failed, 2 misuse. */
export const EXIT = { done: 0, failed: 1, misuse: 2 } as const;

type Dependencies = LocalDependencies & RedriveCommandDependencies;

const createProgram = (deps: Dependencies): Command => {
  const program = new Command('bedrock-jobs')
    .description('Follow Amazon Bedrock model customization jobs.')
    .exitOverride()
    .showHelpAfterError('(add --help for what it takes)');
  return program
    .addCommand(localCommand(deps).copyInheritedSettings(program))
    .addCommand(redriveCommand(deps).copyInheritedSettings(program));
};

/** Runs a command line and answers its exit code. A person's mistake gets a sentence, never a stack trace. */
export const runCommandLine = async (argv: readonly string[], deps: Dependencies): Promise<number> => {
  try {
    await createProgram(deps).parseAsync(argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    // Commander has written its own sentence; help and version end with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.misuse;
    if (!(error instanceof TrackerError)) throw error;
    process.stderr.write(`${error.message}\n`);
    // What was asked for was in order, but it did not come about.
    return hasCode(error, 'REDRIVE_FAILED') ? EXIT.failed : EXIT.misuse;
  }
};
