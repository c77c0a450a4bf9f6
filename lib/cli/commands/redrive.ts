import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { PARAMETER, RUNBOOK_URL } from '../../contract.ts';
import { pluralize } from '../../domain/text.ts';
import { definedOf, matching, type Switches, type Texts, type TrackerFlags, wholeNumber } from '../flags.ts';
import { withDeployedFlags } from '../flags.ts';
import type { CommandContext } from '../context.ts';
import type { RedriveDependencies, RedriveReport } from '../dead-letter-queue.ts';
import { printJson } from '../output/values.ts';

export type Wait = RedriveDependencies['wait'];

interface Flags extends TrackerFlags, Switches<'dryRun' | 'json'>, Texts<'queueArn'> {
  readonly maxPerSecond?: number;
}

const queueArn = matching(
  /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/,
  'the ARN of a queue, such as arn:aws:sqs:us-east-1:111122223333:name',
);

const summary = ({ outcome, queueArn: arn, waiting, moved, left }: RedriveReport): string[] => {
  switch (outcome) {
    case 'counted':
      return [
        `About ${pluralize(waiting, 'message')} in ${arn}.`,
        ...(waiting === 0
          ? []
          : [
              'Why each failed is in the log of track-job, under "message failed": ' +
                `see ${RUNBOOK_URL}#events-in-the-dead-letter-queue`,
            ]),
      ];
    case 'empty':
      return [`Nothing to redrive: ${arn} is empty.`];
    case 'moved':
      return [`Moved ${pluralize(moved, 'message')}. About ${String(left)} left in ${arn}.`];
    default:
      return outcome satisfies never;
  }
};

/** The queue that the flags name, or that of the tracker. */
const findQueue = async (flags: Flags, context: CommandContext) => {
  if (flags.queueArn === undefined) {
    const connection = await context.connect(flags);
    const arn = await connection.parameter(PARAMETER.jobEventsDeadLetterQueueArn);
    return { arn, sqs: connection.sqs() };
  }
  // The ARN is enough: no tracker is looked for.
  const { createClients } = await import('../../operator/clients.ts');
  const [, , , region = ''] = flags.queueArn.split(':');
  return { arn: flags.queueArn, sqs: createClients(region).sqs() };
};

const run = async (flags: Flags, context: CommandContext, wait: Wait): Promise<void> => {
  const { terminal } = context;
  const { redrive } = await import('../dead-letter-queue.ts');
  const { sqs, arn } = await findQueue(flags, context);
  const { maxPerSecond, dryRun = false, json = false } = flags;
  const report = await redrive(sqs, arn, definedOf({ dryRun, maxPerSecond }), {
    wait,
    onProgress: (moved) => {
      if (!json)
        terminal.tell(`${pluralize(moved, 'message')} moved so far. SQS continues even if you stop this command.`);
    },
  });
  if (json) printJson(terminal, report);
  else summary(report).forEach(terminal.print);
};

const EXAMPLES = `
Examples:
  bedrock-jobs redrive --dry-run
  bedrock-jobs redrive --max-per-second 10
  bedrock-jobs redrive --queue-arn arn:aws:sqs:us-east-1:111122223333:name --json`;

export const redriveCommand = (context: CommandContext, wait: Wait = sleep): Command =>
  withDeployedFlags(
    new Command('redrive')
      .description('Move the events that track-job gave up on back to its queue, once the reason is fixed.')
      .addOption(
        new Option('--queue-arn <arn>', 'another dead-letter queue than that of the tracker')
          .argParser(queueArn)
          .conflicts(['region', 'parameterPrefix']),
      )
      .option('--max-per-second <count>', 'messages a second, 1 to 500 (default: no limit)', wholeNumber(1, 500))
      .option('--dry-run', 'only count the messages')
      .option('--json', 'one JSON document: outcome, queueArn, waiting, moved, left'),
  )
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(flags, context, wait));
