import { describe, expect, it } from '@jest/globals';
import * as sdk from '@aws-sdk/client-bedrock';
import { hasCode } from '../../../lib/domain/errors.ts';
import { JOBS_TABLE, type IndexSchema } from '../../../lib/contract.ts';
import {
  catalogFields,
  catalogName,
  KEY_FIELDS,
  MAP_FIELDS,
  normalize,
  wrongFields,
} from '../../../lib/domain/normalize.ts';
import { fixtureNames, jobAnswer, jobOnWire, observation } from '../../support/fixtures.ts';
import { fieldsOfSchema } from '../../support/sdk-schema.ts';

/** Every leaf of a document with the path to it. */
const leaves = (value: unknown, path: readonly string[] = []): [path: readonly string[], leaf: unknown][] => {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  const entries = Object.entries(value);
  return entries.length === 0 ? [[path, value]] : entries.flatMap(([key, member]) => leaves(member, [...path, key]));
};

const at = (document: unknown, path: readonly string[]): unknown =>
  path.reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], document);

/** The path in the catalog, worked out apart from the code under test: map keys are those below these fields. */
const MAPS = ['hyperParameters', 'equals', 'notEquals'];
const catalogPath = (path: readonly string[]): string[] =>
  path.map((key, depth) => {
    const parent = path[depth - 1] ?? '';
    const isMapKey = MAPS.includes(parent) && !path.slice(0, depth).includes('rftConfig');
    return isMapKey ? key : catalogName(key);
  });

describe('catalogName', () => {
  it.each([
    ['jobArn', 'job_arn'],
    ['s3Uri', 's3_uri'],
    ['vpcConfig', 'vpc_config'],
    ['subnetIds', 'subnet_ids'],
    ['outputModelKmsKeyArn', 'output_model_kms_key_arn'],
    ['rftConfig', 'rft_config'],
    ['andAll', 'and_all'],
    ['maxResponseLengthForInference', 'max_response_length_for_inference'],
    ['ARNValue', 'arn_value'],
  ])('turns %s into %s, as in the public catalog', (field, name) => {
    expect(catalogName(field)).toBe(name);
  });
});

describe('normalize', () => {
  it.each(fixtureNames('jobs'))('keeps every leaf of %s under its catalog name', (name) => {
    const record = normalize(jobAnswer(name), observation());
    for (const [path, leaf] of leaves(jobOnWire(name))) {
      expect({ path, leaf: at(record, catalogPath(path)) }).toEqual({ path, leaf });
    }
  });

  it.each(fixtureNames('jobs'))('adds only identity, tags and the observation to %s', (name) => {
    const record = normalize(jobAnswer(name), observation());
    const own = ['_key', 'account_id', 'region', 'scope', 'job_id', 'tags', 'fetched_at', 'observed_via'];
    expect(Object.keys(record).sort()).toEqual([...Object.keys(jobOnWire(name)).map(catalogName), ...own].sort());
  });

  it('takes the identity from the ARN, not from the request', () => {
    const record = normalize(jobAnswer('fine-tuning-completed'), observation());
    expect(record).toMatchObject({
      _key: record.job_arn,
      account_id: '123456789012',
      region: 'us-west-2',
      scope: '123456789012#us-west-2',
      job_id: 'q7w2e9r4t1y6',
    });
  });

  it('drops an empty key of an index', () => {
    const indexes: readonly IndexSchema[] = Object.values(JOBS_TABLE.indexes);
    const keys = indexes.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]);
    // Made by the tracker, and never empty.
    const own = new Set(['scope', 'active_scope', 'job_id']);
    expect(new Set([...keys.filter((key) => !own.has(key)), JOBS_TABLE.partitionKey])).toEqual(KEY_FIELDS);
    const answer = { ...jobAnswer(fixtureNames('jobs')[0] ?? ''), failureMessage: '', jobName: '' };
    const snapshot = normalize({ ...answer, status: '', baseModelArn: '' }, observation());
    for (const key of ['job_name', 'status', 'base_model_arn']) expect(snapshot).not.toHaveProperty(key);
    expect(snapshot).toHaveProperty('failure_message', '');
    const odd = normalize({ ...answer, jobArn: 'arn:odd/' }, observation());
    expect(odd.job_id).toBe('arn:odd/');
  });

  it('keeps keys of tags as they are, and empty values', () => {
    const tags = { 'Cost-Center': '', camelCase: 'x', 'aws:s': 'y' };
    expect(normalize(jobAnswer('fine-tuning-completed'), observation({ tags })).tags).toEqual(tags);
  });
});

describe('normalize of answers that no sample shows', () => {
  const normalized = (change: Record<string, unknown>) =>
    normalize({ ...jobAnswer('distillation-in-progress'), ...change }, observation()) as unknown as Record<
      string,
      unknown
    >;

  it.each([
    ['NaN', NaN, 'NaN'],
    ['Infinity', Infinity, 'Infinity'],
    ['-Infinity', -Infinity, '-Infinity'],
    ['beyond the safe integers', 1e20, '100000000000000000000'],
    ['too small for DynamoDB', 1e-200, '1e-200'],
    ['zero', 0, 0],
    ['the smallest that DynamoDB holds', 1e-130, 1e-130],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['an ordinary loss', 0.02681732177734375, 0.02681732177734375],
  ])('keeps a loss that is %s', (_what, trainingLoss, kept) => {
    expect(normalized({ trainingMetrics: { trainingLoss } })['training_metrics']).toEqual({ training_loss: kept });
    expect(normalized({ validationMetrics: [{ validationLoss: trainingLoss }] })['validation_metrics']).toEqual([
      { validation_loss: kept },
    ]);
  });

  it.each<[what: string, change: Record<string, unknown>, field: string, kept: unknown]>([
    ['null in a map', { hyperParameters: { epochCount: null } }, 'hyper_parameters', { epochCount: null }],
    ['map keys in camelCase', { hyperParameters: { batchSizeX: '1' } }, 'hyper_parameters', { batchSizeX: '1' }],
    [
      'a map except for the key __proto__, which the SDK cannot write',
      { hyperParameters: JSON.parse('{"__proto__":"1","constructor":"2"}') as unknown },
      'hyper_parameters',
      { constructor: '2' },
    ],
    [
      'an unknown union member',
      { customizationConfig: { $unknown: ['newConfig', { someField: 1, deep: { aB: [NaN] } }] } },
      'customization_config',
      { new_config: { someField: 1, deep: { aB: ['NaN'] } } },
    ],
    ['an unknown status', { status: 'PausedByService' }, 'status', 'PausedByService'],
    ['an unknown type', { customizationType: 'NEW_TYPE' }, 'customization_type', 'NEW_TYPE'],
    ['an empty list', { validationMetrics: [] }, 'validation_metrics', []],
    ['an empty structure', { trainingDataConfig: {} }, 'training_data_config', {}],
    ['a null field', { failureMessage: null }, 'failure_message', undefined],
    ['an absent field', { failureMessage: undefined }, 'failure_message', undefined],
    ['the longest failure message', { failureMessage: 'é'.repeat(2048) }, 'failure_message', 'é'.repeat(2048)],
    ['a lone surrogate', { failureMessage: 'a\ud800b' }, 'failure_message', 'a\ufffdb'],
    ['an invalid date', { endTime: new Date(NaN) }, 'end_time', undefined],
  ])('keeps %s', (_what, change, field, kept) => {
    expect(normalized(change)[field]).toEqual(kept);
  });

  it('drops absent fields and absent keys of a map', () => {
    expect(catalogFields({ failureMessage: undefined, hyperParameters: { epochCount: undefined } })).toStrictEqual({
      hyper_parameters: {},
    });
  });

  it('leaves out a field __proto__, which the SDK cannot write', () => {
    expect(Object.keys(catalogFields(JSON.parse('{"__proto__":1,"jobName":"a"}') as Record<string, unknown>))).toEqual([
      'job_name',
    ]);
  });

  it('takes the last part of an unknown ARN for the job id', () => {
    expect(normalized({ jobArn: 'arn:aws:bedrock:us-east-1:123456789012:new-kind-of-job/some/odd-id' })).toMatchObject({
      job_id: 'odd-id',
      scope: '123456789012#us-east-1',
    });
  });

  it('accepts an empty answer to a request by ARN', () => {
    const { jobArn } = jobAnswer('distillation-in-progress');
    const record = normalize({}, observation({ jobIdentifier: String(jobArn) }));
    expect(record).toMatchObject({ job_arn: jobArn, job_id: 'z9x8c7v6b5n4', account_id: '123456789012', tags: {} });
  });

  it('refuses an answer without an ARN to a request by name, and says what to do', () => {
    expect(() => normalize({ status: 'InProgress' }, observation({ jobIdentifier: 'my-job' }))).toThrow(
      expect.objectContaining({ code: 'INVALID_JOB', message: expect.stringContaining('by its full ARN') as unknown }),
    );
    expect(() => normalize({ jobArn: '' }, observation({ jobIdentifier: 'my-job' }))).toThrow('job "my-job"');
    expect(hasCode(new Error(), 'INVALID_JOB')).toBe(false);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an ARN that is not a string', { jobArn: {} }, 'not a string: job_arn.'],
    [
      'several such fields',
      { status: 5, endTime: [], statusDetails: [] },
      'not a string: status, end_time, status_details.',
    ],
  ])('refuses %s, as indexes, transitions and subscribers need strings', (_what, change, problem) => {
    expect(() => normalized(change)).toThrow(
      expect.objectContaining({ code: 'INVALID_JOB', message: expect.stringContaining(problem) as unknown }),
    );
  });

  const listsIn = (levels: number): unknown => (levels === 0 ? 'x' : [listsIn(levels - 1)]);
  const mapsIn = (levels: number): unknown => (levels === 0 ? 'x' : { a: mapsIn(levels - 1) });

  // Beside its name, a member of a union that the SDK does not know takes a level of its own, and so does a map's key.
  it.each<[what: string, most: number, change: (levels: number) => Record<string, unknown>]>([
    ['lists in a field', 31, (levels) => ({ newField: listsIn(levels) })],
    ['structures in a field', 31, (levels) => ({ newField: mapsIn(levels) })],
    ['lists in a map', 30, (levels) => ({ hyperParameters: { a: listsIn(levels) } })],
    ['maps in a map', 30, (levels) => ({ hyperParameters: { a: mapsIn(levels) } })],
    [
      'lists in an unknown union member',
      30,
      (levels) => ({ customizationConfig: { $unknown: ['a', listsIn(levels)] } }),
    ],
    ['maps in an unknown union member', 30, (levels) => ({ customizationConfig: { $unknown: ['a', mapsIn(levels)] } })],
  ])('takes 32 levels of %s like DynamoDB, and refuses one more', (_what, most, change) => {
    expect(() => normalized(change(most))).not.toThrow();
    const refused = {
      code: 'INVALID_JOB',
      message: expect.stringContaining('nested deeper than 32 levels') as unknown,
    };
    expect(() => normalized(change(most + 1))).toThrow(expect.objectContaining(refused));
  });

  it('refuses a very deep answer before it exhausts the stack', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    for (const change of [{ newField: deep }, { customizationConfig: { $unknown: ['new', deep] } }]) {
      expect(() => normalized(change)).toThrow('nested deeper than 32 levels');
    }
  });

  it.each<[string, unknown, unknown]>([
    ['a list loses what is no time', [new Date(NaN), 'a'], ['a']],
    ['a negative zero is zero', { a: -0 }, { a: 0 }],
    ['half a character in a name is replaced', { '\ud800': 1 }, { '\ufffd': 1 }],
  ])('%s, so that the table returns it unchanged', (_what, value, kept) => {
    const { validation_data_config } = normalized({ validationDataConfig: { validators: value } });
    expect(validation_data_config).toStrictEqual({ validators: kept });
  });
});

describe("the SDK's own model", () => {
  const fields = fieldsOfSchema(sdk.GetModelCustomizationJobResponse$);

  it('has the 23 top-level fields of the record: a new one needs its type and a row in docs/table.md', () => {
    expect(fields.filter(({ path }) => !path.includes('.')).map(({ path }) => path)).toHaveLength(23);
  });

  it('has maps exactly at MAP_FIELDS: elsewhere the case rule would change keys', () => {
    expect(
      fields
        .filter(({ isMap }) => isMap)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([...MAP_FIELDS].sort());
  });

  it('gives every nested field a catalog name of its own', () => {
    for (const { path } of fields) {
      const document = path.split('.').reduceRight((value: unknown, key) => ({ [key]: value }), 'x');
      const expected = path
        .split('.')
        .map(catalogName)
        .reduceRight((value: unknown, key) => ({ [key]: value }), 'x');
      expect(catalogFields(document as Record<string, unknown>)).toEqual(expected);
    }
  });
});

const TEXTS = [
  ...['job_arn', 'job_name', 'status', 'creation_time', 'last_modified_time', 'end_time', 'base_model_arn'],
  ...['output_model_arn', 'output_model_name', 'customization_type', 'failure_message'],
];

describe('wrongFields', () => {
  it.each<[what: string, fields: Record<string, unknown>, wrong: string[]]>([
    ['names no absent field', {}, []],
    ['names no empty field', { job_name: '', status_details: { training_details: { status: '' } } }, []],
    ['names no other field', { hyper_parameters: 5, status_details: { new_details: 5 } }, []],
    ['names a null', { status: null, status_details: null }, ['status', 'status_details']],
    [
      'names the phase of a field',
      { status_details: { data_processing_details: { status: 0, creation_time: 1, last_modified_time: 2 } } },
      [
        'status_details.data_processing_details.status',
        'status_details.data_processing_details.creation_time',
        'status_details.data_processing_details.last_modified_time',
      ],
    ],
    ['names each field', Object.fromEntries(TEXTS.map((name) => [name, 1])), TEXTS],
  ])('%s', (_what, fields, wrong) => {
    expect(wrongFields(fields)).toEqual(wrong);
  });
});
