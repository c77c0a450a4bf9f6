import { ByteWriter, parquetWriteRows, type Writer } from 'hyparquet-writer';
import { ATTRIBUTES, OTHER_ATTRIBUTES, tagList, type Exported, type Shape, type TagsForm } from './attributes.ts';
import { fitRecord } from './fit.ts';
import { parquetSchema } from './parquet-schema.ts';
import type { Sink } from './sink.ts';

export interface ParquetOptions {
  /** The attributes to write, each a column. */
  readonly columns: readonly (keyof typeof ATTRIBUTES)[];
  readonly tags: TagsForm;
}

/** Shapes of which a reader skips groups of rows by the least and greatest value. */
const SEARCHED: readonly Shape[] = ['text', 'time', 'whole'];

/** Rows that are held until they are written as one group: some 20 MB of records of the usual size. */
const ROW_GROUP_SIZE = 5_000;

/** Gathers bytes in the order in which Parquet needs them, and hands them on after each group of rows. */
const sinkWriter = (sink: Sink): Writer => {
  const bytes = new ByteWriter();
  const flush = async () => {
    await sink.write(bytes.getBytes());
    bytes.index = 0;
  };
  return Object.assign(bytes, { flush, finish: flush });
};

const rowOf = (record: Exported, shapes: Readonly<Record<string, Shape>>): Exported => {
  const { row, rest } = fitRecord(record, shapes);
  return { ...row, [OTHER_ATTRIBUTES]: rest };
};

/**
 * Writes Parquet with typed columns: times as UTC timestamps in milliseconds, structures and lists as such, unions as
 * JSON. What Bedrock adds and a column has no place for is kept in the last one. Memory holds one group of rows, and for
 * each group written so far some hundred bytes a column, as the end of the file lists them all.
 */
export const writeParquet = async (
  records: AsyncIterable<Exported>,
  sink: Sink,
  { columns, tags }: ParquetOptions,
): Promise<void> => {
  const shapes = { ...ATTRIBUTES, tags: tags === 'list' ? ({ list: 'text' } as const) : ATTRIBUTES.tags };
  const written = new Map<string, Shape>([
    ...columns.map((name): [string, Shape] => [name, shapes[name]]),
    [OTHER_ATTRIBUTES, 'document'],
  ]);
  const rows = async function* () {
    for await (const record of records) {
      yield rowOf(tags === 'list' ? { ...record, tags: tagList(record['tags']) } : record, shapes);
    }
  };
  await parquetWriteRows({
    writer: sinkWriter(sink),
    rows: rows(),
    schema: parquetSchema(written),
    // Nobody looks for a structure by its bounds: they would take time, and those of documents are kept until the end.
    columns: [...written].map(([name, shape]) => ({ name, statistics: SEARCHED.includes(shape) })),
    rowGroupSize: ROW_GROUP_SIZE,
    createdBy: 'bedrock-job-tracker',
  });
};
