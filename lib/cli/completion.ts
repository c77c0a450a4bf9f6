import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, Command, type Option } from 'commander';
import type { CustomModelSummary, JobSummary } from '../client/requests.ts';
import { shellWord } from '../domain/command-text.ts';
import { MODEL_STATUSES } from '../domain/model-record.ts';
import { CUSTOMIZATION_TYPES, JOB_STATUSES } from '../domain/record.ts';
import { modelIdOf, RUN_COLUMNS, RUN_GROUPS } from '../domain/run.ts';
import { compareText } from '../domain/text.ts';
import { TIME_WORDS } from '../domain/time.ts';
import { type CommandContext, EXIT } from './context.ts';
import type { TrackerFlags } from './flags.ts';
import { MODEL_COLUMNS, namesOf } from './models/columns.ts';
import { visible } from './output/values.ts';

const EXAMPLES = `
Completes commands, flags, and of the tracker the names of jobs, models, tags and base models.

Examples:
  source <(bedrock-jobs completion bash)                       # in ~/.bashrc
  source <(bedrock-jobs completion zsh)                        # in ~/.zshrc, after compinit
  bedrock-jobs completion fish > ~/.config/fish/completions/bedrock-jobs.fish
  bedrock-jobs completion powershell | Out-String | Invoke-Expression   # in $PROFILE`;

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/**
 * The library's script for bash cannot be read twice, needs another package, runs what is typed, and cannot complete after
 * `=`. Bash finds it for a path to the command too, and hands over the command as it was typed.
 */
const BASH = `# bash completion for bedrock-jobs
_bedrock_jobs() {
  local line="\${COMP_LINE:0:COMP_POINT}" value description cur broken
  local -a words=()
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  cur="\${words[\${#words[@]}-1]}"
  # Bash replaces only what follows the last of these.
  broken="\${cur%"\${cur##*[=:]}"}"
  COMPREPLY=()
  while IFS=$'\\t' read -r value description; do
    [[ "$value" == :* || -z "$value" ]] && continue
    printf -v value '%q' "\${value#"$broken"}"
    COMPREPLY+=("$value")
  done < <("$1" complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && "\${COMPREPLY[0]}" == *[=:] ]] && compopt -o nospace
  return 0
}
complete -o default -F _bedrock_jobs bedrock-jobs`;

/** The command as another shell starts it, whatever its folder. */
const executableOf = (program: string): string =>
  /^(?:bedrock-jobs|npx [\w-]+)$/.test(program) ? program : shellWord(resolve(process.argv[1] ?? program));

export const completionCommand = ({ terminal, program }: CommandContext): Command =>
  new Command('completion')
    .description('Print a script that completes commands, flags and values in your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: string) => {
      if (shell === 'bash') {
        terminal.print(BASH);
        return;
      }
      // Loaded here alone: few starts are about completion.
      const { script } = await import('@bomb.sh/tab');
      script(shell, 'bedrock-jobs', executableOf(program));
    });

interface Suggestion {
  readonly value: string;
  readonly description?: string;
}
type Suggest = (context: CommandContext, flags: TrackerFlags, current: string) => Promise<readonly Suggestion[]>;

/** How many jobs, those that changed last, tell names and values. */
const RECENT = 500;
/** A person who presses a key does not wait longer. */
const PATIENCE_MS = 1_500;

/** What is read of a tracker; nothing where none answers in time. */
const inTime = async <T>(read: () => Promise<readonly T[]>): Promise<readonly T[]> => {
  const late = Symbol('late');
  const answer = await Promise.race([read().catch(() => []), sleep(PATIENCE_MS, late, { ref: false })]);
  // Requests that are still tried would keep the process, and the shell, waiting.
  return answer === late ? process.exit(EXIT.done) : answer;
};

const values =
  (...all: readonly string[]): Suggest =>
  () =>
    Promise.resolve(all.map((value) => ({ value })));

const valuesOf =
  (suggestionsOf: (job: JobSummary, current: string) => readonly Suggestion[]): Suggest =>
  ({ connect }, flags, current) =>
    inTime(async () => {
      // Those that changed last.
      const { jobs } = await (await connect(flags)).jobs.listJobs({ status: JOB_STATUSES, limit: RECENT });
      return jobs.flatMap((job) => suggestionsOf(job, current));
    });

const valuesOfModels =
  (valuesIn: (model: CustomModelSummary) => readonly string[]): Suggest =>
  ({ connect }, flags) =>
    inTime(async () => {
      const { models: found } = await (await (await connect(flags)).models()).listModels({ limit: RECENT });
      return found.flatMap(valuesIn).map((value) => ({ value }));
    });

const names = valuesOf(({ job_name: value, status }) =>
  value === undefined ? [] : [{ value, ...(status !== undefined && { description: status }) }],
);
const models = valuesOf(({ base_model_arn: arn }) => (arn === undefined ? [] : [{ value: modelIdOf(arn) ?? arn }]));
const tagKeys = valuesOf(({ tags }) => Object.keys(tags).map((value) => ({ value })));
/** Keys first, and after a separator the values. */
const tags = valuesOf(({ tags: all }, current) => {
  const [, separator] = /^[^=:]+([=:])/.exec(current) ?? [];
  return Object.entries(all).map(([key, value]) => ({
    value: separator === undefined ? `${key}=` : `${key}${separator}${value}`,
  }));
});

const times = values(...TIME_WORDS);

/** The values of options, by their long names, or whole where commands differ. Those with choices are the library's. */
const OPTIONS: Readonly<Record<string, Suggest>> = {
  '--status': values(...JOB_STATUSES),
  '--until <status>': values('ended', ...JOB_STATUSES),
  '--until <when>': times,
  '--since': times,
  '--type': values(...CUSTOMIZATION_TYPES),
  '--base-model': models,
  '--tag': tags,
  '--like': names,
  'models --base-model': valuesOfModels(({ base_model_arn: arn }) =>
    arn === undefined ? [] : [modelIdOf(arn) ?? arn],
  ),
  'models --status': values(...MODEL_STATUSES),
  'models --columns': values(...MODEL_COLUMNS),
  'models --sort': values(...MODEL_COLUMNS),
  '--columns': values(...RUN_COLUMNS),
  '--sort': values(...RUN_COLUMNS),
  '--by': values(...RUN_GROUPS, 'tag:'),
  '--created-after': times,
  '--created-before': times,
  '--modified-after': times,
};

const ARGUMENTS: Readonly<Record<string, Suggest>> = {
  ...{ job: names, jobs: names, model: valuesOfModels(namesOf) },
  ...{ 'key=value': tags, key: tagKeys },
};

/** The option of a command whose value a word is, if any; `--tag=team` is one word. */
const optionBefore = (command: Command, previous = ''): Option | undefined =>
  command.options.find(({ long, short, flags }) => [long, short].includes(previous) && /[<[]/.test(flags));

/** Splits what was typed into the values of options, which it gives, and the words that are arguments. */
const readWords = (command: Command, words: readonly string[]) => {
  const flags: Record<string, string | true> = {};
  const args: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [, name, value] = /^(--[^=]+)=(.*)$/su.exec(word) ?? [undefined, word];
    const option = command.options.find(({ long }) => long === name);
    if (!word.startsWith('-')) args.push(word);
    else if (option !== undefined && value !== undefined) flags[option.attributeName()] = value;
    else if (option !== undefined && optionBefore(command, word) === undefined) flags[option.attributeName()] = true;
    else if (option !== undefined) {
      index += 1;
      flags[option.attributeName()] = words[index] ?? '';
    }
  }
  // As commander has it: a folder means the local run.
  const isLocal = 'dataDir' in flags && { local: true };
  return { flags: { ...command.opts(), ...flags, ...isLocal } as unknown as TrackerFlags, args };
};

/** The function that suggests the current word; undefined leaves it to the library: commands, flags and choices. */
const suggestFor = (command: Command, words: readonly string[]) => {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const option = optionBefore(command, before.at(-1));
  const { flags, args } = readWords(command, before);
  const argument = command.registeredArguments[Math.min(args.length, command.registeredArguments.length - 1)];
  if (option === undefined && current.startsWith('-')) return undefined;
  const isSurplus = argument?.variadic !== true && args.length >= command.registeredArguments.length;
  const name = argument === undefined || isSurplus ? '' : argument.name();
  const long = option?.long ?? '';
  const suggest =
    option === undefined
      ? ARGUMENTS[name]
      : (OPTIONS[option.flags] ?? OPTIONS[`${command.name()} ${long}`] ?? OPTIONS[long]);
  return suggest && { suggest, flags, current };
};

export const completeCommand = (context: CommandContext, others: () => Command): Command =>
  new Command('complete').argument('[words...]').action(async (words: readonly string[]) => {
    const program = others();
    const inside = (parent: Command, word = '') => parent.commands.find((each) => each.name() === word);
    const outer = inside(program, words[0]);
    const command = outer && words.length > 2 ? (inside(outer, words[1]) ?? outer) : outer;
    const found = command && words.length > 1 ? suggestFor(command, words.slice(command === outer ? 1 : 2)) : undefined;
    if (found === undefined) {
      const { default: tab } = await import('@bomb.sh/tab/commander');
      tab(program, { completionCommandName: 'completion' }).parse([...words]);
      return;
    }
    const { suggest, flags, current } = found;
    const suggestions = (await suggest(context, flags, current)).filter(
      ({ value }) => value.startsWith(current) && visible(value) === value,
    );
    const unique = new Map(suggestions.map(({ value, description = '' }) => [value, description]));
    for (const [value, description] of [...unique].sort(([a], [b]) => compareText(a, b)))
      context.terminal.print(`${value}\t${visible(description)}`);
    // The directive by which the library's scripts offer no files.
    context.terminal.print(':4');
  });
