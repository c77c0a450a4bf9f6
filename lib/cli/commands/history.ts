import { Command } from 'commander';
import type { JobRecord, Transition } from '../../domain/record.ts';
import { pluralize } from '../../domain/text.ts';
import { type TrackerFlags, withTrackerFlags } from '../connection/flags.ts';
import type { CommandContext } from '../context.ts';
import { findJob, type JobFlags, placeOf, withJobArgument } from '../job-argument.ts';
import { printJson } from '../output/values.ts';
import type { Column } from '../output/table.ts';

/** The options as commander hands them over. */
interface Flags extends TrackerFlags, JobFlags {
  readonly json?: true;
}

const printTable = async (job: JobRecord, { terminal }: CommandContext): Promise<void> => {
  const [{ formatTable }, { formatSpan }, { paletteOf }, { transitionColumns }] = await Promise.all([
    import('../output/table.ts'),
    import('../output/values.ts'),
    import('../output/values.ts'),
    import('../output/jobs.ts'),
  ]);
  const columns: Column<Transition>[] = [
    ...transitionColumns(paletteOf(terminal)),
    { title: 'SEEN AFTER', value: ({ at, observed_at }) => formatSpan(at, observed_at), importance: 4, least: 10 },
    { title: 'VIA', value: ({ via }) => via, importance: 5, least: 5 },
  ];
  const { transitions_folded: folded = 0 } = job;
  if (folded > 0) terminal.tell(`Not kept: ${pluralize(folded, 'older transition')}.`);
  for (const line of formatTable(columns, job.transitions, terminal)) terminal.print(line);
};

const run = async (text: string, flags: Flags, context: CommandContext): Promise<void> => {
  const connection = await context.connect(flags);
  const { job, readUnits } = await findJob(connection, text, placeOf(flags), context.clock);
  if (flags.json === true) {
    const { job_arn, job_name, transitions, transitions_folded: folded = 0 } = job;
    printJson(context.terminal, { job_arn, job_name, transitions, transitions_folded: folded, read_units: readUnits });
    return;
  }
  await printTable(job, context);
};

const EXAMPLES = `
Examples:
  bedrock-jobs history support-triage-ft-0142
  bedrock-jobs history q7w2e9r4t1y6 --json

SEEN AFTER is how long Bedrock's change took to reach the table, VIA how it was noticed: event, sweep, or backfill
(the first sweep of an account and Region).`;

/** `bedrock-jobs history`: every change of a job's status that was observed. */
export const historyCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withJobArgument(new Command('history').description("Show every change of a job's status, oldest first.")),
  )
    .option('--json', 'one JSON document: job_arn, job_name, transitions, transitions_folded, read_units')
    .addHelpText('after', EXAMPLES)
    .action((text: string, flags: Flags) => run(text, flags, context));
