import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { toModelSummary, toSummary } from '../../lib/client/list/read.ts';
import { JOBS_TABLE } from '../../lib/contract.ts';
import { advance, advanceListed, advanceMissing, advanceUntracked } from '../../lib/domain/advance.ts';
import { normalize, type BedrockAnswer } from '../../lib/domain/normalize.ts';
import type { JobRecord } from '../../lib/domain/record.ts';
import { jobRecordJsonSchema, modelRecordJsonSchema, type Schema } from '../../scripts/schema/records.ts';
import { pythonModule } from '../../scripts/write-schema.ts';
import { observation, snapshotOf, withDates } from '../support/fixtures.ts';
import { manyJob, recordOf } from '../support/integration/jobs.ts';
import { manyModel, pointersOf } from '../support/models.ts';
import {
  modelProblems,
  modelSchema,
  modelSummaryProblems,
  pointerProblems,
  recordProblems,
  recordSchema,
  summaryProblems,
} from '../support/record-schema.ts';
import { newRecord } from '../support/transitions.ts';

const schema = recordSchema as Schema;
const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = 'test/fixtures/jobs';

const valid = newRecord('fine-tuning-completed', {}, { tags: { team: 'search' } });
const written = (advanced: ReturnType<typeof advance>): JobRecord => {
  if (!('record' in advanced)) throw new Error('nothing was written');
  return advanced.record;
};
const LATER = '2030-01-01T00:00:00.000Z';

describe('the JSON schema of records', () => {
  it('is made from the types and docstrings of records; else run: node scripts/write-schema.ts', () => {
    expect(schema).toEqual(jobRecordJsonSchema());
  });

  it('is made of models too', () => {
    expect(modelSchema).toEqual(modelRecordJsonSchema());
  });

  it('takes models, what indexes carry of them, and pointers', () => {
    const models = Array.from({ length: 100 }, (_, n) => manyModel(n));
    expect(models.flatMap(modelProblems)).toEqual([]);
    expect(models.map(toModelSummary).flatMap(modelSummaryProblems)).toEqual([]);
    expect(models.flatMap(pointersOf).flatMap(pointerProblems)).toEqual([]);
    const wrong = { ...models[0], deployments: [{ arn: 'x', status: 'Active', since: 'now' }] };
    expect(modelProblems(wrong)).toContainEqual(expect.stringContaining('.deployments[0].since'));
  });

  it('makes the types of the Python reader', () => {
    const classes = [...pythonModule().matchAll(/^class (?<name>[A-Z]\w+)\(/gm)].map(({ groups }) => groups?.['name']);
    const made = ['JobRecord', 'JobSummary', 'ModelRecord', 'CustomModelSummary', 'TransitionEvent'];
    expect(classes).toEqual(expect.arrayContaining(made));
  });

  it('describes every attribute', () => {
    const described = { ...schema.properties, ...schema.$defs?.['Transition']?.properties };
    for (const [name, { description }] of Object.entries(described)) {
      expect([name, description]).toEqual([name, expect.any(String)]);
    }
  });

  it('says what the indexes carry', () => {
    const { properties = {}, description } = schema.$defs?.['JobSummary'] ?? {};
    expect(Object.keys(properties)).toEqual([JOBS_TABLE.partitionKey, ...JOBS_TABLE.projected]);
    for (const index of Object.keys(JOBS_TABLE.indexes)) expect(description).toContain(index);
  });
});

describe('a record is valid', () => {
  it.each(readdirSync(join(ROOT, FIXTURES)))('if it is of the answer %s', (file) => {
    const answer = withDates(JSON.parse(readFileSync(join(ROOT, FIXTURES, file), 'utf8'))) as BedrockAnswer;
    const record = written(advance(undefined, normalize(answer, observation({ tags: { '': '' } }))));
    expect(recordProblems(record)).toEqual([]);
    expect(summaryProblems(toSummary(record))).toEqual([]);
  });

  it.each([
    ['of a job that Bedrock no longer knows', advanceMissing(valid, LATER)],
    ['of a job that is no longer tracked', advanceUntracked(valid, LATER)],
    ['that remembers how a list shows the job', advanceListed(valid, 'InProgress')],
    ['of a later look', advance(valid, snapshotOf('fine-tuning-completed', {}, { tags: {}, fetchedAt: LATER }))],
  ])('%s', (_what, advanced) => {
    expect(recordProblems(written(advanced))).toEqual([]);
  });

  it.each([
    ['a status that AWS adds', { status: 'Paused' }],
    ['a type that AWS adds', { customization_type: 'PREFERENCE_TUNING' }],
    ['a sub-task that AWS adds', { status_details: { evaluation_details: { status: 'Queued', score: 1 } } }],
    ['a transition of that sub-task', { transitions: [{ ...valid.transitions[0], task: 'evaluation' }] }],
    ['a union member that AWS adds', { customization_config: { future_config: { some_field: [1, null] } } }],
    ['a field that AWS adds', { data_residency: { region: 'eu' } }],
    ['losses that DynamoDB cannot hold', { training_metrics: { training_loss: 'NaN' } }],
    ['losses as text', { validation_metrics: [{ validation_loss: '-1.5e-200' }, { validation_loss: '-Infinity' }] }],
    ['a null of the user', { hyper_parameters: { epochCount: null } }],
    ['no fields of Bedrock but the ARN', Object.fromEntries(['status', 'job_name'].map((name) => [name, undefined]))],
  ])('with %s', (_what, change) => {
    expect(recordProblems(JSON.parse(JSON.stringify({ ...valid, ...change })))).toEqual([]);
  });

  it('of each of many jobs', () => {
    expect(Array.from({ length: 200 }, (_, n) => recordProblems(recordOf(manyJob(n)))).flat()).toEqual([]);
  });

  it('as docs/table.md shows it', () => {
    const [, example = ''] =
      /## An example[^]*?```json\n([^]*?)```/.exec(readFileSync(join(ROOT, 'docs/table.md'), 'utf8')) ?? [];
    expect(recordProblems(JSON.parse(example))).toEqual([]);
  });
});

describe('a document is not a record', () => {
  const required = ['job_arn', '_key', 'account_id', 'region', 'scope', 'job_id', 'tags', 'fetched_at', 'observed_via'];
  it.each([...required, 'transitions', 'first_seen_at', 'revision'])('without %s', (name) => {
    const { [name as keyof JobRecord]: _left, ...rest } = valid;
    expect(recordProblems(rest)).toEqual([expect.stringContaining(name)]);
  });

  it.each([
    ['a null instead of an absent field', { end_time: null }, '.end_time'],
    ['a time without milliseconds', { creation_time: '2026-11-21T04:36:24Z' }, '.creation_time'],
    ['a time with an offset', { fetched_at: '2026-11-21T04:36:24.298+01:00' }, '.fetched_at'],
    ['a time as a number', { last_modified_time: 1_795_236_984 }, '.last_modified_time'],
    ['a status that is not text', { status: 4 }, '.status'],
    ['a loss that is not a number', { training_metrics: { training_loss: 'low' } }, '.training_metrics.training_loss'],
    ['a loss in a list', { validation_metrics: [{ validation_loss: [1] }] }, '.validation_metrics[0].validation_loss'],
    ['tags as a list', { tags: [{ key: 'team', value: 'ml' }] }, '.tags'],
    ['a tag that is not text', { tags: { team: 1 } }, ".tags['team']"],
    ['a hyperparameter that is a number', { hyper_parameters: { epochCount: 2 } }, ".hyper_parameters['epochCount']"],
    ['half a revision', { revision: 1.5 }, '.revision'],
    ['a revision as text, as DynamoDB JSON has numbers', { revision: '7' }, '.revision'],
    ['an origin that the tracker does not know', { observed_via: 'webhook' }, '.observed_via'],
    ['a transition without its status before', { transitions: [{ to: 'InProgress' }] }, '.transitions[0]'],
    ['a transition that is not final', { transitions: [{ ...valid.transitions[0], final: false }] }, '.final'],
    ['wire names below', { training_data_config: { s3_uri: { s3Uri: 's3://a' } } }, '.training_data_config.s3_uri'],
  ])('with %s', (_what, change, where) => {
    const problems = recordProblems({ ...valid, ...change });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toContain(where);
  });

  it.each([undefined, null, 'text', [], {}, { job_arn: { S: 'arn:aws:bedrock' } }])('if it is %j', (document) => {
    expect(recordProblems(document).length).toBeGreaterThan(0);
  });

  it('if it is an entry of an index, which carries less', () => {
    expect(summaryProblems(toSummary(valid))).toEqual([]);
    expect(recordProblems(toSummary(valid)).length).toBeGreaterThan(0);
    expect(summaryProblems({ ...toSummary(valid), tags: undefined }).length).toBeGreaterThan(0);
  });
});
