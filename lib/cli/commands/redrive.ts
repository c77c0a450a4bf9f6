import { setTimeout as wait } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Command, InvalidArgumentError, Option } from 'commander';
import { deadLetterQueueArn, sqsDeadLetterQueue } from '../../adapters/dead-letter-queue.ts';
import { PARAMETER, PARAMETER_PREFIX } from '../../contract.ts';
import { readEnvironment } from '../../local/environment.ts';
import { redrive, type RedriveDependencies, type RedriveReport } from '../redrive-queue.ts';

export interface RedriveCommandDependencies {
  readonly print: (line: string) => void;
  /** Passes the time between two looks at a move. */
  readonly wait?: RedriveDependencies['wait'];
}

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

/** Where the queue is: the Region of its ARN, or the asked one, or the person's own. */
const regionOf = (flags: Flags): { region?: string } => {
  const env = readEnvironment();
  const region =
    flags.queueArn?.split(':')[3] ?? flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? undefined;
  // Without one the SDK looks into the profile.
  return region === undefined ? {} : { region };
};

const findQueue = (flags: Flags): Promise<string> | string => {
  if (flags.queueArn !== undefined) return flags.queueArn;
  const name = flags.parameterPrefix + PARAMETER.jobEventsDeadLetterQueueArn.slice(PARAMETER_PREFIX.length);
  return deadLetterQueueArn(new SSMClient(regionOf(flags)), name);
};

const run = async (flags: Flags, deps: RedriveCommandDependencies): Promise<void> => {
  const arn = await findQueue(flags);
  const quiet = flags.json === true;
  const say = (line: string) => {
    if (!quiet) deps.print(line);
  };
  const report = await redrive(
    sqsDeadLetterQueue(new SQSClient(regionOf({ ...flags, queueArn: arn })), arn),
    {
      dryRun: flags.dryRun === true,
      ...(flags.maxPerSecond !== undefined && { maxPerSecond: flags.maxPerSecond }),
    },
    {
      wait: deps.wait ?? wait,
      onProgress: ({ moved }) =>
        say(`${messages(moved)} moved so far. SQS goes on by itself if you stop this command.`),
    },
  );
  for (const line of quiet ? [JSON.stringify(report)] : summary(report)) deps.print(line);
};

/** `bedrock-jobs redrive`: what track-job gave up on is tried again. */
export const redriveCommand = (deps: RedriveCommandDependencies): Command =>
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
    .action((flags: Flags) => run(flags, deps));
