import { describe, expect, test } from '@jest/globals';
import type { LossPoint } from '../../../../lib/dashboard/api.ts';
import { compareJobs, type CompareRow } from '../../../../lib/dashboard/web/logic/compare.ts';
import {
  columnsOf,
  curvesOf,
  lastValue,
  seriesNumber,
  stepsPerEpoch,
  type Curve,
} from '../../../../lib/dashboard/web/logic/curves.ts';
import type { JobRecord } from '../../../../lib/domain/record.ts';
import { aRecord, NOW } from '../../../support/dashboard-server.ts';

const completed = (change: Partial<JobRecord> = {}): JobRecord =>
  aRecord('job', {
    status: 'Completed',
    end_time: '2026-03-01T11:30:00.000Z',
    training_metrics: { training_loss: 0.5 },
    training_data_config: { s3_uri: 's3://b/train.jsonl' },
    ...change,
  });

const rowOf = (label: string, ...changes: Partial<JobRecord>[]): CompareRow | undefined =>
  compareJobs(changes.map(completed), NOW.getTime())
    .flatMap(({ rows }) => rows)
    .find((row) => row.label === label);

const loss = (training_loss: number | 'NaN' | '-Infinity') => ({ training_metrics: { training_loss } });
const validated = (validation_loss: number, s3_uri: string) => ({
  validation_metrics: [{ validation_loss }],
  validation_data_config: { validators: [{ s3_uri }] },
});
const hyper = (hyper_parameters: Record<string, string>) => ({ hyper_parameters });
const rft = { customization_config: { rft_config: { hyper_parameters: { epoch_count: 2 } } } };

describe('compared jobs', () => {
  test.each<[string, string, Partial<JobRecord>[], Partial<CompareRow> | undefined]>([
    ['the lowest loss is the best', 'Training loss', [{}, loss(0.25)], { best: [1], differs: true }],
    [
      'a loss that is not a number is never the best',
      'Training loss',
      [loss('NaN'), {}, loss('-Infinity')],
      { best: [1] },
    ],
    [
      'without the loss of one job none is the best',
      'Training loss',
      [loss(0.25), {}, { status: 'InProgress', training_metrics: {} }],
      { best: [] },
    ],
    ['the shortest duration is not the best', 'Duration', [{}, { end_time: '2026-03-01T11:45:00.000Z' }], { best: [] }],
    [
      'training losses of different data are not ranked',
      'Training loss',
      [loss(0.25), { training_data_config: { s3_uri: 's3://b/other.jsonl' } }],
      { best: [], note: 'of different models or data' },
    ],
    [
      'losses of different base models are not ranked',
      'Training loss',
      [loss(0.25), { base_model_arn: 'arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-3-70b-instruct-v1:0' }],
      { best: [], note: 'of different models or data' },
    ],
    [
      'validation losses of different validation data are not ranked',
      'Validation loss',
      [validated(0.2, 's3://b/one.jsonl'), validated(0.1, 's3://b/two.jsonl')],
      { best: [], note: 'of different models or data' },
    ],
    [
      'validation losses of the same data are ranked',
      'Validation loss',
      [validated(0.2, 's3://b/one.jsonl'), validated(0.1, 's3://b/one.jsonl')],
      { best: [1] },
    ],
    [
      'a number written in two ways does not differ',
      'learningRate',
      [hyper({ learningRate: '1.0E-5' }), hyper({ learningRate: '0.00001' })],
      { values: ['1.0E-5', '0.00001'], differs: false },
    ],
    [
      'a hyperparameter that one job lacks differs, even one with a name of JavaScript',
      'constructor',
      [hyper({ constructor: '1' }), hyper({})],
      { values: ['1', '–'], differs: true },
    ],
    ['an empty value is not the number 0', 'n', [{ tags: { n: '' } }, { tags: { n: '0' } }], { differs: true }],
    [
      'each validator has its loss',
      'Validation loss 2',
      [{ validation_metrics: [{ validation_loss: 1 }, { validation_loss: 2 }] }, {}],
      { values: ['2', '–'] },
    ],
    ['reinforcement fine-tuning has its own hyperparameters', 'epoch_count', [rft, {}], { values: ['2', '–'] }],
    [
      'all subnets show',
      'Subnets',
      [{ vpc_config: { subnet_ids: ['a', 'b'], security_group_ids: [] } }, {}],
      { values: ['a\nb', '–'] },
    ],
    ['a property that no job has is left out', 'Teacher model', [{}, {}], undefined],
  ])('%s', (_what, label, jobs, row) => {
    if (row === undefined) expect(rowOf(label, ...jobs)).toBeUndefined();
    else expect(rowOf(label, ...jobs)).toMatchObject(row);
  });

  test('a group without values is left out', () => {
    const groups = compareJobs([completed(), completed()], NOW.getTime()).map(({ title }) => title);
    expect(groups).toEqual(['Outcome', 'Data', 'Model', 'Setting']);
  });
});

describe('loss curves', () => {
  const curve = (...xy: [number, number | null][]): Curve => ({
    job: 0,
    kind: 'training',
    measure: 'loss',
    points: xy.map(([x, y]) => ({ x, value: y })),
  });
  const training: LossPoint[] = [4, 3, 2, 1].map((y, index) => ({
    step: index + 1,
    epoch: Math.floor(index / 2),
    loss: y,
  }));

  test.each<[string, Curve[], boolean, unknown[]]>([
    [
      'curves of different steps share one axis, without gaps',
      [curve([1, 5], [3, 4]), curve([2, 9])],
      false,
      [
        [1, 2, 3],
        [5, undefined, 4],
        [undefined, 9, undefined],
      ],
    ],
    ['a step without a loss is a gap', [curve([1, 5], [2, null], [3, 4])], false, [expect.anything(), [5, null, 4]]],
    [
      'a logarithmic scale starts above 0',
      [curve([1, 5], [2, 0], [3, -1])],
      true,
      [
        [1, 2, 3],
        [5, null, null],
      ],
    ],
  ])('%s', (_what, curves, logarithmic, columns) => {
    expect(columnsOf(curves, logarithmic)).toEqual(columns);
  });

  test('by epoch, validation lies where training was at that step', () => {
    const curves = curvesOf(0, { training, validation: [{ step: 2, loss: 3 }], files: [] }, 'epoch');
    expect(curves.map((each) => each.points.map(({ x }) => x))).toEqual([[0.5, 1, 1.5, 2], [1]]);
  });

  test('epochs count from 0 or from 1, and a job without them is not drawn by epoch', () => {
    const fromOne = training.map((point) => ({ ...point, epoch: (point.epoch ?? 0) + 1 }));
    expect([fromOne, training, [{ step: 1 }], []].map(stepsPerEpoch)).toEqual([2, 2, undefined, undefined]);
    expect(curvesOf(0, { training: [{ step: 1, loss: 1 }], files: [] }, 'epoch')).toEqual([]);
  });

  test('rewards are curves of their own, by step and by epoch', () => {
    const reward = [1, 2, 3, 4].map((step) => ({ step, epoch: Math.floor((step - 1) / 2), reward: step / 10 }));
    const validation_reward = [{ step: 4, epoch: 1, reward: 0.3 }];
    const shown = (axis: 'step' | 'epoch') =>
      curvesOf(0, { reward, validation_reward, files: [] }, axis).map(({ kind, measure, points }) => [kind, measure, points.at(-1)]); // prettier-ignore
    expect(shown('step')).toEqual([
      ['training', 'reward', { x: 4, value: 0.4 }],
      ['validation', 'reward', { x: 4, value: 0.3 }],
    ]);
    expect(shown('epoch')[1]).toEqual(['validation', 'reward', { x: 2, value: 0.3 }]);
  });

  test('the last loss is the last number', () => {
    expect([lastValue(curve([1, 3], [2, 1], [4, null])), lastValue(curve([1, null]))]).toEqual([1, undefined]);
  });

  test('a single job has a colour for each kind, several jobs have one each', () => {
    const validation: Curve = { job: 0, kind: 'validation', measure: 'loss', points: [] };
    const third = { ...validation, job: 2 };
    expect([seriesNumber(validation, true), seriesNumber(validation, false), seriesNumber(third, false)]).toEqual([
      2, 1, 3,
    ]);
  });
});
