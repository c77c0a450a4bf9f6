import { Command, Option } from 'commander';
import {
  type FilterFlags,
  filterOf,
  resolveFlags,
  type TrackerFlags,
  withFilterFlags,
  withTrackerFlags,
} from '../flags.ts';
import type { CommandContext } from '../context.ts';
import { type Format, formatOf, FORMATS } from '../export/output.ts';
import { formatCount, printJson } from '../output/values.ts';
import { TrackerError } from '../../domain/errors.ts';

interface Flags extends TrackerFlags, FilterFlags {
  readonly format?: Format;
  readonly output: string;
  readonly force?: true;
  readonly tags?: 'map' | 'list';
  readonly summary?: true;
  readonly raw?: true;
  readonly allowScan?: true;
  readonly json?: true;
}

const HELP = `
Exports every attribute of docs/table.md under its name there; CSV and Parquet add other_attributes for what AWS may add.
Without filters it exports all jobs of all tracked accounts and Regions; --allow-scan adds those tracked earlier.

CSV suits spreadsheets: text that would run as a formula begins with an apostrophe, and the file with a byte order mark,
as Excel needs it. --raw leaves both out.

Costs half a read unit for each 4 KB of a record besides its index entry: about 625 units for 1,000 jobs, 125 with
--summary.

Examples:
  bedrock-jobs export --output jobs.csv --created-after 2026-10 --created-before 2026-11
  bedrock-jobs export --status failed | jq .failure_message
  bedrock-jobs export --output all.parquet`;

const run = async (flags: Flags, context: CommandContext): Promise<void> => {
  const file = flags.output === '-' ? undefined : flags.output;
  const format = formatOf(flags.format, file);
  if (flags.json === true && file === undefined) {
    throw new TrackerError('BAD_REQUEST', '--json reports on a file: name one with --output.');
  }
  const [connection, { exportJobs, formatJobCount }] = await Promise.all([
    context.connect(flags),
    import('../export/export-jobs.ts'),
  ]);
  const request = {
    format,
    ...(file !== undefined && { file }),
    filter: {
      ...filterOf(await resolveFlags(flags, connection, context), context.clock()),
      ...(flags.allowScan === true && { allowScan: true }),
    },
    summaries: flags.summary === true,
    // People read a spreadsheet's cells, programs read the other formats.
    tags: flags.tags ?? (format === 'csv' ? 'list' : 'map'),
    raw: flags.raw === true,
    force: flags.force === true,
  };
  const { jobs, readUnits, seconds } = await exportJobs(request, context, connection);
  if (flags.json === true) printJson(context.terminal, { jobs, read_units: readUnits, seconds, format, file });
  else
    context.terminal.tell(
      `${formatJobCount(jobs)} in ${seconds} s, ${formatCount(readUnits)} read units → ${file ?? 'standard output'}`,
    );
};

/** `bedrock-jobs export`: the records as a file for other programs. */
export const exportCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withFilterFlags(
      new Command('export')
        .description('Write job records as NDJSON, CSV or Parquet.')
        .addOption(
          new Option('--format <format>', "format (default: by the file's name, else ndjson)").choices(FORMATS),
        )
        .option('--output <file>', 'file to write; - is standard output', '-')
        .option('--force', 'overwrite the file')
        .addOption(
          new Option('--tags <form>', 'tags as a map, or a list of key:value (default: map; list in CSV)').choices([
            'map',
            'list',
          ]),
        )
        .option('--summary', 'only what the indexes carry: a fifth of the cost')
        .option('--allow-scan', 'read the whole table if no index can answer')
        .option('--raw', 'CSV for programs: plain text, no byte order mark'),
    ),
  )
    .option('--json', 'with --output: the number of jobs as JSON')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, context));
