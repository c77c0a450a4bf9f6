import { once } from 'node:events';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type EnvironmentValues, readEnvironment } from '../../local/options.ts';
import type { PortChoice } from '../../loopback.ts';
import type { LocalOptions } from '../../local/options.ts';
import type { LocalDependencies, LocalRun } from '../../local/run.ts';
import { commandText, type Invocation } from '../../domain/command-text.ts';
import { type CommandContext, endOf, EXIT } from '../context.ts';
import { visible } from '../output/values.ts';
import { DEFAULT_FOLDER, localFlags, REGION, wholeNumber } from '../flags.ts';

const DEFAULT_PORTS = { web: 8420, dynamoDb: 8421, bedrock: 8422 };
const DAY_S = 24 * 60 * 60;

const speed = (text: string): number => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('It must be a number above 0, at most 1000000.');
};

const port = wholeNumber(0, 65_535);
const portHelp = (what: string, preferred: number) => `port of ${what} (default: ${preferred}, or a free one)`;

const regions = (text: string): string[] => {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  if (names.every((name) => REGION.test(name))) return names;
  throw new InvalidArgumentError('It must be Regions separated by commas, such as us-east-1,us-west-2.');
};

type Given = 'bedrock' | 'dataDir' | 'speed' | 'activeJobs' | 'events';
type Numbers = 'port' | 'dynamodbPort' | 'bedrockPort' | 'sweepEvery' | 'fullSweepEvery';
type Flags = Pick<LocalOptions, Given> & Partial<Pick<LocalOptions, 'regions'>> & Partial<Record<Numbers, number>>;

const chosen = (port: number | undefined, preferred: number): PortChoice => ({
  port: port ?? preferred,
  asked: port !== undefined,
});

/** AWS is swept less often: real jobs take hours, and Bedrock's rate limits are shared with the account's own work. */
const optionsOf = (flags: Flags, env: EnvironmentValues): LocalOptions => {
  const isAws = flags.bedrock === 'aws';
  const region = isAws ? (env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1') : 'us-east-1';
  return {
    bedrock: flags.bedrock,
    regions: flags.regions ?? [region],
    dataDir: resolve(flags.dataDir),
    webPort: chosen(flags.port, DEFAULT_PORTS.web),
    dynamoDbPort: chosen(flags.dynamodbPort, DEFAULT_PORTS.dynamoDb),
    bedrockPort: chosen(flags.bedrockPort, DEFAULT_PORTS.bedrock),
    speed: flags.speed,
    activeJobs: flags.activeJobs,
    events: flags.events,
    activeSweepEvery: flags.sweepEvery ?? (isAws ? 60 : 5),
    fullSweepEvery: flags.fullSweepEvery ?? (isAws ? DAY_S : 20),
  };
};

const addresses = (run: LocalRun, invocation: Invocation): string[] => [
  '',
  `  Dashboard         ${run.webUrl}`,
  `  Jobs as JSON      ${run.webUrl}/api/jobs`,
  `  DynamoDB          ${run.dynamoDbUrl}   (table bedrock-jobs, any credentials)`,
  ...(run.bedrockUrl === undefined
    ? [`  Bedrock           AWS: ${run.scopes.join(', ')}, followed by sweeps`]
    : [`  Bedrock           ${run.bedrockUrl}   (simulator; faults at /_simulator/faults)`]),
  `  Mails             ${run.mailsUrl}`,
  `  Records kept in   ${run.dataDir}`,
  `  Command line      ${visible(commandText(invocation, 'list'))}`,
  '',
  '  Ctrl-C stops it. Changes as they are tracked:',
  '',
];

const run = async (
  flags: Flags,
  context: CommandContext,
  loadHandlers: LocalDependencies['loadHandlers'],
): Promise<void> => {
  const { terminal } = context;
  const { print } = terminal;
  // Changes tell names and failure messages, which are other people's words.
  const printSafely = (line: string) => print(visible(line));
  // Loaded here, since it would slow down the start of every other command.
  const [{ startLocalRun }, { cutTo }] = await Promise.all([
    import('../../local/run.ts'),
    import('../output/table.ts'),
  ]);
  // A failure message has up to 2,048 characters: on a terminal each change takes one line.
  const printChange = (line: string) => print(cutTo(visible(line), terminal.columns ?? Infinity));
  const { signal } = context;
  const invocation = { program: context.program, trackerFlags: localFlags(flags.dataDir) };
  const options = optionsOf(flags, readEnvironment());
  const started = await startLocalRun(options, { loadHandlers, invocation, print: printSafely, printChange });
  addresses(started, invocation).forEach(print);
  if (!signal.aborted) await once(signal, 'abort');
  const say = (line: string) => {
    // Nobody may be listening any more; the run is still to be stopped in order.
    if (endOf(signal.reason)?.exitCode === EXIT.interrupted) print(line);
  };
  say('Stopping …');
  await started.stop();
  say('Stopped. Records are kept.');
};

const EXAMPLES = `
Examples:
  bedrock-jobs local
  bedrock-jobs local --speed 1000 --active-jobs 10 --no-events
  bedrock-jobs local --bedrock aws --regions us-east-1,us-west-2

While it runs, use other commands with --local, or after: export BEDROCK_JOBS_LOCAL=1`;

export const localCommand = (context: CommandContext, loadHandlers: LocalDependencies['loadHandlers']): Command =>
  new Command('local')
    .description('Run the tracker on this machine, with a simulated Bedrock or your AWS account. Deploys nothing.')
    .addOption(new Option('--bedrock <which>', 'source of the jobs').choices(['simulator', 'aws']).default('simulator'))
    .option(
      '--regions <names>',
      'Regions to track, separated by commas (default: us-east-1, or your AWS Region)',
      regions,
    )
    .option('--data-dir <folder>', 'data directory', DEFAULT_FOLDER)
    .option('--port <number>', portHelp('the dashboard', DEFAULT_PORTS.web), port)
    .option('--dynamodb-port <number>', portHelp('DynamoDB', DEFAULT_PORTS.dynamoDb), port)
    .option('--bedrock-port <number>', portHelp('the simulator', DEFAULT_PORTS.bedrock), port)
    .option('--speed <factor>', 'how much faster simulated jobs run', speed, 120)
    .option('--active-jobs <count>', 'jobs that simulated teams keep running; 0 for none', wholeNumber(0, 1000), 4)
    .option('--no-events', 'send no events, so that only sweeps follow the jobs')
    .option('--sweep-every <seconds>', 'time between active sweeps (default: 5, with AWS 60)', wholeNumber(1, DAY_S))
    .option(
      '--full-sweep-every <seconds>',
      'time between full sweeps (default: 20, with AWS a day)',
      wholeNumber(1, 7 * DAY_S),
    )
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(flags, context, loadHandlers));
