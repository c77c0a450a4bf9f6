import { Command } from 'commander';
import type { Durations, Losses, SummarizeRequest, Summary } from '../../client/requests.ts';
import {
  definedOf,
  type FilterFlags,
  resolveFlags,
  summaryFilterOf,
  type TimeFlag,
  timeOrAge,
  type TrackerFlags,
  withSummaryFlags,
  withTrackerFlags,
} from '../flags.ts';
import type { CommandContext } from '../context.ts';
import { printJson } from '../output/values.ts';

/** The options as commander hands them over. */
interface Flags extends TrackerFlags, Pick<FilterFlags, 'account' | 'jobRegion' | 'baseModel' | 'type' | 'tag'> {
  readonly since?: TimeFlag;
  readonly until?: TimeFlag;
  readonly json?: true;
}

const requestOf = (flags: Flags, now: Date): SummarizeRequest => ({
  ...summaryFilterOf(flags),
  ...definedOf({ createdAfter: flags.since?.(now), createdBefore: flags.until?.(now) }),
});

const durationsOf = ({ count, p50, p95, longest }: Durations) => ({
  count,
  p50_ms: p50,
  p95_ms: p95,
  longest_ms: longest,
});
const lossesOf = ({ count, best, p50, bestJobArn }: Losses) => ({ count, best, p50, best_job_arn: bestJobArn });

/** The sums under the names that records have: snake_case, units in the name. JSON leaves out what is undefined. */
const document = (summary: Summary) => ({
  created_after: summary.createdAfter,
  created_before: summary.createdBefore,
  jobs: summary.jobs,
  by_status: summary.byStatus,
  success_rate: summary.successRate,
  by_day: summary.byDay.map(({ day, byStatus }) => ({ day, by_status: byStatus })),
  by_model: summary.byModel.map((model) => ({
    base_model_arn: model.baseModelArn,
    customization_type: model.customizationType,
    by_status: model.byStatus,
    durations: model.durations && durationsOf(model.durations),
    training_loss: model.trainingLoss && lossesOf(model.trainingLoss),
    validation_loss: model.validationLoss && lossesOf(model.validationLoss),
  })),
  read_units: summary.readUnits,
});

const run = async (given: Flags, context: CommandContext): Promise<void> => {
  const { terminal, clock } = context;
  const connection = await context.connect(given);
  const flags = await resolveFlags(given, connection, context);
  const summary = await connection.jobs.summarize(requestOf(flags, clock()));
  if (flags.json === true) {
    printJson(terminal, document(summary));
    return;
  }
  const { formatSummary } = await import('../output/summary.ts');
  for (const line of formatSummary(summary, terminal)) terminal.print(line);
};

const HELP = `
Jobs count by creation time. Durations (creation to end) and training losses are of completed jobs. The success rate is
Completed out of Completed and Failed.

Examples:
  bedrock-jobs stats
  bedrock-jobs stats --since last-month --until this-month --tag team=nlp
  bedrock-jobs stats --since 90d --type DISTILLATION --json`;

/** `bedrock-jobs stats`: counts, durations and losses of the jobs of a window. */
export const statsCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withSummaryFlags(new Command('stats').description('Summarize jobs: counts, success rate, durations, losses.'))
      .option('--since <when>', 'created since (default: 30 days before)', timeOrAge)
      .option('--until <when>', 'created before (default: now)', timeOrAge),
  )
    .option('--json', 'one JSON document')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, context));
