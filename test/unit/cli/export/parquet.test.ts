import { describe, expect, it } from '@jest/globals';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { ATTRIBUTES, type TagsForm } from '../../../../lib/cli/export/columns.ts';
import { writeParquet } from '../../../../lib/cli/export/parquet.ts';
import { collectingSink, streamOf } from '../../../support/export/collect.ts';
import { syntheticRecord, syntheticRecords } from '../../../support/export/synthetic-records.ts';

type Column = keyof typeof ATTRIBUTES;
interface Options {
  readonly columns?: readonly Column[];
  readonly tags?: TagsForm;
}
const ALL = Object.keys(ATTRIBUTES) as Column[];

const fileOf = async (
  records: AsyncIterable<object>,
  { columns = ALL, tags = 'map' }: Options = {},
): Promise<ArrayBuffer> => {
  const { sink, bytes } = collectingSink();
  await writeParquet(records as AsyncIterable<Record<string, unknown>>, sink, { columns, tags });
  return new Uint8Array(bytes()).buffer;
};

const rowsOf = (file: ArrayBuffer): Promise<Record<string, unknown>[]> => parquetReadObjects({ file });

const mapDeep = (value: unknown, change: (leaf: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((each) => mapDeep(each, change));
  if (value instanceof Date || typeof value !== 'object' || value === null) return change(value);
  const entries = Object.entries(value).map(([name, inner]) => [name, mapDeep(inner, change)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
};

/** Leaves out absent values: a column of Parquet has a null there. */
const present = (value: unknown): unknown => mapDeep(value, (leaf) => leaf ?? undefined);

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const withDates = (value: unknown): unknown =>
  mapDeep(value, (leaf) => (typeof leaf === 'string' && TIME.test(leaf) ? new Date(leaf) : leaf));

const read = async (record: object, options?: Options): Promise<Record<string, unknown>> => {
  const [row = {}] = await rowsOf(await fileOf(streamOf({ job_arn: 'a', ...record }), options));
  return present(row) as Record<string, unknown>;
};

describe('Parquet', () => {
  it('has typed columns: times, structs, lists and maps', async () => {
    const record = syntheticRecord(1);
    expect(await read(record)).toEqual(present(withDates(record)));
  });

  it('declares times as UTC in milliseconds, tags as a map, unions as JSON', async () => {
    const { schema, created_by: createdBy } = parquetMetadata(await fileOf(streamOf()));
    const elementOf = (name: string) => schema.find((element) => element.name === name);
    expect(createdBy).toBe('bedrock-job-tracker');
    const timestamp = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' };
    expect(elementOf('creation_time')?.logical_type).toEqual(timestamp);
    expect(elementOf('tags')?.logical_type).toEqual({ type: 'MAP' });
    expect(elementOf('customization_config')?.logical_type).toEqual({ type: 'JSON' });
    expect(elementOf('job_arn')?.repetition_type).toBe('REQUIRED');
    expect(schema[0]).toMatchObject({ num_children: ALL.length + 1 });
  });

  it('writes tags as a list of key:value on request', async () => {
    expect(await read({ tags: { team: 'a', x: '' } }, { tags: 'list' })).toMatchObject({ tags: ['team:a', 'x:'] });
  });

  it.each<[string, object, object?]>([
    ['no tags', { tags: {} }],
    ['a NULL hyperparameter', { hyper_parameters: { a: null, b: 'c' } }, { hyper_parameters: { b: 'c' } }],
    ['no validator yet', { validation_metrics: [] }],
    ['an empty struct', { vpc_config: {} }],
    ['an empty list in a struct', { vpc_config: { subnet_ids: [] } }],
    ['an empty text', { failure_message: '' }],
    [
      'a loss that is NaN',
      { training_metrics: { training_loss: 'NaN' } },
      { training_metrics: { training_loss: NaN } },
    ],
    [
      'an infinite loss',
      { training_metrics: { training_loss: '-Infinity' } },
      { training_metrics: { training_loss: -Infinity } },
    ],
    ['other letters', { job_name: 'größer 数 😀' }],
    ['a union', { customization_config: { new_member: { deep: [1, { a: 'b' }] } } }],
  ])('keeps %s', async (_, record, expected = record) => {
    expect(await read(record)).toEqual({ job_arn: 'a', ...expected });
  });

  it.each<[string, object, object?, object?]>([
    ['an attribute that AWS adds', { new_field: [1] }],
    [
      'a field of a struct',
      { output_data_config: { s3_uri: 's3://a', acl: 'b' } },
      { output_data_config: { s3_uri: 's3://a' } },
      { output_data_config: { acl: 'b' } },
    ],
    ['a sub-task', { status_details: { evaluation_details: { status: 'Completed' } } }, { status_details: {} }],
    [
      'a field of an item, with its whole list',
      { validation_metrics: [{ validation_loss: 1, accuracy: 2 }] },
      { validation_metrics: [{ validation_loss: 1 }] },
    ],
    ['an invalid time', { end_time: 'soon' }],
    ['a number that a column cannot hold', { revision: 2 ** 40 }],
    [
      'a number that DynamoDB cannot hold',
      { training_metrics: { training_loss: '12345678901234567890' } },
      { training_metrics: {} },
    ],
    ['a number as text', { job_name: 3 }],
    ['a map of other things', { tags: { a: { b: 'c' } } }],
    ['a text as a struct', { vpc_config: 'none' }],
    ['a field that every object inherits', { constructor: 'x' }],
  ])('moves to the last column %s', async (_, record, columns = {}, others = record) => {
    expect(await read(record)).toEqual({ job_arn: 'a', ...columns, other_attributes: others });
  });

  it('keeps every record in order over row groups', async () => {
    const rows = await rowsOf(
      await fileOf(syntheticRecords(5_003), { columns: ['job_arn', 'transitions', 'revision'] }),
    );
    expect(rows.map((row) => row['job_arn'])).toEqual(
      Array.from({ length: 5_003 }, (_, number) => syntheticRecord(number).job_arn),
    );
    const { job_arn, transitions, revision } = syntheticRecord(5_002);
    expect(present(rows[5_002])).toEqual(present(withDates({ job_arn, transitions, revision })));
  });

  it('is a valid file without records', async () => {
    const file = await fileOf(streamOf());
    expect(parquetMetadata(file).num_rows).toBe(0n);
    expect(await rowsOf(file)).toEqual([]);
  });

  it('has only the columns of a summary on request, and drops the other attributes', async () => {
    const summary = { job_arn: 'a', status: 'Failed' };
    expect(await read({ ...summary, active_scope: 'x' }, { columns: ['job_arn', 'status'] })).toEqual(summary);
  });
});
