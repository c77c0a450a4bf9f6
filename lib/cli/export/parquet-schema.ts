import type { SchemaElement } from 'hyparquet-writer';
import type { Shape } from './attributes.ts';

type Repetition = 'OPTIONAL' | 'REQUIRED';

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;

const leaf = (shape: Exclude<Shape, 'map' | object>): Omit<SchemaElement, 'name' | 'repetition_type'> => {
  switch (shape) {
    case 'text':
      return TEXT;
    case 'time':
      return {
        type: 'INT64',
        converted_type: 'TIMESTAMP_MILLIS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
      };
    case 'whole':
      return { type: 'INT32' };
    case 'number':
      return { type: 'DOUBLE' };
    case 'document':
      return { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } };
    default:
      return shape satisfies never;
  }
};

const map = (name: string): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' } },
  { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
  { name: 'key', repetition_type: 'REQUIRED', ...TEXT },
  // A hyperparameter can be NULL.
  { name: 'value', repetition_type: 'OPTIONAL', ...TEXT },
];

const list = (name: string, inner: Shape): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  ...elements('element', inner),
];

const struct = (name: string, fields: Readonly<Record<string, Shape>>): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: Object.keys(fields).length },
  ...Object.entries(fields).flatMap(([field, shape]) => elements(field, shape)),
];

const elements = (name: string, shape: Shape, repetition: Repetition = 'OPTIONAL'): SchemaElement[] => {
  if (shape === 'map') return map(name);
  if (typeof shape === 'string') return [{ name, repetition_type: repetition, ...leaf(shape) }];
  return 'list' in shape ? list(name, shape.list) : struct(name, shape.struct);
};

/** The schema of a file with these columns, as Parquet writes it down: a tree in preorder. */
export const parquetSchema = (columns: ReadonlyMap<string, Shape>): SchemaElement[] => [
  { name: 'jobs', num_children: columns.size },
  ...[...columns].flatMap(([name, shape]) => elements(name, shape, name === 'job_arn' ? 'REQUIRED' : 'OPTIONAL')),
];
