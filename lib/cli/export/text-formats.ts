import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { ATTRIBUTES, OTHER_ATTRIBUTES, tagList, withTags, type ExportedJob, type TagsForm } from './columns.ts';
import type { Sink } from './output.ts';

const PIECE_LENGTH = 64 * 1024;

/** Writes texts in large pieces: one write for each record would take most of the time. */
export const writePieces = async (texts: AsyncIterable<string>, sink: Sink): Promise<void> => {
  let piece: string[] = [];
  let length = 0;
  for await (const text of texts) {
    piece.push(text);
    length += text.length;
    if (length < PIECE_LENGTH) continue;
    await sink.write(piece.join(''));
    piece = [];
    length = 0;
  }
  if (length > 0) await sink.write(piece.join(''));
};

/** Writes each job as a line of JSON with the names and types of the table, complete and unchanged. */
export const writeNdjson = async (
  jobs: AsyncIterable<ExportedJob>,
  sink: Sink,
  { tags }: { readonly tags: TagsForm },
): Promise<void> => {
  const lines = async function* () {
    for await (const job of jobs) yield `${JSON.stringify(withTags(job, tags))}\n`;
  };
  await writePieces(lines(), sink);
};

export type CsvCell = string | number | undefined;

export interface CsvOptions {
  readonly columns: readonly string[];
  /** Puts an apostrophe before text that a spreadsheet would run as a formula: tags and names are other people's. */
  readonly escapeFormulas?: boolean;
  /** Without a byte order mark, Excel reads a file in the system's old code page and garbles other letters. */
  readonly byteOrderMark?: boolean;
}

/** Writes a header, and a line for each row. */
export const writeCsv = async (
  rows: Iterable<readonly CsvCell[]> | AsyncIterable<readonly CsvCell[]>,
  sink: Sink,
  { columns, escapeFormulas = false, byteOrderMark = false }: CsvOptions,
): Promise<void> => {
  const formatter = stringify({
    header: true,
    columns: [...columns],
    bom: byteOrderMark,
    escape_formulas: escapeFormulas,
  });
  formatter.setEncoding('utf8');
  await pipeline(Readable.from(rows), formatter, (pieces: AsyncIterable<string>) => writePieces(pieces, sink));
};

const cell = (value: unknown): CsvCell => {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
};

/** Attributes without a column, as AWS adds some. */
const otherAttributes = (job: ExportedJob): ExportedJob | undefined => {
  const others = Object.entries(job).filter(([name]) => !Object.hasOwn(ATTRIBUTES, name));
  return others.length === 0 ? undefined : Object.fromEntries(others);
};

export interface JobsCsvOptions extends CsvOptions {
  readonly tags: TagsForm;
}

/** Writes a column for each attribute: text, times and numbers as they are, documents as JSON. */
export const writeJobsCsv = async (
  jobs: AsyncIterable<ExportedJob>,
  sink: Sink,
  { tags, columns, ...options }: JobsCsvOptions,
): Promise<void> => {
  // Neither keys nor values of tags can have a comma.
  const cellOf = (job: ExportedJob, name: string) =>
    name === 'tags' && tags === 'list' ? tagList(job[name]).join(',') : cell(job[name]);
  const rows = async function* () {
    for await (const job of jobs) yield [...columns.map((name) => cellOf(job, name)), cell(otherAttributes(job))];
  };
  await writeCsv(rows(), sink, { ...options, columns: [...columns, OTHER_ATTRIBUTES] });
};
