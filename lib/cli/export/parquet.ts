import { ByteWriter, parquetWriteRows, type SchemaElement, type Writer } from 'hyparquet-writer';
import {
  ATTRIBUTES,
  OTHER_ATTRIBUTES,
  withTags,
  type ColumnType,
  type ColumnTypes,
  type Exported,
  type TagsForm,
} from './columns.ts';
import type { Sink } from './output.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Values without a place in the columns, by name. Filled in passing: a million records go through here. */
type Leftovers = Record<string, unknown>;

const LARGEST_INT32 = 2 ** 31 - 1;
const NUMBERS_AS_TEXT: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmpty = (leftovers: Leftovers): boolean => {
  for (const _ in leftovers) return false;
  return true;
};

const toDate = (value: unknown): Date | undefined => {
  const time = typeof value === 'string' ? new Date(value) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time;
};

const toNumber = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return NUMBERS_AS_TEXT.includes(value) ? Number(value) : undefined;
};

const isStringMap = (value: unknown): value is Fields =>
  isFields(value) && Object.values(value).every((inner) => inner === null || typeof inner === 'string');

const convertList = (value: unknown, type: ColumnType, leftovers: Leftovers, name: string) => {
  if (!Array.isArray(value)) return undefined;
  const inner: Leftovers = {};
  const items = value.map((item) => convert(item, type, inner, 'element'));
  // The whole list, as the leftovers of an item alone would not say which item they belong to.
  if (!isEmpty(inner)) leftovers[name] = value;
  return items;
};

const convertStruct = (value: unknown, types: ColumnTypes, leftovers: Leftovers, name: string) => {
  if (!isFields(value)) return undefined;
  const inner: Leftovers = {};
  const fields = convertFields(value, types, inner);
  if (!isEmpty(inner)) leftovers[name] = inner;
  return fields;
};

const convertTo = (type: ColumnType, value: unknown, leftovers: Leftovers, name: string): unknown => {
  if (typeof type === 'object') {
    if ('list' in type) return convertList(value, type.list, leftovers, name);
    return convertStruct(value, type.struct, leftovers, name);
  }
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'timestamp':
      return toDate(value);
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) <= LARGEST_INT32 ? value : undefined;
    case 'number':
      return toNumber(value);
    case 'map':
      return isStringMap(value) ? value : undefined;
    case 'json':
      return value;
    default:
      return type satisfies never;
  }
};

/** A value as a column of this type takes it. A value of another type is put among the leftovers, so nothing is lost. */
const convert = (value: unknown, type: ColumnType, leftovers: Leftovers, name: string): unknown => {
  // Absent, or NULL: the `from` of a first transition.
  if (value === undefined || value === null) return undefined;
  const result = convertTo(type, value, leftovers, name);
  if (result === undefined) leftovers[name] = value;
  return result;
};

const convertFields = (value: Fields, types: ColumnTypes, leftovers: Leftovers): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) leftovers[name] = value[name];
    else fields[name] = convert(value[name], type, leftovers, name);
  }
  return fields;
};

const rowOf = (record: Exported, types: ColumnTypes): Fields => {
  const leftovers: Leftovers = {};
  const row = convertFields(record, types, leftovers);
  row[OTHER_ATTRIBUTES] = isEmpty(leftovers) ? undefined : leftovers;
  return row;
};

const STRING = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;

const SCALARS = {
  string: STRING,
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  integer: { type: 'INT32' },
  number: { type: 'DOUBLE' },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
} as const;

/** An element of the schema and those below it. */
const schemaOf = (
  name: string,
  type: ColumnType,
  repetition_type: 'OPTIONAL' | 'REQUIRED' = 'OPTIONAL',
): SchemaElement[] => {
  if (type === 'map')
    return [
      { name, repetition_type, num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' } },
      { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
      { name: 'key', repetition_type: 'REQUIRED', ...STRING },
      // A hyperparameter can be NULL.
      { name: 'value', repetition_type: 'OPTIONAL', ...STRING },
    ];
  if (typeof type === 'string') return [{ name, repetition_type, ...SCALARS[type] }];
  if ('list' in type)
    return [
      { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...schemaOf('element', type.list),
    ];
  const fields = Object.entries(type.struct);
  return [
    { name, repetition_type, num_children: fields.length },
    ...fields.flatMap(([field, inner]) => schemaOf(field, inner)),
  ];
};

/** The schema of a file with these columns, as Parquet writes it down: a tree in preorder. */
const fileSchema = (columns: ReadonlyMap<string, ColumnType>, key: string | undefined): SchemaElement[] => [
  { name: 'records', num_children: columns.size },
  ...[...columns].flatMap(([name, type]) => schemaOf(name, type, name === key ? 'REQUIRED' : 'OPTIONAL')),
];

/** Types for which readers skip row groups by their least and greatest value. */
const SEARCHED: readonly ColumnType[] = ['string', 'timestamp', 'integer'];

/** Rows in memory until they are written as one group: some 20 MB of records of the usual size. */
const ROW_GROUP_SIZE = 5_000;

/** Gathers bytes in the order in which Parquet needs them, and passes them on after each row group. */
const sinkWriter = (sink: Sink): Writer => {
  const bytes = new ByteWriter();
  const flush = async () => {
    await sink.write(bytes.getBytes());
    bytes.index = 0;
  };
  return Object.assign(bytes, { flush, finish: flush });
};

export interface ParquetOptions {
  /** The attributes to write, each a column. */
  readonly columns: readonly string[];
  /** All attributes of such records with their types; the first is the table's key. @default those of jobs */
  readonly attributes?: ColumnTypes;
  readonly tags: TagsForm;
}

/**
 * Writes Parquet with typed columns: times as UTC timestamps in milliseconds, structs and lists as such, unions as JSON,
 * and in the last column what Bedrock adds. Memory holds one row group, and some hundred bytes a column for each group
 * written so far, as the end of the file lists them all.
 */
export const writeParquet = async (
  records: AsyncIterable<Exported>,
  sink: Sink,
  { columns, tags, attributes = ATTRIBUTES }: ParquetOptions,
): Promise<void> => {
  const types: ColumnTypes = { ...attributes, ...(tags === 'list' && { tags: { list: 'string' } }) };
  const written = new Map<string, ColumnType>([
    ...columns.map((name): [string, ColumnType] => [name, types[name] ?? 'json']),
    [OTHER_ATTRIBUTES, 'json'],
  ]);
  const rows = async function* () {
    for await (const record of records) yield rowOf(withTags(record, tags), types);
  };
  await parquetWriteRows({
    writer: sinkWriter(sink),
    rows: rows(),
    schema: fileSchema(written, Object.keys(attributes)[0]),
    // Nobody searches a struct by its bounds, which take time; those of documents would stay in memory until the end.
    columns: [...written].map(([name, type]) => ({ name, statistics: SEARCHED.includes(type) })),
    rowGroupSize: ROW_GROUP_SIZE,
    createdBy: 'bedrock-job-tracker',
  });
};
