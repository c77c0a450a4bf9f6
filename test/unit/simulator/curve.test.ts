import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { trainingRunOf } from '../../../lib/simulator/plan.ts';
import { type CurvePlan, csvOf, trainingSteps, validationSteps } from '../../../lib/simulator/s3/objects.ts';

const JOB_ARN =
  'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/q7w2e9r4t1y6';
const setup = (hyperParameters: Record<string, string> = {}, s3Uri = 's3://acme-training/train.jsonl') => ({
  baseModelIdentifier: 'amazon.nova-lite-v1:0:300k',
  trainingDataConfig: { s3Uri },
  hyperParameters,
});
const plan = (change: Partial<CurvePlan> = {}): CurvePlan => ({
  ...trainingRunOf(setup()),
  jobArn: JOB_ARN,
  trainingLoss: 0.5,
  ...change,
});
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const lossesOf = (change: Partial<CurvePlan> = {}) => trainingSteps(plan(change)).map(({ loss }) => loss);

describe('a simulated training', () => {
  it('is the same whenever it is asked for, and another one for another job', () => {
    expect(trainingSteps(plan())).toEqual(trainingSteps(plan()));
    expect(validationSteps(plan({ validationLoss: 0.6 }))).toEqual(validationSteps(plan({ validationLoss: 0.6 })));
    expect(lossesOf({ jobArn: `${JOB_ARN}x` })).not.toEqual(lossesOf());
  });

  it("has finite, falling losses in steps from 1 on, and ends at the job's own loss", () => {
    const hyperParameters = fc.record({
      learningRate: fc.constantFrom('1e-6', '1.0E-5', '5e-5', '1e-4', '1e-3', 'NaN', '-1', 'fast', ''),
      epochCount: fc.constantFrom('1', '2', '5', '1e9', '0', 'many', ''),
    });
    fc.assert(
      fc.property(
        hyperParameters,
        fc.string(),
        fc.double({ min: 0.02, max: 3, noNaN: true }),
        (parameters, arn, end) => {
          const trainingLoss = Math.round(end * 1e6) / 1e6;
          const steps = trainingSteps({ ...trainingRunOf(setup(parameters)), jobArn: arn, trainingLoss });
          expect(steps.length).toBeGreaterThanOrEqual(60);
          expect(steps.length).toBeLessThanOrEqual(600);
          expect(steps.map(({ step }) => step)).toEqual(steps.map((_, index) => index + 1));
          const losses = steps.map(({ loss }) => loss);
          expect(losses.every((loss) => Number.isFinite(loss) && loss > 0)).toBe(true);
          expect(losses.at(-1)).toBe(trainingLoss);
          expect(mean(losses.slice(0, 10))).toBeGreaterThan(mean(losses.slice(-10)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes through its epochs in order', () => {
    const { epochs } = trainingRunOf(setup({ epochCount: '3' }));
    const seen = trainingSteps(plan(trainingRunOf(setup({ epochCount: '3' })))).map(({ epoch }) => epoch);
    expect([epochs, ...new Set(seen)]).toEqual([3, 0, 1, 2]);
    expect(seen).toEqual([...seen].sort());
  });

  it('is noisier and faster the higher the learning rate', () => {
    const [low, high] = ['1e-5', '1e-4'].map((learningRate) => trainingRunOf(setup({ learningRate })));
    expect(high?.noise).toBeGreaterThan(low?.noise ?? Infinity);
    const halfway = (learning: typeof low) => {
      const losses = lossesOf({ ...learning, noise: 0 });
      return losses[Math.floor(losses.length / 2)] ?? NaN;
    };
    expect(halfway(high)).toBeLessThan(halfway(low));
  });

  it('ends lower with a fitting learning rate and with more epochs, on the same data', () => {
    const end = (learningRate: string, epochCount = '2') =>
      trainingRunOf(setup({ learningRate, epochCount })).finalLoss;
    expect(end('5e-5')).toBeLessThan(Math.min(end('1e-5'), end('1e-4')));
    expect(end('5e-5', '3')).toBeLessThan(end('5e-5'));
    const data = (uri: string) => trainingRunOf(setup({}, uri)).finalLoss;
    expect(data('s3://acme-training/a.jsonl')).not.toBe(data('s3://acme-training/b.jsonl'));
  });

  it('diverges: goes as the other one until then, rises, and has no finite loss at the end', () => {
    const usual = lossesOf({ steps: 200 });
    const diverging = lossesOf({ steps: 200, divergesBy: 150 }).slice(0, 150);
    expect(diverging.slice(0, 105)).toEqual(usual.slice(0, 105));
    expect(diverging[140]).toBeGreaterThan(5 * (usual[140] ?? Infinity));
    expect(diverging.slice(-2)).toEqual([NaN, NaN]);
    expect(diverging.slice(0, -2).every(Number.isFinite)).toBe(true);
  });
});

describe('its validation', () => {
  it.each([
    // As seen in the files of a Nova model.
    [36, 3, [12, 24, 36]],
    [100, 3, [34, 67, 100]],
    [60, 1, [60]],
  ])("of %d steps in %d epochs is measured after the last step of each, and ends at the job's own loss", (...case_) => {
    const [steps, epochs, expected] = case_;
    const training = trainingSteps(plan({ steps, epochs }));
    const measured = validationSteps(plan({ steps, epochs, validationLoss: 0.7 }));
    expect(measured.map(({ step }) => step)).toEqual(expected);
    expect(measured.map(({ epoch }) => epoch)).toEqual(expected.map((_, epoch) => epoch));
    for (const { step, epoch } of measured) {
      expect(training[step - 1]?.epoch).toBe(epoch);
      expect(training[step]?.epoch).toBe(step === steps ? undefined : epoch + 1);
    }
    expect(measured.at(-1)?.loss).toBe(0.7);
  });

  it('is absent without a validator', () => {
    expect(validationSteps(plan())).toEqual([]);
  });
});

it('is written as Bedrock does, with perplexity or without', () => {
  const steps = [
    { step: 1, epoch: 0, loss: 2 },
    { step: 2, epoch: 1, loss: NaN },
    { step: 3, epoch: 1, loss: 1e6 },
  ];
  expect(csvOf('training_loss', steps, true)).toBe(
    'step_number,epoch_number,training_loss,perplexity\n1,0,2,7.389056\n2,1,nan,nan\n3,1,1000000,inf\n',
  );
  expect(csvOf('validation_loss', steps, false)).toBe(
    'step_number,epoch_number,validation_loss\n1,0,2\n2,1,nan\n3,1,1000000\n',
  );
});
