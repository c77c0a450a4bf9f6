import { Command, Option } from 'commander';
import pMap from 'p-map';
import { TrackerError } from '../../domain/errors.ts';
import {
  type FilterFlags,
  filterOf,
  resolveFlags,
  placeOf,
  span,
  type Switches,
  type TrackerFlags,
  withSummaryFlags,
  withTrackerFlags,
} from '../flags.ts';
import type { CommandContext } from '../context.ts';
import { findJob } from '../job-argument.ts';
import { DAY, MINUTE, SECOND } from '../../domain/time.ts';

interface Flags extends TrackerFlags, FilterFlags, Switches<'bell' | 'json'> {
  readonly interval?: number;
  readonly recent: number;
}

const HELP = `
On a terminal: a live table of active and recently finished jobs. Elsewhere, and with --json: a line for each transition.
Named jobs are watched until all have ended, others until Ctrl-C.

A poll costs about two read units for each account and Region, and one for each job that changed or is named: some 1,500
an hour for one account and Region.

Examples:
  bedrock-jobs watch
  bedrock-jobs watch support-triage-7 support-triage-8 --bell
  bedrock-jobs watch --tag team=search --json | jq -r 'select(.to == "Failed") | .job_arn'`;

/** Filters would leave out named jobs. The account and Region only tell jobs of one name apart. */
const check = (texts: readonly string[], { baseModel, type, tag, nameContains }: FilterFlags): void => {
  const isFiltered = [baseModel, type, tag, nameContains].some((each) => each !== undefined);
  if (texts.length === 0 || !isFiltered) return;
  throw new TrackerError('BAD_REQUEST', 'Name the jobs to watch, or filter them, not both.');
};

const run = async (texts: readonly string[], flags: Flags, context: CommandContext): Promise<void> => {
  check(texts, flags);
  const connection = await context.connect(flags);
  const { watch } = await import('../follow/watch.ts');
  const place = placeOf(flags);
  const found = await pMap(texts, (text) => findJob(connection, text, place, context.clock), { concurrency: 8 });
  const options = {
    filter: filterOf(await resolveFlags(flags, connection, context), context.clock()),
    named: [...new Set(found.map(({ job }) => job.job_arn))],
    window: flags.recent,
    // Simulated jobs live fast, and a local table costs nothing.
    interval: flags.interval ?? (connection.isLocal ? SECOND : 5 * SECOND),
    bell: flags.bell === true,
    json: flags.json === true,
  };
  await watch(options, context, connection);
};

export const watchCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withSummaryFlags(
      new Command('watch')
        .description('Show jobs as they change, live.')
        .argument('[jobs...]', 'their ARNs, names or ids (default: all)'),
    )
      .addOption(new Option('--name-contains <text>', 'with this in their name'))
      .option('--interval <span>', 'time between two polls (default: 5s, locally 1s)', span(SECOND, 10 * MINUTE))
      .addOption(
        new Option('--recent <span>', 'how long a finished job stays')
          .argParser(span(MINUTE, DAY))
          .default(15 * MINUTE, '15min'),
      ),
  )
    .option('--bell', "ring the terminal's bell when a job ends")
    .option(
      '--json',
      'a JSON line for each transition: job_arn, job_name, task, from, to, at; reason of a job that is gone or found again',
    )
    .addHelpText('after', HELP)
    .action((texts: readonly string[], flags: Flags) => run(texts, flags, context));
