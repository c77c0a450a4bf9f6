import { describe, expect, test } from '@jest/globals';
import { compareJobs, lowest, type CompareRow } from '../../../../lib/dashboard/web/logic/compare.ts';
import { comparedJobs, comparePath } from '../../../../lib/dashboard/web/logic/addresses.ts';
import type { JobRecord } from '../../../../lib/domain/record.ts';
import { aRecord } from '../../../support/dashboard-server.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const completed = (name: string, change: Partial<JobRecord> = {}): JobRecord =>
  aRecord(name, {
    status: 'Completed',
    end_time: '2026-03-01T11:30:00.000Z',
    training_metrics: { training_loss: 0.5 },
    ...change,
  });

const rowOf = (jobs: readonly JobRecord[], label: string): CompareRow | undefined =>
  compareJobs(jobs, NOW)
    .flatMap(({ rows }) => rows)
    .find((row) => row.label === label);

describe('the best of a row', () => {
  test('the lowest loss is the best', () => {
    const jobs = [completed('a'), completed('b', { training_metrics: { training_loss: 0.25 } })];
    expect(rowOf(jobs, 'Training loss')).toMatchObject({ values: ['0.5', '0.25'], best: [1], differs: true });
  });

  test('a loss that is no number is never the best', () => {
    const jobs = [
      completed('a', { training_metrics: { training_loss: 'NaN' } }),
      completed('b'),
      completed('c', { training_metrics: { training_loss: '-Infinity' } }),
    ];
    expect(rowOf(jobs, 'Training loss')?.best).toEqual([]);
  });

  test('a job that failed at once is not the fastest', () => {
    const failed = completed('a', { status: 'Failed', end_time: '2026-03-01T11:00:01.000Z' });
    expect(
      rowOf([failed, completed('b'), completed('c', { end_time: '2026-03-01T11:45:00.000Z' })], 'Duration')?.best,
    ).toEqual([1]);
  });

  test.each([
    [[1, 1], []],
    [[1], []],
    [[2, undefined], []],
    [
      [3, 1, 1],
      [1, 2],
    ],
  ])('of %j the lowest are at %j', (values, best) => {
    expect(lowest(values)).toEqual(best);
  });
});

describe('what differs', () => {
  test('one number written in two ways does not', () => {
    const jobs = [
      completed('a', { hyper_parameters: { learningRate: '1.0E-5' } }),
      completed('b', { hyper_parameters: { learningRate: '0.00001' } }),
    ];
    expect(rowOf(jobs, 'learningRate')).toMatchObject({ values: ['1.0E-5', '0.00001'], differs: false });
  });

  test('a hyperparameter that one job lacks does, even if its name is one of JavaScript', () => {
    const jobs = [completed('a', { hyper_parameters: { constructor: '1' } }), completed('b', { hyper_parameters: {} })];
    expect(rowOf(jobs, 'constructor')).toMatchObject({ values: ['1', '–'], differs: true });
  });

  test('an empty value is not the number 0', () => {
    const jobs = [completed('a', { tags: { n: '' } }), completed('b', { tags: { n: '0' } })];
    expect(rowOf(jobs, 'n')?.differs).toBe(true);
  });

  test('every validator has its loss', () => {
    const jobs = [
      completed('a', { validation_metrics: [{ validation_loss: 1 }, { validation_loss: 2 }] }),
      completed('b', { validation_metrics: [{ validation_loss: 3 }] }),
    ];
    expect(rowOf(jobs, 'Validation loss 2')?.values).toEqual(['2', '–']);
  });

  test('reinforcement learning has hyperparameters of its own', () => {
    const jobs = [
      completed('a', { customization_config: { rft_config: { hyper_parameters: { epoch_count: 2 } } } }),
      completed('b'),
    ];
    expect(rowOf(jobs, 'epoch_count')?.values).toEqual(['2', '–']);
  });
});

test('a group that no job has anything in is left out', () => {
  expect(compareJobs([completed('a'), completed('b')], NOW).map(({ title }) => title)).not.toContain('Hyperparameters');
});

test('an address names at most five jobs, each once', () => {
  const arns = ['a', 'b', 'b', 'c', 'd', 'e', 'f'];
  expect(comparedJobs(comparePath(arns).split('?')[1] ?? '')).toEqual(['a', 'b', 'c', 'd', 'e']);
});
