import type { Command } from 'commander';
import type { CommandContext } from '../../lib/cli/context.ts';
import { CHECKS } from '../../lib/cli/doctor/examine.ts';
import { createProgram } from '../../lib/cli/program.ts';
import { METRIC } from '../../lib/contract.ts';
import { METRICS } from '../../lib/infra/operations/metrics.ts';
import { METRIC_UNIT } from '../../lib/runtime/metrics.ts';
import { parseFaults } from '../../lib/simulator/faults.ts';
import { code } from './markdown.ts';

const WIDTH = 100;

/** What every command has: the page tells it once, before the commands. */
const SHARED = [
  /^Usage: .* \[options\]\n\n/m,
  /^ {2}-h, --help .*\n/m,
  /^Which tracker:\n(?: .*\n)+\n?/m,
  /^Arguments:\n {2}job .*\n\n/m,
];

const OPTIONS = /^Options:\n((?: {2}.*\n)*)\n?/m;

/** Makes help texts shorter: an option that an earlier text explains in the same words is only named. */
function shortener(): (help: string) => string {
  const explained = new Set<string>();
  return (help) =>
    help.replace(OPTIONS, (_, options: string) => {
      const again: string[] = [];
      const shown = options.split(/(?<=\n)(?= {2}-)/).filter((option) => {
        const words = option.trim().split(/\s+/).join(' ');
        const isNew = words.startsWith('--json') || !explained.has(words);
        if (isNew) explained.add(words);
        else again.push(/--[\w-]+/.exec(words)?.[0] ?? words);
        return isNew;
      });
      if (again.length > 0) shown.push(`as above: ${again.join(', ')}`.replaceAll(/(.{1,96})(?: |$)/g, '  $1\n'));
      return shown.join('') === '' ? '' : `Options:\n${shown.join('')}\n`;
    });
}

/** What `--help` of each command prints besides the shared parts. No command runs, so the context leads nowhere. */
export function commands(): string {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const terminal = { print, tell: print, columns: WIDTH, colour: false, isTerminal: false };
  const nowhere = () => Promise.reject(new Error('No command runs here.'));
  const program = createProgram({ program: 'bedrock-jobs', terminal, connect: nowhere } as unknown as CommandContext, {
    loadHandlers: nowhere,
  });
  const shorten = shortener();
  const help = (command: Command): string => {
    lines.length = 0;
    command.outputHelp();
    return shorten(SHARED.reduce((text, part) => text.replace(part, ''), `${lines.join('\n').trimEnd()}\n`)).trimEnd();
  };
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => [
      `## ${command.name()}\n\n\`\`\`text\n${help(command)}\n\`\`\``,
      ...command.commands.map((inner) => `### ${command.name()} ${inner.name()}\n\n\`\`\`text\n${help(inner)}\n\`\`\``),
    ])
    .join('\n\n');
}

/** Each metric with its unit, the statistic that `tracker.metric()` takes, and its dimension besides `service`. */
export const metrics = (): string =>
  Object.values(METRIC)
    .map((name) => {
      const { statistic, dimension, values } = METRICS[name];
      const by = values
        ? `, by ${code(dimension ?? '')} (${values.join(', ')})`
        : `, of all and by ${code(dimension ?? '')}`;
      return `- ${code(name)}: ${METRIC_UNIT[name]}, ${statistic}${dimension === undefined ? '' : by}`;
    })
    .join('\n');

/** The doctor's checks of the deployment; those of AWS stand with what they check. */
export const checks = (): string =>
  CHECKS.filter(({ needs }) => needs !== 'bedrock' && needs !== 'aws')
    .map(({ id, title }) => `- ${code(id)}: ${title}`)
    .join('\n');

const FAULTS: Readonly<Record<string, string>> = {
  throttle: '`{"ratePerSecond": n, "burst": n}`: a token bucket for each scope; without a token ThrottlingException',
  failProbability: 'how likely a call gets InternalServerException (S3: InternalError), 0 to 1',
  accessDenied:
    'denied operations: `"GetModelCustomizationJob"`, `"GetModelCustomizationJob:<job name>"`, `"ListObjectsV2"`, `"GetObject:<bucket>"`',
  latencyMs: 'how long each call takes at least',
  'get.timePrecision': '`"seconds"`: Get cuts times',
  'list.timePrecision': '`"seconds"`: List cuts times',
  'list.modifiedOffsetMs': 'how much later (negative: earlier) than Get List shows `lastModifiedTime`',
  'events.enabled': '`false`: sends no events',
  'events.dropProbability': 'how likely an event is lost',
  'events.duplicateProbability': 'how likely an event comes twice',
  'events.reorderProbability': 'how likely an event comes after the next one, a second later at most',
  'events.delayMs': 'how late events are',
  'events.shortArns': "ARNs as in AWS's documented sample, which no API accepts",
};

/** Each fault of the simulator with its default. */
export function faults(): string {
  const lines = (path: string, value: unknown): string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, member]) => lines(path === '' ? name : `${path}.${name}`, member))
      : [`- ${code(path)} (${JSON.stringify(value)}): ${FAULTS[path] ?? ''}`];
  return lines('', parseFaults({})).join('\n');
}
