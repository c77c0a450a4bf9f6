import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import {
  ATTRIBUTES,
  OTHER_ATTRIBUTES,
  tagList,
  withTags,
  type ColumnTypes,
  type Exported,
  type TagsForm,
} from './columns.ts';
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

/** Writes each record as a line of JSON with the names and types of the table, complete and unchanged. */
export const writeNdjson = async (
  records: AsyncIterable<Exported>,
  sink: Sink,
  { tags }: { readonly tags: TagsForm },
): Promise<void> => {
  const lines = async function* () {
    for await (const record of records) yield `${JSON.stringify(withTags(record, tags))}\n`;
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

export interface RecordsCsvOptions extends CsvOptions {
  readonly tags: TagsForm;
  /** All attributes of such records. @default those of jobs */
  readonly attributes?: ColumnTypes;
}

/** Writes a column for each attribute: text, times and numbers as they are, documents as JSON. */
export const writeRecordsCsv = async (
  records: AsyncIterable<Exported>,
  sink: Sink,
  { tags, columns, attributes = ATTRIBUTES, ...options }: RecordsCsvOptions,
): Promise<void> => {
  // Neither keys nor values of tags can have a comma.
  const cellOf = (record: Exported, name: string) =>
    name === 'tags' && tags === 'list' ? tagList(record[name]).join(',') : cell(record[name]);
  // Attributes without a column, as AWS adds some.
  const others = (record: Exported) => {
    const found = Object.entries(record).filter(([name]) => !Object.hasOwn(attributes, name));
    return found.length === 0 ? undefined : JSON.stringify(Object.fromEntries(found));
  };
  const rows = async function* () {
    for await (const record of records) yield [...columns.map((name) => cellOf(record, name)), others(record)];
  };
  await writeCsv(rows(), sink, { ...options, columns: [...columns, OTHER_ATTRIBUTES] });
};
