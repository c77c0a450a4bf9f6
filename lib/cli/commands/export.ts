import { Command, Option } from 'commander';
import { type FilterFlags, filterOf, type TrackerFlags, withFilterFlags, withTrackerFlags } from '../flags.ts';
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
Every attribute of docs/table.md is exported, by the names of that page; CSV and Parquet have a column more,
other_attributes, for what AWS may add. Without filters all jobs of all tracked accounts and Regions are exported;
with --allow-scan also those of others that were tracked once.

Examples:
  bedrock-jobs export --output jobs.csv --created-after 2026-10-01 --created-before 2026-11-01
  bedrock-jobs export --status failed | jq .failure_message
  bedrock-jobs export --output all.parquet

CSV is made for spreadsheets: text that would run as a formula begins with an apostrophe, and a file begins with a byte
order mark, as Excel needs it. --raw leaves both out.

Reads half a read unit for each 4 KB of a record besides what its index entry costs: some 625 units for 1,000 jobs, and
some 125 with --summary. Needs dynamodb:Query and dynamodb:BatchGetItem.`;

const run = async (flags: Flags, context: CommandContext): Promise<void> => {
  const file = flags.output === '-' ? undefined : flags.output;
  const format = formatOf(flags.format, file);
  if (flags.json === true && file === undefined) {
    throw new TrackerError('BAD_REQUEST', '--json says how many jobs a file was given: name one with --output.');
  }
  const [connection, { exportJobs, formatJobCount }] = await Promise.all([
    context.connect(flags),
    import('../export/export-jobs.ts'),
  ]);
  const request = {
    format,
    ...(file !== undefined && { file }),
    filter: { ...filterOf(flags, context.clock()), ...(flags.allowScan === true && { allowScan: true }) },
    summaries: flags.summary === true,
    // A person reads the cells of a spreadsheet, a program the others.
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
        .description('Write the records of jobs as NDJSON, CSV or Parquet, for spreadsheets and other programs.')
        .addOption(
          new Option('--format <format>', "how to write them (default: by the file's name, else ndjson)").choices(
            FORMATS,
          ),
        )
        .option('--output <file>', 'where to write them, - for standard output', '-')
        .option('--force', 'replace the file where it is there already')
        .addOption(
          new Option('--tags <form>', 'tags as a map, or as a list of key:value (default: map, in CSV list)').choices([
            'map',
            'list',
          ]),
        )
        .option('--summary', 'only what the indexes carry: a fifth of the read units')
        .option('--allow-scan', 'read the whole table where no index answers')
        .option('--raw', 'CSV for programs: text as it is, without a byte order mark'),
    ),
  )
    .option('--json', 'with --output: say how many they were as one JSON document')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, context));
