import { Command, Option } from 'commander';
import type { JobRecord } from '../../domain/record.ts';
import { hasCode, TrackerError } from '../../domain/errors.ts';
import {
  type JobFlags,
  placeOf,
  type Switches,
  type TrackerFlags,
  withPlaceFlags,
  withTrackerFlags,
} from '../flags.ts';
import { type CommandContext, type Connection, Ended, EXIT, type Terminal } from '../context.ts';
import { findJob } from '../job-argument.ts';
import { printJson, visible } from '../output/values.ts';
import { type CurveName, CURVES } from '../../domain/loss-curve.ts';
import { CSV_COLUMNS, csvRows, type JobCurves, seriesOf } from '../metrics/series.ts';

type Flags = TrackerFlags & JobFlags & Switches<'training' | 'validation' | 'log' | 'csv' | 'json'>;

/** More curves than this cannot be told apart. */
const MOST_JOBS = 8;

const findRecords = async (
  connection: Connection,
  names: readonly string[],
  flags: Flags,
  { clock }: CommandContext,
) => {
  const records = new Map<string, JobRecord>();
  for (const name of names) {
    const { job } = await findJob(connection, name, placeOf(flags), clock);
    records.set(job.job_arn, job);
  }
  return [...records.values()];
};

/** The curves of jobs; of several jobs those that have some, and a word about the others. */
const readCurves = async (connection: Connection, records: readonly JobRecord[], { tell }: Terminal) => {
  const { readLossCurves } = await import('../../operator/loss-curves/index.ts');
  const found: JobCurves[] = [];
  // One after the other: a client that follows a bucket into its Region must not do so for two requests at once.
  for (const job of records) {
    try {
      const curves = await readLossCurves(connection.s3(job.region), job);
      found.push({ job, curves });
      for (const problem of curves.problems ?? []) tell(visible(problem));
    } catch (error) {
      const isOfJob = hasCode(error, 'NO_LOSS_CURVE') || hasCode(error, 'BAD_LOSS_CURVE');
      if (records.length === 1 || !isOfJob) throw error;
      tell(visible(error.message));
    }
  }
  return found;
};

const askedCurves = ({ training, validation }: Flags): readonly CurveName[] => {
  if (training === true) return ['training', 'reward'];
  return validation === true ? ['validation', 'validation_reward'] : CURVES;
};

/** The jobs that have a curve that was asked for, and a word about the others. */
const withAskedCurves = (found: readonly JobCurves[], asked: readonly CurveName[], { tell }: Terminal) =>
  found.filter(({ job, curves }) => {
    const hasSome = asked.some((curve) => curves[curve] !== undefined);
    if (!hasSome) tell(`${visible(job.job_name ?? job.job_arn)} wrote no ${asked[0] ?? ''} curve.`);
    return hasSome;
  });

const print = async (
  found: readonly JobCurves[],
  asked: readonly CurveName[],
  flags: Flags,
  terminal: Terminal,
): Promise<void> => {
  const series = seriesOf(found, asked);
  if (flags.json === true) {
    const chosen = ({ job, curves }: JobCurves) => ({
      job_arn: job.job_arn,
      job_name: job.job_name,
      status: job.status,
      files: curves.files,
      ...(curves.problems !== undefined && { problems: curves.problems }),
      ...Object.fromEntries(asked.flatMap((curve) => (curves[curve] === undefined ? [] : [[curve, curves[curve]]]))),
    });
    printJson(terminal, found.map(chosen));
  } else if (flags.csv === true) {
    const { writeCsv } = await import('../export/text-formats.ts');
    await writeCsv(csvRows(series), terminal, { columns: CSV_COLUMNS });
  } else {
    const { showCurves } = await import('../metrics/show.ts');
    showCurves(series, { isLogarithmic: flags.log === true }, terminal);
  }
};

const run = async (names: readonly string[], flags: Flags, context: CommandContext): Promise<void> => {
  const { terminal } = context;
  if (names.length > MOST_JOBS)
    throw new TrackerError('BAD_REQUEST', `A chart shows at most ${MOST_JOBS} jobs: name fewer.`);
  const connection = await context.connect(flags);
  const records = await findRecords(connection, names, flags, context);
  const asked = askedCurves(flags);
  const found = withAskedCurves(await readCurves(connection, records, terminal), asked, terminal);
  if (found.length > 0) await print(found, asked, flags, terminal);
  // The sentences about the others were told.
  if (found.length < records.length) throw new Ended(EXIT.failed);
};

const EXAMPLES = `
Examples:
  bedrock-jobs metrics support-triage-ft-0142
  bedrock-jobs metrics support-triage-ft-0142 support-triage-ft-0143 --validation --log
  bedrock-jobs metrics q7w2e9r4t1y6 --csv > losses.csv`;

export const metricsCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withPlaceFlags(
      new Command('metrics')
        .description("Draw loss and reward curves, training and validation, from the jobs' S3 output.")
        .argument('<job...>', 'their ARNs, names or ids; several share one chart'),
    ),
  )
    .addOption(new Option('--training', 'only the training curves').conflicts('validation'))
    .addOption(new Option('--validation', 'only the validation curves').conflicts('training'))
    .option('--log', 'logarithmic scale')
    .addOption(new Option('--csv', 'every point as CSV').conflicts(['json', 'log']))
    .addOption(new Option('--json', 'every point as one JSON document').conflicts(['csv', 'log']))
    .addHelpText('after', EXAMPLES)
    .action((names: string[], flags: Flags) => run(names, flags, context));
