import { Command } from 'commander';
import type { JobRecord } from '../../domain/record.ts';
import { type TrackerFlags, withTrackerFlags } from '../connection/flags.ts';
import type { CommandContext } from '../context.ts';
import { findJob, type JobFlags, placeOf, withJobArgument } from '../job-argument.ts';
import { printJson } from '../output/values.ts';

/** The options as commander hands them over. */
interface Flags extends TrackerFlags, JobFlags {
  readonly json?: true;
}

const run = async (text: string, flags: Flags, context: CommandContext): Promise<void> => {
  const { terminal, clock } = context;
  const connection = await context.connect(flags);
  const { job } = await findJob(connection, text, placeOf(flags), clock);
  if (flags.json === true) {
    printJson(terminal, job satisfies JobRecord);
    return;
  }
  const { formatJob } = await import('../output/jobs.ts');
  formatJob(job, terminal, clock()).forEach(terminal.print);
};

const EXAMPLES = `
Examples:
  bedrock-jobs show support-triage-ft-0142
  bedrock-jobs show q7w2e9r4t1y6
  bedrock-jobs show support-triage-ft-0142 --json | jq .hyper_parameters`;

/** `bedrock-jobs show`: all that is known of one job. */
export const showCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withJobArgument(new Command('show').description('Show all that is known of a job, with its timeline.')),
  )
    .option('--json', "the job's record as one JSON document")
    .addHelpText('after', EXAMPLES)
    .action((text: string, flags: Flags) => run(text, flags, context));
