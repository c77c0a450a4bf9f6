import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { JobSummary, ListJobsRequest } from '../../client/requests.ts';
import { JOBS_TABLE } from '../../contract.ts';
import type { RunColumn } from '../../domain/run.ts';
import { getRecordBatches } from '../../operator/batch-get.ts';
import { type CommandContext, type Connection, endOf, EXIT, type Terminal } from '../context.ts';
import { type Progress, SILENT, startBar } from '../output/progress.ts';
import { formatCount } from '../output/values.ts';
import { explainScan } from '../flags.ts';
import { ATTRIBUTES, type ExportedJob, type TagsForm } from './columns.ts';
import { writeFlatCsv } from './flat.ts';
import { fileOutput, type Format, type Output, standardOutput } from './output.ts';
import { writeParquet } from './parquet.ts';
import { writeJobsCsv, writeNdjson } from './text-formats.ts';

type ExportFilter = Omit<ListJobsRequest, 'cursor' | 'maxReadUnits' | 'limit'>;

export interface ExportSource {
  readonly connection: Pick<Connection, 'jobs' | 'dynamoDb' | 'tableName'>;
  readonly filter: ExportFilter;
  /** What the index carries of each job in place of its record. */
  readonly summaries: boolean;
  /** Is called with the cost of each request, in read units. */
  readonly onCost: (readUnits: number) => void;
  readonly signal: AbortSignal;
}

/** The index's entries. Their cost is known at the end. */
async function* readSummaries({ connection, filter, onCost, signal }: ExportSource): AsyncGenerator<JobSummary> {
  const jobs = connection.jobs.iterateJobs(filter);
  for (let next = await jobs.next(); ; next = await jobs.next()) {
    signal.throwIfAborted();
    if (next.done === true) {
      onCost(next.value.readUnits);
      return;
    }
    yield next.value;
  }
}

/**
 * The jobs of a filter in the order of the index, read as fast as they are consumed and never far ahead. Rejects with
 * the signal's reason, and as the client does.
 */
export async function* readJobs(source: ExportSource): AsyncGenerator<ExportedJob> {
  const { connection, onCost, signal } = source;
  const { dynamoDb, tableName } = connection;
  const advice = 'Or read the index alone, with --summary.';
  if (source.summaries) {
    for await (const job of readSummaries(source)) yield { ...job };
    return;
  }
  const batches = getRecordBatches(readSummaries(source), { dynamoDb, tableName, onCost, signal, advice });
  for await (const { records } of batches) yield* records;
}

/**
 * About how many jobs the table holds, as DynamoDB counts them every six hours; undefined without the permission to ask,
 * which reading the table does not need.
 */
const approximateCount = async ({ dynamoDb, tableName }: Connection): Promise<number | undefined> => {
  try {
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: tableName }));
    return Table?.ItemCount === 0 ? undefined : Table?.ItemCount;
  } catch {
    return undefined;
  }
};

const COUNTING = '{value} jobs  {duration_formatted}';
const FILLING = '{bar} {value} of about {total} jobs  {eta_formatted} left';
/** Jobs between two updates of the bar. */
const STEP = 100;

/** Draws a bar on standard error; without a total it counts. The count of the table is hours old. */
const startProgress = (total: number | undefined): Progress =>
  startBar({ format: total === undefined ? COUNTING : FILLING, total, formatValue: formatCount });

export interface ExportRequest {
  readonly format: Format;
  /** Standard output where absent. */
  readonly file?: string;
  readonly filter: ExportFilter;
  /** What the index carries of each job in place of its record. */
  readonly summaries: boolean;
  readonly tags: TagsForm;
  /** CSV with a column for each hyperparameter and tag, or with these columns; else with the record's attributes. */
  readonly flat?: { readonly columns?: readonly RunColumn[] };
  /** CSV for programs: without what spreadsheets need. */
  readonly raw: boolean;
  readonly force: boolean;
}

const progressFor = async (
  { file, filter }: ExportRequest,
  { showsProgress, isTerminal }: Terminal,
  connection: Connection,
): Promise<Progress> => {
  // Records that scroll by show the progress themselves.
  if (!showsProgress || (file === undefined && isTerminal)) return SILENT;
  return startProgress(Object.keys(filter).length === 0 ? await approximateCount(connection) : undefined);
};

type Column = keyof typeof ATTRIBUTES;

const ALL_COLUMNS = Object.keys(ATTRIBUTES) as Column[];
const INDEXED: ReadonlySet<Column> = new Set([...JOBS_TABLE.projected, JOBS_TABLE.partitionKey]);

const CUT = 'Some hyperparameters and tags have no column: more than 1,000 names occur. Choose some with --columns.';

const writeJobs = async (
  jobs: AsyncIterable<ExportedJob>,
  output: Output,
  request: ExportRequest,
  { signal, terminal }: CommandContext,
): Promise<void> => {
  const { format, tags, raw, file, summaries, flat } = request;
  // A program that reads a pipe would take the mark for a part of the first column's name.
  const csv = { escapeFormulas: !raw, byteOrderMark: !raw && file !== undefined };
  const columns = summaries ? ALL_COLUMNS.filter((name) => INDEXED.has(name)) : ALL_COLUMNS;
  switch (format) {
    case 'ndjson':
      return writeNdjson(jobs, output, { tags });
    case 'csv':
      if (flat === undefined) return writeJobsCsv(jobs, output, { ...csv, columns, tags });
      if ((await writeFlatCsv(jobs, output, { ...csv, ...flat, summaries, signal })).isCut) terminal.tell(CUT);
      return;
    case 'parquet':
      return writeParquet(jobs, output, { columns, tags });
    default:
      return format satisfies never;
  }
};

export const formatJobCount = (count: number): string => `${formatCount(count)} ${count === 1 ? 'job' : 'jobs'}`;

/** What an export wrote and cost. */
export interface ExportResult {
  readonly jobs: number;
  readonly readUnits: number;
  readonly seconds: number;
}

/**
 * Writes the jobs of a filter to a file or standard output in constant memory.
 *
 * @throws TrackerError EXPORT_FAILED where the file cannot be written; the signal's reason; and as the client does
 */
export const exportJobs = async (
  request: ExportRequest,
  context: CommandContext,
  connection: Connection,
): Promise<ExportResult> => {
  const { terminal, signal } = context;
  const { file, filter, summaries, force } = request;
  const output = file === undefined ? standardOutput(terminal) : await fileOutput(file, { force });
  let jobs = 0;
  let readUnits = 0;
  const onCost = (units: number) => {
    readUnits += units;
  };
  const started = performance.now();
  const progress = await progressFor(request, terminal, connection);
  const counting = async function* () {
    for await (const job of readJobs({ connection, filter, summaries, onCost, signal })) {
      jobs += 1;
      if (jobs % STEP === 0) progress.update(jobs);
      yield job;
    }
  };
  try {
    await writeJobs(counting(), output, request, context);
    progress.end();
    await output.commit();
  } catch (error) {
    progress.end();
    await output.discard();
    // Whatever broke after an abort, the abort is the reason.
    const reason: unknown = signal.aborted ? signal.reason : error;
    if (endOf(reason)?.exitCode === EXIT.interrupted) {
      const rest = file === undefined ? 'The others were not written' : `${file} was not written`;
      terminal.tell(`Stopped after ${formatJobCount(jobs)}. ${rest}.`);
    }
    throw explainScan(reason);
  }
  return { jobs, readUnits, seconds: Number(((performance.now() - started) / 1000).toFixed(1)) };
};
