import { Command, InvalidArgumentError, Option } from 'commander';
import { parseJobArn } from '../../domain/identity.ts';
import { JOB_STATUSES, type JobStatus } from '../../domain/record.ts';
import {
  definedOf,
  type JobFlags,
  placeOf,
  span,
  statuses,
  type Switches,
  type TrackerFlags,
  withJobArgument,
  withTrackerFlags,
} from '../flags.ts';
import { type CommandContext, type Connection, Ended, EXIT } from '../context.ts';
import { findJob } from '../job-argument.ts';
import { printJson } from '../output/values.ts';
import { DAY, HOUR, SECOND } from '../../domain/time.ts';

interface Flags extends TrackerFlags, JobFlags, Switches<'bell' | 'json'> {
  /** Empty for the end, whatever it is. */
  readonly until: readonly JobStatus[];
  readonly timeout?: number;
  readonly interval?: number;
}

const ENDED = 'ended';

const HELP = `
Exit code 1 if the job does not complete (or reach --until), is unknown, or the time is up.

An ARN without a record is waited for up to six minutes, since the tracker may see a new job only with its next sweep.
Each poll costs one read unit: 360 an hour by default.

Examples:
  bedrock-jobs wait support-triage-7 --timeout 6h && ./deploy-model.sh
  bedrock-jobs wait "$JOB_ARN" --until completed,failed --json | jq -r .output_model_arn`;

/** Statuses, or `ended`, which stands for every final one. */
const untilFlag = (text: string): readonly JobStatus[] => {
  if (text.trim().toLowerCase() === ENDED) return [];
  const until = statuses(text);
  if (!until.some((status) => status.toLowerCase() === ENDED)) return until;
  throw new InvalidArgumentError(`It must be ${ENDED}, or statuses such as ${JOB_STATUSES.join(',')}.`);
};

/** The full ARN of what a person calls the job. Only an ARN may be of a job that nobody has seen yet. */
const arnOf = async (text: string, flags: Flags, connection: Connection, clock: () => Date): Promise<string> => {
  if (parseJobArn(text) !== undefined) return text;
  return (await findJob(connection, text, placeOf(flags), clock)).job.job_arn;
};

const run = async (text: string, flags: Flags, context: CommandContext): Promise<void> => {
  const { terminal } = context;
  const connection = await context.connect(flags);
  await (await import('../resolve-filter.ts')).resolveFilter({ status: flags.until }, connection, terminal);
  const { isSuccess, outcomeOf, tellAdvice, waitForJob } = await import('../follow/wait.ts');
  const request = {
    jobArn: await arnOf(text, flags, connection, context.clock),
    until: flags.until,
    ...definedOf({ timeout: flags.timeout, interval: flags.interval }),
  };
  const job = await waitForJob(request, context, connection);
  if (flags.bell === true) terminal.ring();
  if (flags.json === true) printJson(terminal, job);
  else terminal.print(outcomeOf(job));
  tellAdvice(job, terminal);
  if (!isSuccess(job, flags.until)) throw new Ended(EXIT.failed);
};

export const waitCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withJobArgument(new Command('wait').description('Wait until a job ends. The exit code tells whether it completed.'))
      .addOption(
        new Option('--until <status>', 'ended, or statuses separated by commas')
          .argParser(untilFlag)
          .default([], ENDED),
      )
      .option('--timeout <span>', 'give up after 30min, 2h, 1d … (default: never)', span(SECOND, 20 * DAY))
      .option('--interval <span>', 'time between two polls (default: 10s, locally 1s)', span(SECOND, HOUR))
      .option('--bell', "ring the terminal's bell at the end")
      .option('--json', 'print the final record'),
  )
    .addHelpText('after', HELP)
    .action((job: string, flags: Flags) => run(job, flags, context));
