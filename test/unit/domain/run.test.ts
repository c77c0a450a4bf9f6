import { describe, expect, it } from '@jest/globals';
import { bestRuns, compareRuns, isTrainedOn, type Run, runColumn, runGroup } from '../../../lib/domain/run.ts';
import { snapshotOf } from '../../support/fixtures.ts';

const column = (name: string) => {
  const found = runColumn(name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
};

/** The completed fixture with one thing changed. */
const run = (change: Partial<Run> = {}): Run => ({ ...snapshotOf('fine-tuning-completed'), ...change });
const withLoss = (training_loss: number | 'NaN' | undefined, job_name?: string): Run =>
  run({ training_metrics: training_loss === undefined ? {} : { training_loss }, ...(job_name && { job_name }) });

describe('a run’s columns', () => {
  it.each<[string, Partial<Run>, number | string | undefined]>([
    ['training_loss', { training_metrics: { training_loss: 0.5 } }, 0.5],
    ['training_loss', { training_metrics: { training_loss: 'NaN' } }, 'NaN'],
    ['training_loss', { training_metrics: { training_loss: '1e-200' } }, 1e-200],
    ['training_loss', { training_metrics: {} }, undefined],
    ['validation_loss', { validation_metrics: [{ validation_loss: 0.7 }, { validation_loss: 0.6 }] }, 0.6],
    ['validation_loss', { validation_metrics: [{ validation_loss: 'NaN' }, { validation_loss: 0.6 }] }, 0.6],
    ['validation_loss', { validation_metrics: [{ validation_loss: 'Infinity' }] }, 'Infinity'],
    ['validation_loss', { validation_metrics: [] }, undefined],
    ['training_perplexity', { training_metrics: { training_loss: 0 } }, 1],
    ['validation_perplexity', { validation_metrics: [{ validation_loss: 0 }] }, 1],
    ['training_perplexity', { training_metrics: { training_loss: 'NaN' } }, undefined],
    ['duration_s', { creation_time: '2026-08-10T02:00:00.000Z', end_time: '2026-08-10T02:01:30.500Z' }, 90.5],
    ['duration_s', { creation_time: '2026-08-10T02:00:00.000Z', end_time: '2026-08-10T01:00:00.000Z' }, undefined],
    ['reward', { reward: 0.8 }, 0.8],
    ['reward', {}, undefined],
    ['hp.learningRate', { hyper_parameters: { learningRate: '1.0E-4' } }, 0.0001],
    ['hp.learningRate', { hyper_parameters: { learningRate: ' ' } }, ' '],
    ['hp.learningRate', { hyper_parameters: { learningRate: null } }, undefined],
    ['hp.toString', { hyper_parameters: {} }, undefined],
    ['hp.epoch_count', { customization_config: { rft_config: { hyper_parameters: { epoch_count: 2 } } } }, 2],
    ['tag.team', { tags: { team: 'search' } }, 'search'],
    ['tag.a.b', { tags: { 'a.b': 'c' } }, 'c'],
    ['data', { training_data_config: { s3_uri: 's3://b/train.jsonl' } }, 's3://b/train.jsonl'],
    [
      'data',
      { training_data_config: { invocation_logs_config: { invocation_log_source: { s3_uri: 's3://b/logs/' } } } },
      's3://b/logs/',
    ],
    [
      'model',
      { base_model_arn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k' },
      'amazon.nova-lite-v1:0:300k',
    ],
  ])('%s of %j is %s', (name, change, value) => {
    expect(column(name).valueOf(run(change))).toBe(value);
  });

  it.each(['loss', 'hp.', 'hp', 'tag.', 'toString', '__proto__', ''])('does not know the column "%s"', (name) => {
    expect(runColumn(name)).toBeUndefined();
  });
});

describe('compareRuns', () => {
  const runs = [withLoss(undefined, 'none'), withLoss('NaN', 'diverged'), withLoss(0.5, 'b'), withLoss(0.1, 'a')];
  const sorted = (direction: 'ascending' | 'descending') =>
    runs.toSorted(compareRuns(column('training_loss'), direction)).map(({ job_name }) => job_name);

  it('sorts numbers first, then text, and absent values last, in both directions', () => {
    expect(sorted('ascending')).toEqual(['a', 'b', 'diverged', 'none']);
    expect(sorted('descending')).toEqual(['b', 'a', 'diverged', 'none']);
  });
});

describe('bestRuns', () => {
  const DATA = { training_data_config: { s3_uri: 's3://b/train.jsonl' } };
  const trained = (training_loss: number | 'NaN' | undefined, change: Partial<Run> = {}): Run => ({
    ...withLoss(training_loss),
    ...DATA,
    ...change,
  });
  const grader = (lambda_arn: string) => ({
    customization_config: { rft_config: { grader_config: { lambda_grader: { lambda_arn } } } },
  });
  const of = (model: string, region = 'us-east-1') => ({
    base_model_arn: `arn:aws:bedrock:${region}::foundation-model/amazon.${model}`,
  });

  it.each<[string, string, Run[], number[]]>([
    ['the lowest loss', 'training_loss', [trained(0.5), trained(0.1)], [1]],
    ['all of the lowest', 'training_loss', [trained(0.1), trained(0.5), trained(0.1)], [0, 2]],
    ['a number before NaN', 'training_loss', [trained('NaN'), trained(0.5)], [1]],
    ['none where a value is missing', 'training_loss', [trained(0.5), trained(0.1), trained(undefined)], []],
    ['none of equal values', 'training_loss', [trained(0.5), trained(0.5)], []],
    ['none of a single value', 'training_loss', [trained(0.5)], []],
    ['none of other data', 'training_loss', [trained(0.5), trained(0.1, { training_data_config: {} })], []],
    ['none of another model', 'training_loss', [trained(0.5), trained(0.1, of('nova-micro'))], []],
    ['none of another type', 'training_loss', [trained(0.5), trained(0.1, { customization_type: 'DISTILLATION' })], []],
    ['none of a failed job', 'training_loss', [trained(0.5), trained(0.4), trained(0.1, { status: 'Failed' })], [1]],
    [
      'that of the model in another Region',
      'training_loss',
      [trained(0.5, of('a')), trained(0.1, of('a', 'us-west-2'))],
      [1],
    ],
    [
      'one of each data set',
      'validation_loss',
      ['a', 'a', 'b', 'b'].map((file, index) =>
        trained(1, {
          validation_data_config: { validators: [{ s3_uri: `s3://b/${file}.jsonl` }] },
          validation_metrics: [{ validation_loss: index }],
        }),
      ),
      [0, 2],
    ],
    [
      'the highest reward of a grader',
      'reward',
      [
        trained(1, { reward: 0.2, ...grader('a') }),
        trained(1, { reward: 0.9, ...grader('a') }),
        trained(1, { reward: 1, ...grader('b') }),
      ],
      [1],
    ],
    ['none of durations', 'duration_s', [trained(1), trained(1, { end_time: '2030-01-01T00:00:00.000Z' })], []],
  ])('are %s', (_, name, runs, best) => {
    expect(bestRuns(column(name), runs).map((each) => runs.indexOf(each))).toEqual(best);
  });
});

describe('isTrainedOn', () => {
  const trainedOn = (s3_uri: string) => run({ training_data_config: { s3_uri } });

  it.each([
    ['s3://b/data/train.jsonl', 's3://b/data/train.jsonl', true],
    ['s3://b/data/train.jsonl', 's3://b/data/', true],
    ['s3://b/data/train.jsonl', 's3://b/data', false],
    ['s3://b/data/train.jsonl', 's3://b/data/train', false],
    ['s3://b/database/train.jsonl', 's3://b/data/', false],
  ])('%s for %s: %s', (data, location, expected) => {
    expect(isTrainedOn(trainedOn(data), location)).toBe(expected);
  });

  it('finds the invocation logs of a distillation', () => {
    const logs = { invocation_logs_config: { invocation_log_source: { s3_uri: 's3://b/logs/' } } };
    expect(isTrainedOn(run({ training_data_config: logs }), 's3://b/logs/')).toBe(true);
  });
});

describe('runGroup', () => {
  it.each([
    ['month', '2026-08'],
    ['tag:team', 'search'],
    ['type', 'FINE_TUNING'],
  ])('%s of a run', (by, group) => {
    const job = run({ creation_time: '2026-08-31T23:59:59.000Z', tags: { team: 'search' } });
    expect(runGroup(by)?.valueOf(job)).toBe(group);
  });

  it.each(['duration_s', 'tag:', 'team', ''])('"%s" does not exist', (by) => {
    expect(runGroup(by)).toBeUndefined();
  });
});
