import { Argument, Command } from 'commander';

const EXAMPLES = `
Examples:
  source <(bedrock-jobs completion bash)                       # in ~/.bashrc; needs the package bash-completion
  source <(bedrock-jobs completion zsh)                        # in ~/.zshrc
  bedrock-jobs completion fish > ~/.config/fish/completions/bedrock-jobs.fish
  bedrock-jobs completion powershell | Out-String | Invoke-Expression   # in $PROFILE`;

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** Hands a command line to the library, which adds the same two commands to a program of its own. */
const handOver = async (program: Command, argv: readonly string[]): Promise<void> => {
  // Loaded here alone: few starts are about completion.
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program, { completionCommandName: 'completion' });
  await program.parseAsync(argv, { from: 'user' });
};

/** `bedrock-jobs completion`: prints the script that completes in a shell. `others` is a program with every other command. */
export const completionCommand = (others: () => Command): Command =>
  new Command('completion')
    .description('Print the script that completes commands and flags in your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: string) => handOver(others(), ['completion', shell]));

/** `bedrock-jobs complete -- <words>`: what that script asks. Nobody types it, so help does not list it. */
export const completeCommand = (others: () => Command): Command =>
  new Command('complete')
    .argument('[words...]')
    .action((words: readonly string[]) => handOver(others(), ['complete', '--', ...words]));
