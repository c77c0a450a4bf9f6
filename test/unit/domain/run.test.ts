import { describe, expect, it } from '@jest/globals';
import { bestValue, compareRuns, type Run, runColumn, runGroup } from '../../../lib/domain/run.ts';
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

describe('bestValue', () => {
  it.each([
    ['the lowest loss', 'training_loss', [withLoss(0.5), withLoss(0.1), withLoss('NaN')], 0.1],
    ['the highest reward', 'reward', [run({ reward: 0.2 }), run({ reward: 0.9 })], 0.9],
    ['none of equal values', 'training_loss', [withLoss(0.5), withLoss(0.5)], undefined],
    ['none of a single value', 'training_loss', [withLoss(0.5), withLoss(undefined)], undefined],
    ['none of durations', 'duration_s', [run(), run({ end_time: '2030-01-01T00:00:00.000Z' })], undefined],
  ])('is %s', (_, name, runs, best) => {
    expect(bestValue(column(name), runs)).toBe(best);
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
