import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { ReadCost } from '../../client/requests.ts';
import type { RunColumn, Trained } from '../../domain/run.ts';
import { pluralize } from '../../domain/text.ts';
import { getRecordBatches, readEntries, type RecordsTable } from '../../operator/batch-get.ts';
import { type CommandContext, type Connection, endOf, EXIT, type Terminal } from '../context.ts';
import { type Progress, SILENT, startBar } from '../output/progress.ts';
import { formatCount } from '../output/values.ts';
import { explainScan } from '../flags.ts';
import type { Exported, TagsForm } from './columns.ts';
import { writeFlatCsv } from './flat.ts';
import type { ExportKind } from './kinds.ts';
import { fileOutput, type Format, type Output, standardOutput } from './output.ts';
import { writeParquet } from './parquet.ts';
import { writeNdjson, writeRecordsCsv } from './text-formats.ts';

/** Entries of an index. Their cost is known at the end. */
type Entries = AsyncGenerator<object, Pick<ReadCost, 'readUnits'>>;

export interface ExportSource extends Pick<RecordsTable, 'dynamoDb' | 'tableName' | 'key'> {
  readonly entries: Entries;
  /** What the index carries of each record in place of it. */
  readonly summaries: boolean;
  /** Is called with the cost of each request, in read units. */
  readonly onCost: (readUnits: number) => void;
  readonly signal: AbortSignal;
}

/**
 * The records of some entries in the order of the index, read as fast as they are consumed and never far ahead. Rejects
 * with the signal's reason, and as the client does.
 */
export async function* readRecords(source: ExportSource): AsyncGenerator<Exported> {
  const { entries, summaries, ...table } = source;
  const read = readEntries(entries, source);
  if (summaries) {
    for await (const entry of read) yield { ...entry };
    return;
  }
  const advice = 'Or read the index alone, with --summary.';
  for await (const { records } of getRecordBatches(read, { ...table, advice })) yield* records;
}

/**
 * About how many records the table holds, as DynamoDB counts them every six hours; undefined without the permission to
 * ask, which reading the table does not need.
 */
const approximateCount = async (dynamoDb: Connection['dynamoDb'], TableName: string): Promise<number | undefined> => {
  try {
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
    return Table?.ItemCount === 0 ? undefined : Table?.ItemCount;
  } catch {
    return undefined;
  }
};

const STEP = 100;

/** Draws a bar on standard error; without a total it counts. The count of the table is hours old. */
const startProgress = (total: number | undefined, noun: string): Progress =>
  startBar({
    format:
      total === undefined
        ? `{value} ${noun}s  {duration_formatted}`
        : `{bar} {value} of about {total} ${noun}s  {eta_formatted} left`,
    total,
    formatValue: formatCount,
  });

export interface ExportRequest<Row extends Trained> {
  readonly kind: ExportKind<Row>;
  readonly tableName: string;
  readonly entries: Entries;
  /** Whether no filter leaves any entry out. */
  readonly isWhole: boolean;
  readonly format: Format;
  /** Standard output where absent. */
  readonly file?: string;
  /** What the index carries of each record in place of it. */
  readonly summaries: boolean;
  readonly tags: TagsForm;
  /** CSV with a column for each hyperparameter and tag, or with these columns; else with the record's attributes. */
  readonly flat?: { readonly columns?: readonly RunColumn<Row>[] };
  /** CSV for programs: without what spreadsheets need. */
  readonly raw: boolean;
  readonly force: boolean;
}

const progressFor = async <Row extends Trained>(
  { file, isWhole, tableName, kind }: ExportRequest<Row>,
  { showsProgress, isTerminal }: Terminal,
  { dynamoDb }: Connection,
): Promise<Progress> => {
  // Records that scroll by show the progress themselves.
  if (!showsProgress || (file === undefined && isTerminal)) return SILENT;
  return startProgress(isWhole ? await approximateCount(dynamoDb, tableName) : undefined, kind.noun);
};

const CUT = 'Some hyperparameters and tags have no column: more than 1,000 names occur. Choose some with --columns.';

const writeRecords = async <Row extends Trained>(
  records: AsyncIterable<Exported>,
  output: Output,
  request: ExportRequest<Row>,
  { signal, terminal }: CommandContext,
): Promise<void> => {
  const { format, tags, raw, file, summaries, flat, kind } = request;
  const { attributes, table } = kind;
  const indexed: readonly string[] = [table.partitionKey, ...table.projected];
  // A program that reads a pipe would take the mark for a part of the first column's name.
  const csv = { escapeFormulas: !raw, byteOrderMark: !raw && file !== undefined };
  const columns = Object.keys(attributes).filter((name) => !summaries || indexed.includes(name));
  switch (format) {
    case 'ndjson':
      return writeNdjson(records, output, { tags });
    case 'csv':
      if (flat === undefined) return writeRecordsCsv(records, output, { ...csv, columns, tags, attributes });
      if ((await writeFlatCsv(records, output, kind, { ...csv, ...flat, summaries, signal })).isCut) terminal.tell(CUT);
      return;
    case 'parquet':
      return writeParquet(records, output, { columns, tags, attributes });
    default:
      return format satisfies never;
  }
};

/** "1 job", "12,000 models" */
export const formatRecordCount = (count: number, noun: string): string =>
  pluralize(count, noun).replace(/^\d+/, formatCount(count));

export interface ExportResult {
  readonly count: number;
  readonly readUnits: number;
  readonly seconds: number;
}

/**
 * Writes records to a file or standard output in constant memory.
 *
 * @throws TrackerError EXPORT_FAILED where the file cannot be written; the signal's reason; and as the client does
 */
export const exportRecords = async <Row extends Trained>(
  request: ExportRequest<Row>,
  context: CommandContext,
  connection: Connection,
): Promise<ExportResult> => {
  const { terminal, signal } = context;
  const { file, force, kind, tableName, entries, summaries } = request;
  const output = file === undefined ? standardOutput(terminal) : await fileOutput(file, { force });
  let count = 0;
  let readUnits = 0;
  const onCost = (units: number) => {
    readUnits += units;
  };
  const started = performance.now();
  const progress = await progressFor(request, terminal, connection);
  const source = {
    entries,
    tableName,
    key: kind.table.partitionKey,
    dynamoDb: connection.dynamoDb,
    summaries,
    onCost,
    signal,
  };
  const counting = async function* () {
    for await (const record of readRecords(source)) {
      count += 1;
      if (count % STEP === 0) progress.update(count);
      yield record;
    }
  };
  try {
    await writeRecords(counting(), output, request, context);
    progress.end();
    await output.commit();
  } catch (error) {
    progress.end();
    await output.discard();
    // Whatever broke after an abort, the abort is the reason.
    const reason: unknown = signal.aborted ? signal.reason : error;
    if (endOf(reason)?.exitCode === EXIT.interrupted) {
      const rest = file === undefined ? 'The others were not written' : `${file} was not written`;
      terminal.tell(`Stopped after ${formatRecordCount(count, kind.noun)}. ${rest}.`);
    }
    throw explainScan(reason);
  }
  return { count, readUnits, seconds: Number(((performance.now() - started) / 1000).toFixed(1)) };
};
