import { describe, expect, it } from '@jest/globals';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { ATTRIBUTES, type TagsForm } from '../../../../lib/cli/export/columns.ts';
import { writeParquet } from '../../../../lib/cli/export/parquet.ts';
import { collectingSink, streamOf } from '../../../support/export/collect.ts';
import { syntheticRecord, syntheticRecords } from '../../../support/export/synthetic-records.ts';

type Column = keyof typeof ATTRIBUTES;
const ALL = Object.keys(ATTRIBUTES) as Column[];

const fileOf = async (
  records: AsyncIterable<object>,
  { columns = ALL, tags = 'map' }: { columns?: readonly Column[]; tags?: TagsForm } = {},
): Promise<ArrayBuffer> => {
  const { sink, bytes } = collectingSink();
  await writeParquet(records as AsyncIterable<Record<string, unknown>>, sink, { columns, tags });
  return new Uint8Array(bytes()).buffer;
};

const rowsOf = (file: ArrayBuffer): Promise<Record<string, unknown>[]> => parquetReadObjects({ file });

/** Values with absent ones left out: a column of Parquet has a null there. */
const present = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(present);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([name, inner]) => [name, present(inner)]),
  );
};

const read = async (record: object, options?: Parameters<typeof fileOf>[1]): Promise<Record<string, unknown>> => {
  const [row = {}] = await rowsOf(await fileOf(streamOf({ job_arn: 'a', ...record }), options));
  return present(row) as Record<string, unknown>;
};

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const withDates = (value: unknown): unknown => {
  if (typeof value === 'string') return TIME.test(value) ? new Date(value) : value;
  if (Array.isArray(value)) return value.map(withDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withDates(inner)]));
};

describe('Parquet', () => {
  it('holds a record with typed columns: times, structures, lists and maps as such', async () => {
    const record = syntheticRecord(1);
    expect(await read(record)).toEqual(present(withDates(record)));
  });

  it('declares times as UTC in milliseconds, tags as a map, unions as JSON', async () => {
    const { schema, created_by: createdBy } = parquetMetadata(await fileOf(streamOf()));
    const elementOf = (name: string) => schema.find((element) => element.name === name);
    expect(createdBy).toBe('bedrock-job-tracker');
    expect(elementOf('creation_time')?.logical_type).toEqual({
      type: 'TIMESTAMP',
      isAdjustedToUTC: true,
      unit: 'MILLIS',
    });
    expect(elementOf('tags')?.logical_type).toEqual({ type: 'MAP' });
    expect(elementOf('customization_config')?.logical_type).toEqual({ type: 'JSON' });
    expect(elementOf('job_arn')?.repetition_type).toBe('REQUIRED');
    expect(schema.filter((_, index) => index === 0)).toMatchObject([{ num_children: ALL.length + 1 }]);
  });

  it('writes tags as a list of key:value where asked', async () => {
    expect(await read({ tags: { team: 'a', x: '' } }, { tags: 'list' })).toMatchObject({ tags: ['team:a', 'x:'] });
  });

  it.each<[string, object, object]>([
    ['no tags', { tags: {} }, { tags: {} }],
    ['a hyperparameter that is NULL', { hyper_parameters: { a: null, b: 'c' } }, { hyper_parameters: { b: 'c' } }],
    ['no validator yet', { validation_metrics: [] }, { validation_metrics: [] }],
    ['a structure that is empty', { vpc_config: {} }, { vpc_config: {} }],
    ['an empty list in a structure', { vpc_config: { subnet_ids: [] } }, { vpc_config: { subnet_ids: [] } }],
    ['an empty text', { failure_message: '' }, { failure_message: '' }],
    [
      'a loss that is no number',
      { training_metrics: { training_loss: 'NaN' } },
      { training_metrics: { training_loss: NaN } },
    ],
    [
      'one without end',
      { training_metrics: { training_loss: '-Infinity' } },
      { training_metrics: { training_loss: -Infinity } },
    ],
    ['other letters', { job_name: 'größer 数 😀' }, { job_name: 'größer 数 😀' }],
    [
      'a union',
      { customization_config: { new_member: { deep: [1, null, { a: 'b' }] } } },
      { customization_config: { new_member: { deep: [1, null, { a: 'b' }] } } },
    ],
  ])('keeps %s', async (_, record, expected) => {
    const { job_arn: _arn, ...row } = await read(record);
    // JSON of a union keeps what is null in it; a column has nothing there.
    expect(row).toEqual(present(expected));
  });

  it.each<[string, object, object, object]>([
    ['an attribute that AWS adds', { new_field: [1] }, {}, { new_field: [1] }],
    [
      'a field in a structure',
      { output_data_config: { s3_uri: 's3://a', acl: 'b' } },
      { output_data_config: { s3_uri: 's3://a' } },
      { output_data_config: { acl: 'b' } },
    ],
    [
      'a sub-task',
      { status_details: { evaluation_details: { status: 'Completed' } } },
      { status_details: {} },
      { status_details: { evaluation_details: { status: 'Completed' } } },
    ],
    [
      'a field in an element, with its whole list',
      { validation_metrics: [{ validation_loss: 1, accuracy: 2 }] },
      { validation_metrics: [{ validation_loss: 1 }] },
      { validation_metrics: [{ validation_loss: 1, accuracy: 2 }] },
    ],
    ['a time that is none', { end_time: 'soon' }, {}, { end_time: 'soon' }],
    ['a number that a column cannot hold', { revision: 2 ** 40 }, {}, { revision: 2 ** 40 }],
    [
      'a number that DynamoDB cannot hold',
      { training_metrics: { training_loss: '12345678901234567890' } },
      { training_metrics: {} },
      { training_metrics: { training_loss: '12345678901234567890' } },
    ],
    ['text that is none', { job_name: 3 }, {}, { job_name: 3 }],
    ['a map of other things', { tags: { a: { b: 'c' } } }, {}, { tags: { a: { b: 'c' } } }],
    ['a structure that is none', { vpc_config: 'none' }, {}, { vpc_config: 'none' }],
    ['a field named as what every object has', { constructor: 'x' }, {}, { constructor: 'x' }],
  ])('loses nothing that has no place: %s', async (_, record, columns, others) => {
    expect(await read(record)).toEqual({ job_arn: 'a', ...columns, other_attributes: others });
  });

  it('keeps every record in order over groups of rows', async () => {
    const rows = await rowsOf(
      await fileOf(syntheticRecords(5_003), { columns: ['job_arn', 'transitions', 'revision'] }),
    );
    expect(rows).toHaveLength(5_003);
    expect(rows.map((row) => row['job_arn'])).toEqual(rows.map((_, number) => syntheticRecord(number).job_arn));
    expect(present(rows[5_002])).toEqual(
      withDates({
        job_arn: syntheticRecord(5_002).job_arn,
        transitions: (present(syntheticRecord(5_002)) as { transitions: unknown }).transitions,
        revision: syntheticRecord(5_002).revision,
      }),
    );
  });

  it('is a valid file where there is no record', async () => {
    const file = await fileOf(streamOf());
    expect(parquetMetadata(file).num_rows).toBe(0n);
    expect(await rowsOf(file)).toEqual([]);
  });

  it('has the columns of a summary alone where that is asked for, and no rest of the others', async () => {
    expect(await read({ status: 'Failed', active_scope: 'x' }, { columns: ['job_arn', 'status'] })).toEqual({
      job_arn: 'a',
      status: 'Failed',
    });
  });
});
