import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TrackerError } from '../../domain/errors.ts';
import type { JobRecord } from '../../domain/record.ts';
import { hyperParametersOf, type Run, RUN_ATTRIBUTES, type RunColumn, runColumn } from '../../domain/run.ts';
import { toJson } from '../output/values.ts';
import { isTime } from '../runs/columns.ts';
import type { ExportedJob } from './columns.ts';
import type { Sink } from './output.ts';
import { type CsvCell, type CsvOptions, writeCsv, writePieces } from './text-formats.ts';

/** A column of the file. */
type FlatColumn = Pick<RunColumn, 'name' | 'source' | 'valueOf'>;

const BEFORE = [
  'name',
  'status',
  'model',
  'type',
  'created',
  'ended',
  'duration_s',
  'training_loss',
  'validation_loss',
];
const AFTER = [
  ...['data', 'validation_data', 'output_model', 'output_model_arn', 'failure'],
  ...['account', 'region', 'id', 'arn', 'modified'],
];
/** The tracker's own word that a status may be outdated. */
const LOST: readonly FlatColumn[] = [
  { name: 'missing_since', source: 'summary', valueOf: (run) => run.missing_since },
  { name: 'untracked_since', source: 'summary', valueOf: (run) => run.untracked_since },
];

/** Hyperparameters and tags that get a column at most. Spreadsheets end at some 16,000 columns. */
const MOST_NAMES = 1_000;

/** What the columns read of a job. */
const ATTRIBUTES = [
  ...['job_arn', 'job_name', 'status', 'base_model_arn', 'customization_type', 'creation_time', 'last_modified_time'],
  ...['end_time', 'training_metrics', 'validation_metrics', 'output_model_name', 'output_model_arn', 'failure_message'],
  ...['account_id', 'region', 'tags', 'missing_since', 'untracked_since'],
  ...RUN_ATTRIBUTES,
] as readonly (keyof JobRecord)[];

/** Collects the names of hyperparameters and tags. */
const createNames = () => {
  const kinds = { hp: new Set<string>(), tag: new Set<string>() };
  let isCut = false;
  const add = (names: Set<string>, key: string) => {
    if (names.has(key)) return;
    if (kinds.hp.size + kinds.tag.size < MOST_NAMES) names.add(key);
    else isCut = true;
  };
  const columnsOf = (kind: keyof typeof kinds) =>
    [...kinds[kind]].sort().flatMap((key) => runColumn(`${kind}.${key}`) ?? []);
  return {
    add(run: Run): void {
      for (const key of Object.keys(hyperParametersOf(run))) add(kinds.hp, key);
      for (const key of Object.keys(run.tags ?? {})) add(kinds.tag, key);
    },
    columns: (): readonly RunColumn[] => [...columnsOf('hp'), ...columnsOf('tag')],
    isCut: () => isCut,
  };
};

/** Says what a person can do where the temporary file cannot be written. */
const explaining = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TrackerError(
      'EXPORT_FAILED',
      `The jobs cannot be kept in a temporary file: ${reason}. Set TMPDIR to a folder with room, or choose --columns.`,
      { cause },
    );
  }
};

/** A file without a name that holds jobs until all columns are known. A killed process leaves nothing of it. */
const openSpool = async () => {
  const handle = await explaining(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bedrock-jobs-'));
    const opened = await open(join(folder, 'jobs'), 'w+', 0o600);
    await rm(folder, { recursive: true, force: true });
    return opened;
  });
  const sink: Sink = { write: (piece) => explaining(() => handle.writeFile(piece)) };
  async function* read(): AsyncGenerator<Run> {
    const input = handle.createReadStream({ start: 0, autoClose: false });
    for await (const line of createInterface({ input, crlfDelay: Infinity })) yield JSON.parse(line) as Run;
  }
  return { sink, read, close: () => handle.close() };
};

export interface FlatCsvOptions extends Omit<CsvOptions, 'columns'> {
  /** Columns that were chosen. @default all */
  readonly columns?: readonly RunColumn[];
  /** The jobs have only what the indexes carry. */
  readonly summaries: boolean;
  readonly signal: AbortSignal;
}

/** Spreadsheets read this as a time, but not ISO 8601. Times are UTC. */
const spreadsheetTime = (iso: string): string =>
  iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2');

const isMoment = (column: FlatColumn): boolean => isTime(column) || LOST.includes(column);

const writeRows = async (
  runs: AsyncIterable<Run>,
  columns: readonly FlatColumn[],
  sink: Sink,
  { signal, escapeFormulas = false, byteOrderMark = false }: FlatCsvOptions,
): Promise<void> => {
  const cellOf = (column: FlatColumn, run: Run): CsvCell => {
    const value = column.valueOf(run);
    return escapeFormulas && typeof value === 'string' && isMoment(column) ? spreadsheetTime(value) : value;
  };
  const rows = async function* () {
    for await (const run of runs) {
      signal.throwIfAborted();
      yield columns.map((column) => cellOf(column, run));
    }
  };
  await writeCsv(rows(), sink, { columns: columns.map(({ name }) => name), escapeFormulas, byteOrderMark });
};

/**
 * Writes a row for each job, with a column for each hyperparameter and tag that some job has. The header needs the names
 * of all jobs, so these wait in a temporary file; memory stays the same whatever their number.
 *
 * @returns whether some names got no column
 * @throws TrackerError EXPORT_FAILED where the temporary file cannot be written
 */
export const writeFlatCsv = async (
  jobs: AsyncIterable<ExportedJob>,
  sink: Sink,
  options: FlatCsvOptions,
): Promise<{ readonly isCut: boolean }> => {
  const { columns, summaries } = options;
  if (columns !== undefined) {
    await writeRows(jobs as AsyncIterable<Run>, columns, sink, options);
    return { isCut: false };
  }
  const spool = await openSpool();
  const names = createNames();
  const lines = async function* () {
    for await (const job of jobs as AsyncIterable<Run>) {
      names.add(job);
      yield `${toJson(Object.fromEntries(ATTRIBUTES.map((name) => [name, job[name]])))}\n`;
    }
  };
  try {
    await writePieces(lines(), spool.sink);
    const fixed = (list: readonly string[]) => list.flatMap((name) => runColumn(name) ?? []);
    const all = [...fixed(BEFORE), ...names.columns(), ...fixed(AFTER), ...LOST];
    const present = summaries ? all.filter(({ source }) => source === 'summary') : all;
    await writeRows(spool.read(), present, sink, options);
    return { isCut: names.isCut() };
  } finally {
    await spool.close();
  }
};
