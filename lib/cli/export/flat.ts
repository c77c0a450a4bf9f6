import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TrackerError } from '../../domain/errors.ts';
import { hyperParametersOf, type RunColumn, type Trained } from '../../domain/run.ts';
import { toJson } from '../output/values.ts';
import { isTime } from '../runs/columns.ts';
import type { Exported } from './columns.ts';
import type { ExportKind } from './kinds.ts';
import type { Sink } from './output.ts';
import { type CsvCell, type CsvOptions, writeCsv, writePieces } from './text-formats.ts';

/** The tracker's own word that a status may be outdated. */
const LOST: readonly RunColumn<Trained>[] = [
  { name: 'missing_since', source: 'summary', valueOf: (run) => run.missing_since },
  { name: 'untracked_since', source: 'summary', valueOf: (run) => run.untracked_since },
];

/** Hyperparameters and tags that get a column at most. Spreadsheets end at some 16,000 columns. */
const MOST_NAMES = 1_000;

/** Collects the names of hyperparameters and tags. */
const createNames = () => {
  const kinds = { hp: new Set<string>(), tag: new Set<string>() };
  let isCut = false;
  const add = (names: Set<string>, key: string) => {
    if (names.has(key)) return;
    if (kinds.hp.size + kinds.tag.size < MOST_NAMES) names.add(key);
    else isCut = true;
  };
  const namesOf = (kind: keyof typeof kinds) => [...kinds[kind]].sort().map((key) => `${kind}.${key}`);
  return {
    add(run: Trained): void {
      for (const key of Object.keys(hyperParametersOf(run))) add(kinds.hp, key);
      for (const key of Object.keys(run.tags ?? {})) add(kinds.tag, key);
    },
    columnNames: (): readonly string[] => [...namesOf('hp'), ...namesOf('tag')],
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
      `The records cannot be kept in a temporary file: ${reason}. Set TMPDIR to a folder with room, or choose --columns.`,
      { cause },
    );
  }
};

/** A file without a name that holds records until all columns are known. A killed process leaves nothing of it. */
const openSpool = async () => {
  const handle = await explaining(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bedrock-jobs-'));
    const opened = await open(join(folder, 'records'), 'w+', 0o600);
    await rm(folder, { recursive: true, force: true });
    return opened;
  });
  const sink: Sink = { write: (piece) => explaining(() => handle.writeFile(piece)) };
  async function* read(): AsyncGenerator<Exported> {
    const input = handle.createReadStream({ start: 0, autoClose: false });
    for await (const line of createInterface({ input, crlfDelay: Infinity })) yield JSON.parse(line) as Exported;
  }
  return { sink, read, close: () => handle.close() };
};

export interface FlatCsvOptions<Row> extends Omit<CsvOptions, 'columns'> {
  /** Columns that were chosen. @default all */
  readonly columns?: readonly RunColumn<Row>[];
  /** The records have only what the indexes carry. */
  readonly summaries: boolean;
  readonly signal: AbortSignal;
}

/** Spreadsheets read this as a time, but not ISO 8601. Times are UTC. */
const spreadsheetTime = (iso: string): string =>
  iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2');

const writeRows = async <Row>(
  rows: AsyncIterable<Row>,
  columns: readonly RunColumn<Row>[],
  sink: Sink,
  { signal, escapeFormulas = false, byteOrderMark = false }: FlatCsvOptions<Row>,
): Promise<void> => {
  const cellOf = (column: RunColumn<Row>, row: Row): CsvCell => {
    const value = column.valueOf(row);
    return escapeFormulas && typeof value === 'string' && isTime(column) ? spreadsheetTime(value) : value;
  };
  const cells = async function* () {
    for await (const row of rows) {
      signal.throwIfAborted();
      yield columns.map((column) => cellOf(column, row));
    }
  };
  await writeCsv(cells(), sink, { columns: columns.map(({ name }) => name), escapeFormulas, byteOrderMark });
};

/**
 * Writes a row for each record, with a column for each hyperparameter and tag that some record has. The header needs the
 * names of all, so the records wait in a temporary file; memory stays the same whatever their number.
 *
 * @returns whether some names got no column
 * @throws TrackerError EXPORT_FAILED where the temporary file cannot be written
 */
export const writeFlatCsv = async <Row extends Trained>(
  records: AsyncIterable<Exported>,
  sink: Sink,
  { before, after, columnOf, rowOf }: ExportKind<Row>,
  options: FlatCsvOptions<Row>,
): Promise<{ readonly isCut: boolean }> => {
  const { columns, summaries } = options;
  const rowsOf = async function* (all: AsyncIterable<Exported>): AsyncGenerator<Row> {
    for await (const record of all) yield rowOf(record);
  };
  if (columns !== undefined) {
    await writeRows(rowsOf(records), columns, sink, options);
    return { isCut: false };
  }
  const spool = await openSpool();
  const names = createNames();
  const lines = async function* () {
    for await (const record of records) {
      names.add(record);
      // No column reads a history, which is the most of some records.
      yield `${toJson({ ...record, transitions: undefined })}\n`;
    }
  };
  try {
    await writePieces(lines(), spool.sink);
    const named = [...before, ...names.columnNames(), ...after].flatMap((name) => columnOf(name) ?? []);
    const all = [...named, ...LOST];
    const present = summaries ? all.filter(({ source }) => source === 'summary') : all;
    await writeRows(rowsOf(spool.read()), present, sink, options);
    return { isCut: names.isCut() };
  } finally {
    await spool.close();
  }
};
