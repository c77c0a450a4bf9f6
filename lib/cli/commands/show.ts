import { Command, Option } from 'commander';
import { hasCode } from '../../domain/errors.ts';
import type { JobRecord, Transition } from '../../domain/record.ts';
import { modelUse } from '../../domain/idle.ts';
import { resourceKindOf } from '../../domain/identity.ts';
import { pluralize } from '../../domain/text.ts';
import type { CommandContext, Connection, Terminal } from '../context.ts';
import {
  type JobFlags,
  placeOf,
  type Switches,
  type TrackerFlags,
  withJobArgument,
  withTrackerFlags,
} from '../flags.ts';
import { findJob } from '../job-argument.ts';
import type { Column } from '../output/table.ts';
import { printJson, visible } from '../output/values.ts';

type Flags = TrackerFlags & JobFlags & Switches<'json' | 'spec'>;

const readJob = async (text: string, flags: Flags, context: CommandContext, connection: Connection) => {
  const found = await findJob(connection, text, placeOf(flags), context.clock);
  const { job_name: name = found.job.job_arn, output_model_name, output_model_arn } = found.job;
  if (resourceKindOf(text) !== 'job' && text !== name && text !== found.job.job_id) {
    const isModel = output_model_name === text || output_model_arn === text;
    const what = isModel ? 'is the model' : 'serves the model';
    context.terminal.tell(visible(`${text} ${what} of job ${name} (${pluralize(found.readUnits, 'read unit')}).`));
  }
  return found;
};

/** How the model of a job is used. Whoever may not read models, or has none, still sees the job. */
const useOf = async (
  { output_model_arn: arn }: JobRecord,
  connection: Connection,
  { clock, terminal }: CommandContext,
) => {
  if (arn === undefined) return undefined;
  const { rulesOf } = await import('../models/answer.ts');
  try {
    const { model } = await (await connection.models()).getModel(arn);
    return model && modelUse(model, await rulesOf({}, connection, clock()));
  } catch (thrown) {
    const { explain } = await import('../../operator/aws-errors.ts');
    const error = explain(thrown);
    const isExpected = hasCode(error, 'TRACKER_NOT_FOUND') || hasCode(error, 'ACCESS_DENIED');
    const why = error instanceof Error ? error.message : String(error);
    if (!isExpected) terminal.tell(visible(`What serves its model could not be read: ${why}`));
    return undefined;
  }
};

const show = async (text: string, flags: Flags, context: CommandContext): Promise<void> => {
  const { terminal, clock } = context;
  const connection = await context.connect(flags);
  const { job } = await readJob(text, flags, context, connection);
  if (flags.json === true) {
    printJson(terminal, job);
    return;
  }
  if (flags.spec === true) {
    const { formatJobSpec, specOf } = await import('../../operator/spec/from-record.ts');
    const spec = specOf(job);
    terminal.print(formatJobSpec(spec).trimEnd());
    spec.missing.forEach(terminal.tell);
    return;
  }
  const { formatJob } = await import('../output/jobs.ts');
  const { formatServing } = await import('../output/models.ts');
  const use = await useOf(job, connection, context);
  formatJob(job, terminal, clock(), use && formatServing(use, terminal)).forEach(terminal.print);
};

const SHOW_HELP = `
The ARN or name of a custom model, or of what serves it, stands for the job that made it. models show has the model.

Examples:
  bedrock-jobs show support-triage-7
  bedrock-jobs show q7w2e9r4t1y6 --json
  bedrock-jobs show support-triage-7 --spec > triage.yaml`;

export const showCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withJobArgument(new Command('show').description('Show all that is known of a job, with its timeline.')),
  )
    .option('--json', 'its record as one JSON document')
    .addOption(new Option('--spec', 'a spec that creates such a job: see create').conflicts('json'))
    .addHelpText('after', SHOW_HELP)
    .action((text: string, flags: Flags) => show(text, flags, context));

const printTransitions = async (job: JobRecord, terminal: Terminal): Promise<void> => {
  const [{ formatTable }, { TASK, transitionColumns }, { formatSpan, paletteOf }] = await Promise.all([
    import('../output/table.ts'),
    import('../output/jobs.ts'),
    import('../output/values.ts'),
  ]);
  const columns: Column<Transition>[] = [
    ...transitionColumns<Transition>(paletteOf(terminal), TASK),
    { title: 'SEEN AFTER', value: ({ at, observed_at }) => formatSpan(at, observed_at), importance: 4 },
    { title: 'VIA', value: ({ via }) => via, importance: 5 },
  ];
  const { transitions_folded: folded = 0 } = job;
  if (folded > 0) terminal.tell(`Not kept: ${pluralize(folded, 'older transition')}.`);
  for (const line of formatTable(columns, job.transitions, terminal)) terminal.print(line);
};

const history = async (text: string, flags: Flags, context: CommandContext): Promise<void> => {
  const { job, readUnits } = await readJob(text, flags, context, await context.connect(flags));
  if (flags.json === true) {
    const { job_arn, job_name, transitions, transitions_folded: folded = 0 } = job;
    printJson(context.terminal, { job_arn, job_name, transitions, transitions_folded: folded, read_units: readUnits });
  } else await printTransitions(job, context.terminal);
};

const HISTORY_HELP = `
SEEN AFTER: how long the change took to reach the table. VIA: event, sweep, or backfill (the first sweep of an account
and Region).

Examples:
  bedrock-jobs history support-triage-7`;

export const historyCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withJobArgument(new Command('history').description("Show every change of a job's status, oldest first.")),
  )
    .option('--json', 'one JSON document: job_arn, job_name, transitions, transitions_folded, read_units')
    .addHelpText('after', HISTORY_HELP)
    .action((text: string, flags: Flags) => history(text, flags, context));
