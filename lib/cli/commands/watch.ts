import { Command, Option } from 'commander';
import pMap from 'p-map';
import { TrackerError } from '../../domain/errors.ts';
import {
  type FilterFlags,
  filterOf,
  placeOf,
  span,
  type TrackerFlags,
  withSummaryFlags,
  withTrackerFlags,
} from '../flags.ts';
import type { CommandContext } from '../context.ts';
import { findJob } from '../job-argument.ts';
import { DAY, MINUTE, SECOND } from '../../domain/time.ts';

interface Flags extends TrackerFlags, FilterFlags {
  readonly interval?: number;
  readonly recent: number;
  readonly json?: true;
}

const HELP = `
On a terminal: a table of the jobs that still move and of those that ended lately, drawn anew every second. Elsewhere,
and with --json, a line for each transition as the tracker has it, also for those between two looks. Jobs that are named
are watched until all of them have ended, others until Ctrl-C.

Each look costs half a read unit for the active jobs of each account and Region, and for each of the three final
statuses, and one unit for each job that changed, or is named: with the default interval some 1,500 units an hour for
one account and Region.

Examples:
  bedrock-jobs watch
  bedrock-jobs watch support-triage-7 support-triage-8
  bedrock-jobs watch --tag team:search --json | jq -r 'select(.to == "Failed") | .job_arn'`;

/** What a name is told apart by stays; what would leave jobs out that were named does not. */
const check = (texts: readonly string[], { baseModel, type, tag, nameContains }: FilterFlags): void => {
  const isFiltered = [baseModel, type, tag, nameContains].some((each) => each !== undefined);
  if (texts.length === 0 || !isFiltered) return;
  throw new TrackerError('BAD_REQUEST', 'Name the jobs to watch, or say what they are like: not both.');
};

const run = async (texts: readonly string[], flags: Flags, context: CommandContext): Promise<void> => {
  check(texts, flags);
  const connection = await context.connect(flags);
  const { watch } = await import('../follow/watch.ts');
  const place = placeOf(flags);
  const found = await pMap(texts, (text) => findJob(connection, text, place, context.clock), { concurrency: 8 });
  const options = {
    filter: filterOf(flags, context.clock()),
    named: [...new Set(found.map(({ job }) => job.job_arn))],
    window: flags.recent,
    // Simulated jobs live fast, and a local table costs nothing.
    interval: flags.interval ?? (connection.isLocal ? SECOND : 5 * SECOND),
    json: flags.json === true,
  };
  await watch(options, context, connection);
};

/** `bedrock-jobs watch`: jobs as they change. */
export const watchCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withSummaryFlags(
      new Command('watch')
        .description('Show jobs as they change, live.')
        .argument('[jobs...]', 'their ARNs, names, or the 12 characters of their ids (default: all)'),
    )
      .addOption(new Option('--name-contains <text>', 'with this in their name'))
      .addOption(
        new Option('--interval <span>', 'time between two looks (default: 5s, locally 1s)').argParser(
          span(SECOND, 10 * MINUTE),
        ),
      )
      .addOption(
        new Option('--recent <span>', 'for how long a job stays that has ended')
          .argParser(span(MINUTE, DAY))
          .default(15 * MINUTE, '15min'),
      ),
  )
    .option('--json', 'a line of JSON for each transition: job_arn, job_name, task, from, to, at')
    .addHelpText('after', HELP)
    .action((texts: readonly string[], flags: Flags) => run(texts, flags, context));
