import { describe, expect, it } from '@jest/globals';
import { planGrid, readAxes } from '../../../../lib/cli/grid/plan.ts';
import type { JobRecord } from '../../../../lib/domain/record.ts';
import type { RequestFlags } from '../../../../lib/operator/spec/flags.ts';
import { specOf } from '../../../../lib/operator/spec/from-record.ts';
import { snapshotOf } from '../../../support/fixtures.ts';

const specOfFixture = (name: string, change: object = {}) =>
  specOf({ ...snapshotOf(name), job_name: 'tone', output_model_name: 'tone_v1', ...change } as JobRecord);
const SPEC = specOfFixture('fine-tuning-completed');

const plan = (texts: readonly string[], flags: RequestFlags = {}, spec = SPEC) =>
  planGrid(spec, flags, readAxes(texts));
const namesOf = (...args: Parameters<typeof plan>) =>
  plan(...args).jobs.map(({ request }) => [request.jobName, request.customModelName]);

describe('a grid', () => {
  it('has a request for each combination, in the order of the values', () => {
    const { sweep, jobs } = plan(['learningRate=1e-5,1e-4', 'epochCount=2,3'], { tag: ['team=nlp'] });
    expect(sweep).toBe('tone');
    expect(jobs.map(({ request }) => request.hyperParameters)).toEqual([
      { batchSize: '1', learningRate: '1e-5', epochCount: '2' },
      { batchSize: '1', learningRate: '1e-5', epochCount: '3' },
      { batchSize: '1', learningRate: '1e-4', epochCount: '2' },
      { batchSize: '1', learningRate: '1e-4', epochCount: '3' },
    ]);
    for (const { request } of jobs)
      expect(request.jobTags).toEqual([
        { key: 'team', value: 'nlp' },
        { key: 'sweep', value: 'tone' },
      ]);
    expect(new Set(jobs.map(({ request }) => request.clientRequestToken)).size).toBe(4);
  });

  it.each([
    [['learningRate=1.0E-5'], [['tone-lr1.0E-5', 'tone-v1-lr1-0E-5']]],
    [['batchSize=1', 'beamSize=2'], [['tone-batchSize1-beamSize2', 'tone-v1-batchSize1-beamSize2']]],
    [['mode=a b/c'], [['tone-ma-b-c', 'tone-v1-ma-b-c']]],
    [['early_stopping=-1'], [['tone-es-1', 'tone-v1-es-1']]],
  ])('names its jobs by their values: %j', (texts, names) => {
    expect(namesOf(texts)).toEqual(names.map(([job, model]) => [job, model?.replace('tone-v1', 'tone_v1')]));
  });

  it.each([
    ['that would be too long', ['learningRate=1e-5'], 'a'.repeat(62)],
    ['that would be the same as those of another job', ['rate=0.1,0-1'], 'tone'],
  ])('has a hash in names %s', (_, texts, job_name) => {
    const names = namesOf(texts, {}, specOfFixture('fine-tuning-completed', { job_name }));
    for (const [job = '', model = ''] of names) {
      expect(job).toMatch(/^.{1,54}-[0-9a-f]{8}$/);
      expect(model).toMatch(/^tone_v1-[0-9a-f]{8}$/);
    }
    expect(new Set(names.flat()).size).toBe(2 * names.length);
  });

  it('gives a job the same name and token whatever else is tried', () => {
    const [job] = plan(['learningRate=1e-5']).jobs;
    expect(plan(['learningRate=1e-4,1e-5,1e-6']).jobs[1]?.request).toEqual(job?.request);
  });

  it.each([
    [{ tag: ['sweep=mine'] }, SPEC],
    [{}, { ...SPEC, value: { ...SPEC.value, jobTags: { sweep: 'mine' } } }],
  ])('is called as its tag says: %j', (flags, spec) => {
    const { sweep, jobs } = plan(['learningRate=1e-5'], flags, spec);
    expect([sweep, jobs[0]?.request.jobTags]).toEqual(['mine', [{ key: 'sweep', value: 'mine' }]]);
  });

  it('sets the numbers of reinforcement fine-tuning', () => {
    const { jobs } = plan(['learningRate=1e-6,1e-5'], {}, specOfFixture('reinforcement-fine-tuning-completed'));
    expect(jobs.map(({ request }) => request.customizationConfig?.rftConfig?.hyperParameters?.learningRate)).toEqual([
      0.000001, 0.00001,
    ]);
  });
});

describe('the problems of a grid', () => {
  it.each([
    [['learningRate'], "--grid: must be key=value, got 'learningRate'"],
    [['a=1', 'a=2'], "--grid: gives 'a' twice"],
    [['a=1,,2'], '--grid a: has a value that is empty'],
    [['a=1e-5,0.00001'], '--grid a: gives 1e-5 and 0.00001, which are the same'],
    [['a=x,y,x'], '--grid a: gives x and x, which are the same'],
    [['epochCount=1,2'], '--grid epochCount: is given by --hyper-parameter too'],
    [
      [`a=${Array.from({ length: 101 }, (_, value) => value).join(',')}`],
      '--grid: makes 101 combinations, and may make 100: give fewer values',
    ],
  ])('%j: %s', (texts, sentence) => {
    expect(() => readAxes(texts, ['epochCount=7'])).toThrow(sentence);
  });

  it('are those of its requests too, before anything is sent', () => {
    expect(() => plan(['learningRate=high'], {}, specOfFixture('reinforcement-fine-tuning-completed'))).toThrow(
      /--grid learningRate: must be a number, got 'high'/,
    );
    expect(() => plan(['learningRate=1e-5'], { roleArn: 'me' })).toThrow(/--role-arn: must be the ARN/);
  });

  it('are a token that would stand for several jobs', () => {
    const spec = { ...SPEC, value: { ...SPEC.value, clientRequestToken: 'mine' } };
    expect(() => plan(['learningRate=1e-5,1e-4'], {}, spec)).toThrow(/leave it out of the spec/);
  });
});
