import { Command, Option } from 'commander';
import type { RunColumn } from '../../domain/run.ts';
import { DAY } from '../../domain/time.ts';
import type { CommandContext } from '../context.ts';
import { type FilterFlags, type JobFlags, span, type TrackerFlags, wholeNumber } from '../flags.ts';
import { withFilterFlags, withPlaceFlags, withTrackerFlags } from '../flags.ts';
import { modelColumns, type ModelRow } from '../models/columns.ts';
import type { Sorting } from '../runs/columns.ts';

/** The options of `models show`. */
export interface ModelFlags extends TrackerFlags, JobFlags {
  readonly prices?: string;
  readonly json?: true;
}

export interface ModelsFlags extends ModelFlags, FilterFlags {
  readonly serving?: true;
  /** True for the time that the tracker was deployed with. */
  readonly idle?: number | true;
  readonly orphaned?: number | true;
  readonly columns?: readonly RunColumn<ModelRow>[];
  readonly sort?: Sorting<RunColumn<ModelRow>>;
  readonly limit: number;
  readonly all?: true;
  readonly allowScan?: true;
}

const MOST = 1000;

const withSharedFlags = (command: Command, json: string): Command =>
  withTrackerFlags(command)
    .option('--prices <file>', 'prices for amounts in dollars, JSON or YAML: see docs/models.md')
    .option('--json', `one JSON document: ${json}, read_units`);

const SHOW_HELP = `
The ARN or name of what serves a model, or of the job that made it, stands for the model. Its data, hyperparameters, losses
and history are shown, what serves it, and how that is used.

Examples:
  bedrock-jobs models show support-triage
  bedrock-jobs models show arn:aws:bedrock:us-east-1:111122223333:provisioned-model/q7w2e9r4t1y6 --json`;

const HELP = `
A provisioned throughput is paid by unit hours, used or not; a deployment on demand by tokens. Idle: CloudWatch shows no use
for 14 days, or what idleAfter says. Without data the use is unknown, never idle. Orphaned: nothing has served the stored
model for as long.

Columns: ${modelColumns.columnNames}.

Examples:
  bedrock-jobs models --serving --sort +commitment_end
  bedrock-jobs models --idle 30d --prices prices.yaml
  bedrock-jobs models --orphaned --columns name,orphaned_months,tag.team
  bedrock-jobs models show support-triage`;

const GROUPS = ['serving', 'idle', 'orphaned'];
const group = (flags: string, text: string): Option =>
  new Option(flags, text).conflicts(GROUPS.filter((other) => !flags.includes(other)));

/** `bedrock-jobs models`: which models exist, which serve, and which cost without use. */
export const modelsCommand = (context: CommandContext): Command => {
  const age = span(DAY, 3_650 * DAY);
  const answer = () => import('../models/answer.ts');
  const showCommand = withPlaceFlags(new Command('show').description('Show all that is known of a model.'))
    .argument('<model>', 'ARN or name of the model, of what serves it, or of its job')
    .addHelpText('after', SHOW_HELP)
    .action(async (text: string, flags: ModelFlags) => (await answer()).showModel(text, flags, context));
  const command = withFilterFlags(
    new Command('models')
      .description('List custom models, what serves them, and what costs without use.')
      .addOption(group('--serving', 'served by a deployment or throughput'))
      .addOption(group('--idle [age]', 'served, and not used for this long').argParser(age))
      .addOption(group('--orphaned [age]', 'not served, nor used, for this long').argParser(age)),
  )
    .option('--columns <names>', 'columns to show, separated by commas', modelColumns.readColumns)
    .option('--sort <column>', 'sort by this column (default: created, newest first)', modelColumns.readSorting)
    .addOption(
      new Option('--limit <count>', `most models to list, 1 to ${MOST}`).argParser(wholeNumber(1, MOST)).default(100),
    )
    .option('--all', 'all matching models')
    .option('--allow-scan', 'read the whole table if no index can answer');
  return withSharedFlags(command, 'models, with --columns only these; complete, sorted_by')
    .addHelpText('after', HELP)
    .action(async (flags: ModelsFlags) => (await answer()).listModels(flags, context))
    .addCommand(withSharedFlags(showCommand, 'model, job, use'));
};
