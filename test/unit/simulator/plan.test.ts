import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerAt, type JobAnswer, type Life, nextChangeAfter, statusAt } from '../../../lib/simulator/life.ts';
import { CUSTOMIZATION_TYPES } from '../../../lib/domain/record.ts';
import { type Plan, planJob } from '../../../lib/simulator/plan.ts';
import { seededRandom } from '../../../lib/simulator/random.ts';
import { fullCreate } from './requests.ts';

const CREATED = Date.UTC(2026, 7, 9, 23, 58, 49, 204);
const MODEL_ARN = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/k3j8h5g2f7d4';
const given: JobAnswer = {
  jobArn: 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/q7w2e9r4t1y6',
  jobName: 'job',
  creationTime: new Date(CREATED).toISOString(),
};
/** A life in round numbers: validation 10 s to 100 s, training 110 s to 1000 s, over at 1001 s. */
const plan: Plan = {
  phases: [
    { task: 'validation', startsAfter: 10_000, endsAfter: 100_000 },
    { task: 'training', startsAfter: 110_000, endsAfter: 1_000_000 },
  ],
  endsAfter: 1_001_000,
  beatMs: 60_000,
  stoppingMs: 5_000,
  outputModelArn: MODEL_ARN,
  trainingLoss: 0.5,
  validationLosses: [0.6, 0.7],
};
const failing: Plan = {
  ...plan,
  failure: { task: 'validation', after: 50_000, message: 'No access.' },
  endsAfter: 51_000,
};
const life: Life = { createdAt: CREATED, given, plan };
const after = (ms: number) => new Date(CREATED + ms).toISOString();
const at = (ofLife: Life, ms: number) => {
  const { status, statusDetails, ...job } = answerAt(ofLife, CREATED + ms);
  const { validationDetails, trainingDetails } = statusDetails ?? {};
  return { ...job, status, validation: validationDetails?.status, training: trainingDetails?.status };
};

describe('a job that nobody interrupts', () => {
  it.each([
    [0, 'InProgress', 'NotStarted', 'NotStarted', 0],
    [9_999, 'InProgress', 'NotStarted', 'NotStarted', 0],
    [10_000, 'InProgress', 'InProgress', 'NotStarted', 10_000],
    [69_999, 'InProgress', 'InProgress', 'NotStarted', 10_000],
    [70_000, 'InProgress', 'InProgress', 'NotStarted', 70_000],
    [100_000, 'InProgress', 'Completed', 'NotStarted', 100_000],
    [110_000, 'InProgress', 'Completed', 'InProgress', 110_000],
    [500_000, 'InProgress', 'Completed', 'InProgress', 470_000],
    [1_000_000, 'InProgress', 'Completed', 'Completed', 1_000_000],
    [1_000_999, 'InProgress', 'Completed', 'Completed', 1_000_000],
    [1_001_000, 'Completed', 'Completed', 'Completed', 1_001_000],
    [9_999_000, 'Completed', 'Completed', 'Completed', 1_001_000],
  ])('after %i ms is %s (validation %s, training %s)', (ms, status, validation, training, modified) => {
    expect(at(life, ms)).toMatchObject({ status, validation, training, lastModifiedTime: after(modified) });
    expect(statusAt(life, CREATED + ms)).toBe(status);
  });

  it('has its end time, model and metrics only at the end, and validationMetrics from the start', () => {
    expect(at(life, 1_000_999)).not.toHaveProperty('endTime');
    expect(at(life, 1_000_999)).not.toHaveProperty('outputModelArn');
    expect(at(life, 0).validationMetrics).toEqual([]);
    expect(at(life, 1_001_000)).toMatchObject({
      endTime: after(1_000_500),
      outputModelArn: MODEL_ARN,
      trainingMetrics: { trainingLoss: 0.5 },
      validationMetrics: [{ validationLoss: 0.6 }, { validationLoss: 0.7 }],
    });
  });

  it('fails in the phase that its plan says, with a message and without a model', () => {
    const doomed = { ...life, plan: failing };
    expect(at(doomed, 49_999)).toMatchObject({ status: 'InProgress', validation: 'InProgress' });
    expect(at(doomed, 50_000)).toMatchObject({ status: 'InProgress', validation: 'Failed', training: 'NotStarted' });
    const end = at(doomed, 2_000_000);
    expect(end).toMatchObject({
      status: 'Failed',
      validation: 'Failed',
      training: 'NotStarted',
      failureMessage: 'No access.',
    });
    expect(end).toMatchObject({ lastModifiedTime: after(51_000), validationMetrics: [] });
    expect(end).not.toHaveProperty('outputModelArn');
    expect(end).not.toHaveProperty('trainingMetrics');
  });
});

describe('a job that is stopped', () => {
  const stopped: Life = { ...life, stop: { at: CREATED + 200_000, until: CREATED + 205_000 } };
  it.each([
    [199_999, 'InProgress', 'InProgress', 170_000],
    [200_000, 'Stopping', 'Stopping', 200_000],
    [204_999, 'Stopping', 'Stopping', 200_000],
    [205_000, 'Stopped', 'Stopped', 205_000],
    [5_000_000, 'Stopped', 'Stopped', 205_000],
  ])('after %i ms is %s (training %s)', (ms, status, training, modified) => {
    expect(at(stopped, ms)).toMatchObject({
      status,
      validation: 'Completed',
      training,
      lastModifiedTime: after(modified),
    });
    expect(statusAt(stopped, CREATED + ms)).toBe(status);
  });
  it('leaves phases that never began alone, and has no model', () => {
    const early = { ...life, stop: { at: CREATED + 5_000, until: CREATED + 6_000 } };
    expect(at(early, 9_000)).toMatchObject({ status: 'Stopped', validation: 'NotStarted', endTime: after(6_000) });
    expect(at(early, 9_000)).not.toHaveProperty('outputModelArn');
  });
});

describe('a job that is steered', () => {
  const steered = (status: 'Completed' | 'Failed' | 'Stopped', failureMessage?: string): Life => ({
    ...life,
    forced: { at: CREATED + 200_000, status, ...(failureMessage !== undefined && { failureMessage }) },
  });
  it('completes now, with a model, metrics and completed phases', () => {
    expect(at(steered('Completed'), 200_000)).toMatchObject({
      status: 'Completed',
      training: 'Completed',
      outputModelArn: MODEL_ARN,
      trainingMetrics: { trainingLoss: 0.5 },
      endTime: after(200_000),
    });
  });
  it('fails now, in the phase that runs', () => {
    expect(at(steered('Failed', 'Because.'), 300_000)).toMatchObject({
      status: 'Failed',
      validation: 'Completed',
      training: 'Failed',
      failureMessage: 'Because.',
    });
  });
  it('ends a job that is Stopping', () => {
    const both: Life = { ...steered('Failed', 'x'), stop: { at: CREATED + 199_000, until: CREATED + 204_000 } };
    expect(at(both, 199_500).status).toBe('Stopping');
    expect(at(both, 300_000)).toMatchObject({ status: 'Failed', training: 'Failed', lastModifiedTime: after(200_000) });
    expect(nextChangeAfter(both, CREATED + 200_000)).toBeUndefined();
  });
  it('keeps a loaded job as it was until then', () => {
    const loaded: Life = { createdAt: CREATED, given: { ...given, status: 'InProgress' } };
    expect(answerAt(loaded, CREATED + 1e12)).toBe(loaded.given);
    const completed = answerAt({ ...loaded, forced: { at: CREATED + 5, status: 'Completed' } }, CREATED + 5);
    expect(completed).toMatchObject({ status: 'Completed', outputModelArn: expect.stringContaining(':custom-model/') });
    expect(completed).not.toHaveProperty('statusDetails');
  });
});

describe('every planned life', () => {
  interface Parameters {
    readonly seed: number;
    readonly type: string;
    readonly speed: number;
    readonly failureRate: number;
    readonly stopAfter: number | null;
  }
  const lives: fc.Arbitrary<Parameters> = fc.record({
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    type: fc.constantFrom(...CUSTOMIZATION_TYPES),
    speed: fc.constantFrom(1, 60, 3_000, 1e6, 1e12),
    failureRate: fc.constantFrom(0, 0.15, 1),
    stopAfter: fc.option(fc.double({ min: 0, max: 0.99, noNaN: true })),
  });
  const make = ({ seed, type, speed, failureRate, stopAfter }: Parameters) => {
    const made = planJob(fullCreate as never, type, MODEL_ARN, seededRandom(seed), { speed, failureRate });
    const stopAt = CREATED + Math.floor(made.endsAfter * (stopAfter ?? 0));
    const stop = stopAfter === null ? {} : { stop: { at: stopAt, until: stopAt + made.stoppingMs } };
    return { createdAt: CREATED, given, plan: made, ...stop };
  };

  it('begins InProgress, changes only forwards, and ends: times never run backwards or ahead', () => {
    fc.assert(
      fc.property(lives, (parameters) => {
        const made = make(parameters);
        const end = made.plan.endsAfter + made.plan.stoppingMs;
        let modified = '';
        const seen: (string | undefined)[] = [];
        for (let step = 0; step <= 30; step += 1) {
          const now = CREATED + Math.floor((end * step) / 30);
          const job = answerAt(made, now);
          expect(job.status).toBe(statusAt(made, now));
          expect((job.lastModifiedTime ?? '') >= modified).toBe(true);
          modified = job.lastModifiedTime ?? '';
          for (const time of JSON.stringify(job).match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? [])
            expect(Date.parse(time) >= CREATED && Date.parse(time) <= now).toBe(true);
          expect('dataProcessingDetails' in (job.statusDetails ?? {})).toBe(parameters.type === 'DISTILLATION');
          expect('endTime' in job).toBe(nextChangeAfter(made, now) === undefined);
          expect('outputModelArn' in job).toBe(job.status === 'Completed');
          expect('failureMessage' in job).toBe(job.status === 'Failed');
          if (seen.at(-1) !== job.status) seen.push(job.status);
        }
        expect([
          ['InProgress', 'Completed'],
          ['InProgress', 'Failed'],
          ['InProgress', 'Stopping', 'Stopped'],
          ['InProgress', 'Stopped'],
          ['Stopping', 'Stopped'],
        ]).toContainEqual(seen);
      }),
      { numRuns: 100 },
    );
  });

  it('is the same for the same seed', () => {
    const parameters = { seed: 7, type: 'DISTILLATION', speed: 1, failureRate: 0.5, stopAfter: null };
    expect(make(parameters)).toEqual(make(parameters));
    expect(make({ ...parameters, seed: 8 })).not.toEqual(make(parameters));
  });

  it('lasts as long as real jobs do, divided by the speed', () => {
    const minutes = (speed: number) =>
      make({ seed: 3, type: 'FINE_TUNING', speed, failureRate: 0, stopAfter: null }).plan.endsAfter / 60_000;
    expect(minutes(1)).toBeGreaterThan(33);
    expect(minutes(1)).toBeLessThan(190);
    expect(minutes(60)).toBeCloseTo(minutes(1) / 60, 3);
  });

  it('fails more often, by diverging, with a reckless learning rate, but never where none fails', () => {
    const reckless = { ...fullCreate, hyperParameters: { learningRate: '1e-3' } } as never;
    const failures = (failureRate: number) => {
      const random = seededRandom(1);
      return Array.from({ length: 1000 }, () =>
        planJob(reckless, 'FINE_TUNING', MODEL_ARN, random, { speed: 1, failureRate }),
      ).flatMap(({ failure }) => failure ?? []);
    };
    expect(failures(0)).toEqual([]);
    expect(failures(0.16).length).toBeGreaterThan(350);
    expect(failures(0.16).length).toBeLessThan(450);
    for (const { task, message } of failures(0.16))
      expect([task, message]).toEqual(['training', expect.stringContaining('diverged')]);
  });

  it('fails about as often as asked', () => {
    const random = seededRandom(1);
    const plans = Array.from({ length: 2000 }, () =>
      planJob(fullCreate as never, 'FINE_TUNING', MODEL_ARN, random, { speed: 1, failureRate: 0.15 }),
    );
    const failed = plans.filter(({ failure }) => failure).length / plans.length;
    expect(failed).toBeGreaterThan(0.12);
    expect(failed).toBeLessThan(0.18);
  });
});
