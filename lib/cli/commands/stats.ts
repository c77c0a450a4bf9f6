import { Command } from 'commander';
import type { Durations, GroupSummary, Losses, SummarizeRequest, Summary } from '../../client/requests.ts';
import { RUN_GROUPS, type RunColumn, runGroup } from '../../domain/run.ts';
import { HOUR } from '../../domain/time.ts';
import {
  definedOf,
  type FilterFlags,
  resolveFlags,
  summaryFilterOf,
  type Switches,
  type Texts,
  type TimeFlag,
  timeOrAge,
  type TrackerFlags,
  withSummaryFlags,
  withTrackerFlags,
} from '../flags.ts';
import type { CommandContext, Connection } from '../context.ts';
import type { Groups } from '../output/summary.ts';
import { printJson } from '../output/values.ts';
import { readGroup } from '../runs/columns.ts';

interface Flags extends TrackerFlags, FilterFlags, Switches<'json'>, Texts<'by'> {
  readonly since?: TimeFlag;
  readonly until?: TimeFlag;
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
const measuredOf = (group: Pick<GroupSummary, 'durations' | 'trainingLoss' | 'validationLoss'>) => ({
  durations: group.durations && durationsOf(group.durations),
  training_loss: group.trainingLoss && lossesOf(group.trainingLoss),
  validation_loss: group.validationLoss && lossesOf(group.validationLoss),
});

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
    ...measuredOf(model),
  })),
  read_units: summary.readUnits,
});

const groupsDocument = ({ by, groups, total, ...window }: Groups) => {
  const hours = (ms: number) => Number((ms / HOUR).toFixed(4));
  const documentOf = (group: GroupSummary) => ({
    group: group.group,
    jobs: group.jobs,
    by_status: group.byStatus,
    success_rate: group.successRate,
    finished_hours: hours(group.finishedMs),
    active_hours: hours(group.activeMs),
    ...measuredOf(group),
  });
  return {
    created_after: window.createdAfter,
    created_before: window.createdBefore,
    by,
    groups: groups.map(documentOf),
    total: documentOf(total),
    read_units: window.readUnits,
  };
};

type Reading = Pick<CommandContext, 'clock' | 'terminal' | 'signal'> & { readonly connection: Connection };

/** Sums up jobs in groups; reads their records only where no index carries the group. */
const sumGroups = async (
  by: string,
  column: RunColumn,
  request: SummarizeRequest,
  reading: Reading,
): Promise<Groups> => {
  const [{ createGroups, windowOf }, { visitRuns }] = await Promise.all([
    import('../../client/summarize.ts'),
    import('../runs/read.ts'),
  ]);
  const { window, jobs } = windowOf(request, reading.clock().getTime());
  const groups = createGroups(column, window.now);
  const { readUnits } = await visitRuns(jobs, [column], reading, (run) => groups.add(run));
  const [createdAfter, createdBefore] = [new Date(window.from).toISOString(), new Date(window.before).toISOString()];
  return { createdAfter, createdBefore, by, ...groups.groups(), readUnits };
};

const run = async (given: Flags, context: CommandContext): Promise<void> => {
  const { terminal, clock } = context;
  const connection = await context.connect(given);
  const flags = await resolveFlags(given, connection, context);
  const request = requestOf(flags, clock());
  const { formatGroups, formatSummary } = await import('../output/summary.ts');
  const { by } = flags;
  const column = by === undefined ? undefined : runGroup(by);
  if (by !== undefined && column !== undefined) {
    const { signal } = context;
    const groups = await sumGroups(by, column, request, { connection, terminal, clock, signal });
    if (flags.json === true) printJson(terminal, groupsDocument(groups));
    else for (const line of formatGroups(groups, terminal)) terminal.print(line);
    return;
  }
  const summary = await connection.jobs.summarize(request);
  if (flags.json === true) {
    printJson(terminal, document(summary));
    return;
  }
  for (const line of formatSummary(summary, terminal)) terminal.print(line);
};

const HELP = `
Jobs count by creation time. Durations (creation to end) and losses are of completed jobs. The success rate is Completed
out of Completed and Failed.

--by adds up job hours: HOURS of finished jobs, creation to end; SO FAR of active jobs. Most hours come first. It costs a
read unit for each 8 to 13 jobs; by data half a unit more for each 4 KB of a record.

Examples:
  bedrock-jobs stats --by tag:team --since this-month
  bedrock-jobs stats
  bedrock-jobs stats --since last-month --until this-month --tag team=nlp
  bedrock-jobs stats --since 90d --type DISTILLATION --json`;

export const statsCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withSummaryFlags(new Command('stats').description('Summarize jobs: counts, success rate, durations, losses.'))
      .option('--since <when>', 'created since (default: 30 days before)', timeOrAge)
      .option('--until <when>', 'created before (default: now)', timeOrAge)
      .option('--by <group>', `in groups: ${RUN_GROUPS.join(', ')} or tag:<key>`, readGroup),
  )
    .option('--json', 'one JSON document')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, context));
