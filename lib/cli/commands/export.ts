import { Command, Option } from 'commander';
import {
  ALLOW_SCAN,
  collect,
  definedOf,
  type FilterFlags,
  filterOf,
  resolveFlags,
  type Switches,
  type TrackerFlags,
  withJobFilterFlags,
  withTrackerFlags,
} from '../flags.ts';
import type { IterateJobsRequest } from '../../client/requests.ts';
import type { CommandContext, Connection } from '../context.ts';
import { modelColumns, type ModelRow } from '../models/columns.ts';
import { type Format, formatOf, FORMATS } from '../export/output.ts';
import { formatCount, printJson } from '../output/values.ts';
import { TrackerError } from '../../domain/errors.ts';
import type { Run, RunColumn, Trained } from '../../domain/run.ts';
import type { ExportRequest } from '../export/export-records.ts';
import { readColumns } from '../runs/columns.ts';

interface Flags
  extends TrackerFlags, FilterFlags, Switches<'force' | 'models' | 'summary' | 'raw' | 'allowScan' | 'json'> {
  readonly format?: Format;
  readonly output: string;
  readonly columns?: readonly string[];
  /** Undefined where neither --flat nor --no-flat was given. */
  readonly flat?: boolean;
  readonly tags?: 'map' | 'list';
}

const HELP = `
NDJSON and Parquet have every attribute of docs/table.md under its name there. Without filters all jobs of all tracked
accounts and Regions are exported; --allow-scan adds those tracked earlier.

CSV suits spreadsheets: a column for each hyperparameter (hp.learningRate) and tag (tag.team), losses and durations as
numbers, times in UTC. Text that would run as a formula begins with an apostrophe, and a file with a byte order mark, as
Excel needs it. --raw leaves these out, and has the attributes of docs/table.md as --no-flat has; other_attributes holds
what AWS may add.

Costs half a read unit for each 4 KB of a record besides its index entry: about 625 units for 1,000 jobs, 125 with
--summary.

Examples:
  bedrock-jobs export --output jobs.csv --created-after 2026-10 --created-before 2026-11
  bedrock-jobs export --output sweep.csv --tag sweep=triage --columns name,hp.learningRate,validation_loss
  bedrock-jobs export --status failed | jq .failure_message
  bedrock-jobs export --output all.parquet
  bedrock-jobs export --models --output models.csv`;

/** How people name the columns of a kind of records, and how these are found. */
interface Kind<Row extends Trained> {
  readonly of: 'jobs' | 'models';
  readonly readColumns: (text: string) => readonly RunColumn<Row>[];
  readonly source: (
    connection: Connection,
    filter: IterateJobsRequest,
    now: Date,
  ) => Promise<Pick<ExportRequest<Row>, 'kind' | 'tableName' | 'entries'>>;
}

const JOBS: Kind<Run> = {
  of: 'jobs',
  readColumns,
  source: async ({ tableName, jobs }, filter) => ({
    kind: (await import('../export/kinds.ts')).JOBS,
    tableName,
    entries: jobs.iterateJobs(filter),
  }),
};

const MODELS: Kind<ModelRow> = {
  of: 'models',
  readColumns: modelColumns.readColumns,
  async source(connection, filter, now) {
    const [{ modelsBy }, { rulesOf }] = await Promise.all([
      import('../export/kinds.ts'),
      import('../models/answer.ts'),
    ]);
    return {
      kind: modelsBy(await rulesOf({}, connection, now)),
      tableName: await connection.modelsTableName(),
      entries: (await connection.models()).iterateModels(filter),
    };
  },
};

/** Whether CSV has columns of runs, or the record's attributes: programs that load the latter say --raw or --tags. */
const flatOf = <Row extends Trained>(
  { flat, columns: names, raw, tags, summary }: Flags,
  format: Format,
  { readColumns: read }: Kind<Row>,
): ExportRequest<Row>['flat'] => {
  const columns = names === undefined ? undefined : read(names.join());
  if (format !== 'csv' && (flat !== undefined || columns !== undefined))
    throw new TrackerError('BAD_REQUEST', `--flat and --columns are for CSV, not ${format}: add --format csv.`);
  if (columns !== undefined && flat === false)
    throw new TrackerError('BAD_REQUEST', '--columns are columns of --flat: leave out --no-flat.');
  const missing = columns?.find(({ source }) => source === 'curves' || (source === 'record' && summary === true));
  if (missing?.source === 'curves')
    throw new TrackerError(
      'BAD_REQUEST',
      `An export has no ${missing.name}: list has it, with --columns ${missing.name}.`,
    );
  if (missing !== undefined)
    throw new TrackerError(
      'BAD_REQUEST',
      `--summary does not read ${missing.name}, which no index carries. Leave out one of them.`,
    );
  if (columns !== undefined) return { columns };
  return format === 'csv' && (flat ?? (raw === undefined && tags === undefined)) ? {} : undefined;
};

const run = async <Row extends Trained>(kind: Kind<Row>, flags: Flags, context: CommandContext): Promise<void> => {
  const file = flags.output === '-' ? undefined : flags.output;
  const isFlat = flags.columns !== undefined || flags.flat === true;
  const format = formatOf(flags.format ?? (isFlat && file === undefined ? 'csv' : undefined), file);
  if (flags.json === true && file === undefined) {
    throw new TrackerError('BAD_REQUEST', '--json reports on a file: name one with --output.');
  }
  const { of } = kind;
  const flat = flatOf(flags, format, kind);
  const [connection, { exportRecords, formatRecordCount }] = await Promise.all([
    context.connect(flags),
    import('../export/export-records.ts'),
  ]);
  const filter = {
    ...filterOf(await resolveFlags(flags, connection, context, of), context.clock()),
    ...definedOf({ allowScan: flags.allowScan }),
  };
  const request = {
    ...(await kind.source(connection, filter, context.clock())),
    isWhole: Object.keys(filter).length === 0,
    format,
    ...(file !== undefined && { file }),
    summaries: flags.summary === true,
    ...(flat && { flat }),
    // People read a spreadsheet's cells, programs read the other formats.
    tags: flags.tags ?? (format === 'csv' ? 'list' : 'map'),
    raw: flags.raw === true,
    force: flags.force === true,
  };
  const { count, readUnits, seconds } = await exportRecords(request, context, connection);
  if (flags.json === true) printJson(context.terminal, { [of]: count, read_units: readUnits, seconds, format, file });
  else
    context.terminal.tell(
      `${formatRecordCount(count, request.kind.noun)} in ${seconds} s, ${formatCount(readUnits)} read units → ${file ?? 'standard output'}`,
    );
};

export const exportCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withJobFilterFlags(
      new Command('export')
        .description('Write the records of jobs or models as NDJSON, CSV or Parquet.')
        .addOption(new Option('--models', 'models in place of jobs').conflicts(['active', 'ended', 'modifiedAfter']))
        .addOption(
          new Option('--format <format>', "format (default: by the file's name, else ndjson)").choices(FORMATS),
        )
        .option('--output <file>', 'file to write; - is standard output', '-')
        .option('--force', 'overwrite the file')
        .option('--columns <names>', 'columns of CSV, separated by commas, as list or models has them', collect(String))
        .option('--flat', 'CSV with a column for each hyperparameter and tag (default, but for --raw and --tags)')
        .option('--no-flat', 'CSV with the attributes of docs/table.md')
        .addOption(
          new Option('--tags <form>', 'tags as a map, or a list of key:value (default: map; list in CSV)').choices([
            'map',
            'list',
          ]),
        )
        .option('--summary', 'only what the indexes carry: a fifth of the cost')
        .option(...ALLOW_SCAN)
        .option('--raw', 'CSV for programs: plain text, no byte order mark'),
    ),
  )
    .option('--json', 'with --output: the number of records as JSON')
    .addHelpText('after', HELP)
    .action((flags: Flags) => (flags.models === true ? run(MODELS, flags, context) : run(JOBS, flags, context)));
