import { setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { PARAMETER, PARAMETER_PREFIX, parameterUnder } from '../../contract.ts';
import { readEnvironment } from '../../local/environment.ts';
import { askedRegion } from '../connection/asked-region.ts';
import type { CommandContext } from '../context.ts';
import type { RedriveDependencies, RedriveReport } from '../redrive-queue.ts';

/** Passes the time between two looks at a move. */
export type Wait = RedriveDependencies['wait'];

/** The options as commander hands them over. */
interface Flags {
  readonly queueArn?: string;
  readonly parameterPrefix: string;
  readonly region?: string;
  readonly maxPerSecond?: number;
  readonly dryRun?: true;
  readonly json?: true;
}

const queueArn = (text: string): string => {
  if (/^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the ARN of a queue, such as arn:aws:sqs:us-east-1:111122223333:name.');
};

const prefix = (text: string): string => {
  if (/^(\/[\w.-]+)+$/.test(text)) return text;
  throw new InvalidArgumentError(`It must be a path such as ${PARAMETER_PREFIX}, without a slash at its end.`);
};

const rate = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 500) return value;
  throw new InvalidArgumentError('It must be a whole number from 1 to 500.');
};

/** Messages as a person counts them. */
const messages = (count: number): string => `${String(count)} ${count === 1 ? 'message' : 'messages'}`;

const summary = ({ outcome, queueArn: arn, waiting, moved, left }: RedriveReport): string[] => {
  switch (outcome) {
    case 'counted':
      return [
        `About ${messages(waiting)} in ${arn}.`,
        ...(waiting === 0
          ? []
          : ['Why each failed stands in the log of track-job, under "message failed": see docs/runbook.md.']),
      ];
    case 'empty':
      return [`Nothing to redrive: ${arn} is empty.`];
    case 'moved':
      return [`Moved ${messages(moved)}. About ${String(left)} left in ${arn}.`];
    default:
      return outcome satisfies never;
  }
};

/** Where the queue is: the Region of its ARN, or the asked one. Without one the SDK looks into the profile. */
const regionOf = (flags: Flags): { region?: string } => {
  const region = flags.queueArn?.split(':')[3] ?? askedRegion(flags, readEnvironment());
  return region === undefined ? {} : { region };
};

/** The queue that the flags name. What it loads would slow down every other command's start. */
const openQueue = async (flags: Flags) => {
  const [{ deadLetterQueueArn, sqsDeadLetterQueue }, { SQSClient }, { SSMClient }] = await Promise.all([
    import('../../operator/dead-letter-queue.ts'),
    import('@aws-sdk/client-sqs'),
    import('@aws-sdk/client-ssm'),
  ]);
  const name = parameterUnder(flags.parameterPrefix, PARAMETER.jobEventsDeadLetterQueueArn);
  const queueArn = flags.queueArn ?? (await deadLetterQueueArn(new SSMClient(regionOf(flags)), name));
  return sqsDeadLetterQueue(new SQSClient(regionOf({ ...flags, queueArn })), queueArn);
};

const run = async (flags: Flags, { terminal }: CommandContext, pass: Wait): Promise<void> => {
  const quiet = flags.json === true;
  const { redrive } = await import('../redrive-queue.ts');
  const report = await redrive(
    await openQueue(flags),
    {
      dryRun: flags.dryRun === true,
      ...(flags.maxPerSecond !== undefined && { maxPerSecond: flags.maxPerSecond }),
    },
    {
      wait: pass,
      onProgress: ({ moved }) => {
        if (!quiet) terminal.tell(`${messages(moved)} moved so far. SQS goes on by itself if you stop this command.`);
      },
    },
  );
  for (const line of quiet ? [JSON.stringify(report)] : summary(report)) terminal.print(line);
};

const EXAMPLES = `
Examples:
  bedrock-jobs redrive --dry-run
  bedrock-jobs redrive --max-per-second 10
  bedrock-jobs redrive --queue-arn arn:aws:sqs:us-east-1:111122223333:name --json`;

/** `bedrock-jobs redrive`: what track-job gave up on is tried again. */
export const redriveCommand = (context: CommandContext, pass: Wait = wait): Command =>
  new Command('redrive')
    .description('Move the events that track-job gave up on back to its queue, once the reason is gone.')
    .addOption(
      new Option('--parameter-prefix <path>', "the tracker's prop of this name: finds the queue by SSM")
        .default(PARAMETER_PREFIX)
        .argParser(prefix),
    )
    .option('--region <name>', 'Region of the tracker (default: yours)')
    .addOption(
      new Option('--queue-arn <arn>', 'the dead-letter queue itself, in place of prefix and Region')
        .argParser(queueArn)
        .conflicts(['region', 'parameterPrefix']),
    )
    .option('--max-per-second <count>', 'messages a second, 1 to 500 (default: as SQS can)', rate)
    .option('--dry-run', 'only count the messages')
    .option('--json', 'one line of JSON in place of sentences')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(flags, context, pass));
