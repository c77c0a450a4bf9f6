import { JOBS_TABLE } from '../../contract.ts';
import type { CommandContext, Connection } from '../context.ts';
import { endOf, EXIT } from '../exit.ts';
import { explainScan } from '../scan-needed.ts';
import { ATTRIBUTES, type Exported, type TagsForm } from './attributes.ts';
import { writeCsv } from './csv.ts';
import { countedJobs, type Format } from './format.ts';
import { writeNdjson } from './ndjson.ts';
import { fileOutput, standardOutput, type Output } from './output.ts';
import { writeParquet } from './parquet.ts';
import { approximateCount, startProgress, type Progress } from './progress.ts';
import { recordsOf, type ExportFilter } from './records.ts';

export interface ExportRequest {
  readonly format: Format;
  /** Standard output where absent. */
  readonly file?: string;
  readonly filter: ExportFilter;
  /** What the index carries of each job in place of its record. */
  readonly summaries: boolean;
  readonly tags: TagsForm;
  /** For programs: text as it is, without what spreadsheets need. */
  readonly raw: boolean;
  readonly force: boolean;
}

/** What an export came to. */
export interface ExportAnswer {
  readonly jobs: number;
  readonly readUnits: number;
  readonly seconds: number;
}

type Column = keyof typeof ATTRIBUTES;

const columnsOf = ({ summaries }: ExportRequest): Column[] => {
  const all = Object.keys(ATTRIBUTES) as Column[];
  const carried: ReadonlySet<Column> = new Set([...JOBS_TABLE.projected, JOBS_TABLE.partitionKey]);
  return summaries ? all.filter((name) => carried.has(name)) : all;
};

const write = (records: AsyncIterable<Exported>, output: Output, request: ExportRequest): Promise<void> => {
  const { format, tags, raw, file } = request;
  const columns = columnsOf(request);
  switch (format) {
    case 'ndjson':
      return writeNdjson(records, output, { tags });
    case 'csv':
      // A pipe leads to a program, which would take the mark for a part of the first column's name.
      return writeCsv(records, output, { columns, tags, neutralized: !raw, byteOrderMark: !raw && file !== undefined });
    case 'parquet':
      return writeParquet(records, output, { columns, tags });
    default:
      return format satisfies never;
  }
};

interface Tally {
  count: number;
  readUnits: number;
}

/** Counts the records as they pass. */
async function* counted(records: AsyncIterable<Exported>, tally: Tally, progress: Progress): AsyncGenerator<Exported> {
  for await (const record of records) {
    tally.count += 1;
    progress.advance();
    yield record;
  }
}

const progressOf = async (request: ExportRequest, { terminal }: CommandContext, connection: Connection) => {
  // Records that scroll by show the progress themselves.
  const showsProgress = terminal.showsProgress && !(request.file === undefined && terminal.isTerminal);
  const isOfAll = Object.keys(request.filter).length === 0;
  const total = showsProgress && isOfAll ? await approximateCount(connection) : undefined;
  return startProgress({ showsProgress }, total);
};

/**
 * Writes the jobs of a filter to a file or standard output, in constant memory, and says how many they were.
 *
 * @throws TrackerError EXPORT_FAILED where the file cannot be written; the signal's reason; and as the client does
 */
export const exportJobs = async (
  request: ExportRequest,
  context: CommandContext,
  connection: Connection,
): Promise<ExportAnswer> => {
  const { terminal, signal } = context;
  const { file } = request;
  const output = file === undefined ? standardOutput(terminal) : await fileOutput(file, { force: request.force });
  const tally: Tally = { count: 0, readUnits: 0 };
  const onCost = (readUnits: number) => {
    tally.readUnits += readUnits;
  };
  const started = performance.now();
  const progress = await progressOf(request, context, connection);
  try {
    const records = recordsOf({ connection, filter: request.filter, summaries: request.summaries, onCost, signal });
    await write(counted(records, tally, progress), output, request);
    progress.end();
    await output.commit();
  } catch (error) {
    progress.end();
    await output.discard();
    // What was aborted says so in words of its own.
    const reason: unknown = signal.aborted ? signal.reason : error;
    if (endOf(reason)?.exitCode === EXIT.interrupted) {
      const rest = file === undefined ? 'The others were not written' : `${file} was not written`;
      terminal.tell(`Stopped after ${countedJobs(tally.count)}. ${rest}.`);
    }
    throw explainScan(reason);
  }
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  return { jobs: tally.count, readUnits: tally.readUnits, seconds };
};
