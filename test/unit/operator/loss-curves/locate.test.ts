import { describe, expect, it } from '@jest/globals';
import { curveFiles, joinPoints, outputFolderOf } from '../../../../lib/operator/loss-curves/index.ts';
import { hasCode } from '../../../../lib/domain/errors.ts';

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/q7w2e9r4t1y6';
const FOLDER = 'model-customization-job-q7w2e9r4t1y6/';

describe('the folder of a job', () => {
  const job = (uri?: string) => ({
    job_arn: ARN,
    job_id: 'q7w2e9r4t1y6',
    ...(uri === undefined ? {} : { output_data_config: { s3_uri: uri } }),
  });

  it.each([
    ['s3://acme-output', 'acme-output', FOLDER],
    ['s3://acme-output/', 'acme-output', FOLDER],
    ['s3://acme-output/triage', 'acme-output', `triage/${FOLDER}`],
    ['s3://acme-output/triage/', 'acme-output', `triage/${FOLDER}`],
    ['s3://acme.output/a b/ü+%/', 'acme.output', `a b/ü+%/${FOLDER}`],
  ])('of the output location %s', (uri, bucket, prefix) => {
    expect(outputFolderOf(job(uri))).toEqual({ bucket, prefix });
  });

  it.each([undefined, '', 's3://', 'https://acme-output/x'])('is refused where the location is %j', (uri) => {
    let error: unknown;
    try {
      outputFolderOf(job(uri));
    } catch (thrown) {
      error = thrown;
    }
    expect(hasCode(error, 'NO_LOSS_CURVE')).toBe(true);
    expect((error as Error).message).toContain(ARN);
  });
});

describe('the files of a curve', () => {
  const at = (path: string, day = 1) => ({ key: `triage/${FOLDER}${path}`, lastModified: new Date(2026, 7, day) });
  const found = (kind: 'training' | 'validation', ...objects: ReturnType<typeof at>[]) =>
    curveFiles(kind, `triage/${FOLDER}`, objects).map(({ key }) => key.slice(`triage/${FOLDER}`.length));

  it('are the step-wise metrics of the training', () => {
    const path = 'training_artifacts/step_wise_training_metrics.csv';
    expect(
      found('training', at('training_artifacts/manifest.json'), at(path), at('step_wise_training_metrics.csv')),
    ).toEqual([path]);
  });

  it.each([
    'validation_artifacts/validation_metrics.csv',
    'validation_artifacts/post_fine_tuning_validation/validation_metrics.csv',
    'validation_artifacts/post_fine_tuning_validation/validation/validation_metrics.csv',
    'validation_artifacts/validation/step_wise_validation_metrics.csv',
  ])('are found at %s', (path) => {
    const others = ['training_artifacts/validation_metrics.csv', `${path}.tmp`, 'validation_artifacts/predictions.csv'];
    expect(found('validation', ...others.map((other) => at(other)), at(path))).toEqual([path]);
  });

  it('come newest first, of equal age in the order of their names, and never more than twenty', () => {
    const paths = ['a', 'b', 'c'].map((name) => `validation_artifacts/${name}/validation_metrics.csv`);
    const [a = '', b = '', c = ''] = paths;
    expect(found('validation', at(c, 1), at(b, 1), at(a, 2))).toEqual([a, b, c]);
    expect(found('validation', at(a, 1), at(b, 1), at(c, 2))).toEqual([c, a, b]);
    const many = Array.from({ length: 30 }, (_, index) =>
      at(`validation_artifacts/${index}/validation_metrics.csv`, index),
    );
    const newest = found('validation', ...many);
    expect(newest).toHaveLength(20);
    expect(newest[0]).toBe('validation_artifacts/29/validation_metrics.csv');
  });
});

describe('the points of a curve', () => {
  it('are in the order of steps, each once, with the last line of a repeated one', () => {
    const points = [
      { step: 5, epoch: 1, loss: 1 },
      { step: 2, epoch: 0, loss: 2 },
      { step: 5, epoch: 1, loss: 3 },
    ];
    expect(joinPoints([points])).toEqual([
      { step: 2, epoch: 0, loss: 2 },
      { step: 5, epoch: 1, loss: 3 },
    ]);
  });

  it('are kept apart by epochs where steps begin anew with each', () => {
    const points = [1, 0].flatMap((epoch) => [1, 0].map((step) => ({ step, epoch, loss: epoch })));
    expect(joinPoints([points]).map(({ step, epoch }) => [step, epoch])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
  });

  it('of several files are those of the newest, and what it lacks', () => {
    const newest = [{ step: 2, loss: 0.2 }];
    const older = [
      { step: 1, loss: 1 },
      { step: 2, loss: 2 },
    ];
    expect(joinPoints([newest, older])).toEqual([
      { step: 1, loss: 1 },
      { step: 2, loss: 0.2 },
    ]);
  });
});
