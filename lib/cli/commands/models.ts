import { Command, Option } from 'commander';
import type { RunColumn } from '../../domain/run.ts';
import { DAY } from '../../domain/time.ts';
import type { CommandContext } from '../context.ts';
import { type FilterFlags, type JobFlags, type ListFlags, span, type Switches, type Texts } from '../flags.ts';
import { type TrackerFlags, withFilterFlags, withListFlags, withPlaceFlags, withTrackerFlags } from '../flags.ts';
import { modelColumns, type ModelRow } from '../models/columns.ts';

export type ModelFlags = TrackerFlags & JobFlags & Switches<'json'> & Texts<'prices'>;

export interface ModelsFlags
  extends ModelFlags, FilterFlags, ListFlags<RunColumn<ModelRow>>, Switches<'serving' | 'endsSoon'> {
  /** True for the time that the tracker was deployed with. */
  readonly idle?: number | true;
  readonly orphaned?: number | true;
}

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
  bedrock-jobs models --serving --sort commitment_end
  bedrock-jobs models --idle 30d --prices prices.yaml
  bedrock-jobs models --orphaned --columns name,orphaned_months,tag.team
  bedrock-jobs models show support-triage`;

const GROUPS = ['serving', 'idle', 'orphaned', 'endsSoon'];
const group = (flags: string, text: string): Option => {
  const option = new Option(flags, text);
  return option.conflicts(GROUPS.filter((other) => other !== option.attributeName()));
};

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
      .addOption(group('--orphaned [age]', 'not served, nor used, for this long').argParser(age))
      .addOption(group('--ends-soon', 'served under a commitment that ends within 30 days')),
  );
  return withSharedFlags(
    withListFlags(command, 'models', modelColumns),
    'models, with --columns only these; complete, sorted_by',
  )
    .addHelpText('after', HELP)
    .action(async (flags: ModelsFlags) => (await answer()).listModels(flags, context))
    .addCommand(withSharedFlags(showCommand, 'model, job, use'));
};
