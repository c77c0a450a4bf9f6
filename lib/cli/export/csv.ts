import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { ATTRIBUTES, OTHER_ATTRIBUTES, tagList, type Exported, type TagsForm } from './attributes.ts';
import { gathered, type Sink } from './sink.ts';

export interface CsvOptions {
  /** The attributes to write, each a column. */
  readonly columns: readonly string[];
  readonly tags: TagsForm;
  /**
   * Text that a spreadsheet would run as a formula gets an apostrophe in front: tags and names are other people's words.
   */
  readonly neutralized: boolean;
  /** Excel takes a file without a byte order mark for one in the system's old code page, and garbles other letters. */
  readonly byteOrderMark: boolean;
}

type Cell = string | number | undefined;

const cell = (value: unknown): Cell => {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
};

/** The attributes that have no column of their own, as AWS adds some. */
const others = (record: Exported): Exported | undefined => {
  const left = Object.entries(record).filter(([name]) => !Object.hasOwn(ATTRIBUTES, name));
  return left.length === 0 ? undefined : Object.fromEntries(left);
};

const row = (record: Exported, { columns, tags }: CsvOptions): Cell[] => [
  ...columns.map((name) =>
    // Neither keys nor values of tags can have a comma.
    name === 'tags' && tags === 'list' ? tagList(record[name]).join(',') : cell(record[name]),
  ),
  cell(others(record)),
];

/** Writes a header and a line for each record: text, times and numbers as they are, documents as JSON. */
export const writeCsv = async (records: AsyncIterable<Exported>, sink: Sink, options: CsvOptions): Promise<void> => {
  const lines = gathered(sink);
  const rows = async function* () {
    for await (const record of records) yield row(record, options);
  };
  const formatter = stringify({
    header: true,
    columns: [...options.columns, OTHER_ATTRIBUTES],
    bom: options.byteOrderMark,
    escape_formulas: options.neutralized,
  });
  await pipeline(Readable.from(rows()), formatter, async (pieces: AsyncIterable<Buffer | string>) => {
    for await (const piece of pieces) await lines.write(piece.toString());
  });
  await lines.flush();
};
