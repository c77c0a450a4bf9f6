import type { LossCurves, LossPoint } from '../../../lib/dashboard/api.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { seeded } from './random.ts';

const seedOf = (text: string): number =>
  Array.from(text).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);

/** Rewards that rise, with those of the validation at every tenth step. */
const sampleRewards = (job: JobRecord): LossCurves => {
  const random = seeded(seedOf(job.job_id));
  const end = random.between(0.6, 0.9);
  const at = (step: number) => end - (end - 0.15) * Math.exp((-5 * step) / 120);
  const point = (step: number, reward: number): LossPoint => ({
    step,
    epoch: Math.floor((step - 1) / 60),
    reward: Number(reward.toFixed(6)),
  });
  const steps = Array.from({ length: 120 }, (_, index) => index + 1);
  return {
    reward: steps.map((step) => point(step, at(step) + random.between(-0.05, 0.05))),
    validation_reward: steps.filter((step) => step % 10 === 0).map((step) => point(step, at(step) * 0.94)),
    files: [],
  };
};

/** Curves in the shape of a Nova model's that end at the losses of the record: steep, then flat, with the noise of real ones. */
export const sampleLoss = (job: JobRecord): LossCurves | undefined => {
  if (job.customization_type === 'REINFORCEMENT_FINE_TUNING' && job.status === 'Completed') return sampleRewards(job);
  const final = Number(job.training_metrics?.training_loss ?? NaN);
  if (!Number.isFinite(final)) return undefined;
  const random = seeded(seedOf(job.job_id));
  const epochs = Number(job.hyper_parameters?.['epochCount'] ?? 2);
  const perEpoch = Math.round(random.between(60, 140));
  const steps = epochs * perEpoch;
  const start = final * random.between(4, 9);
  const pace = random.between(4, 7);
  const at = (step: number) => final + (start - final) * Math.exp((-pace * step) / steps);
  const point = (step: number, loss: number): LossPoint => ({
    step,
    epoch: Math.min(epochs - 1, Math.floor((step - 1) / perEpoch)),
    loss: Number(loss.toFixed(6)),
  });
  const training = Array.from({ length: steps }, (_, index) =>
    point(index + 1, index + 1 === steps ? final : at(index + 1) * random.between(0.86, 1.16)),
  );
  const validationFinal = Number(job.validation_metrics?.[0]?.validation_loss ?? NaN);
  const validation = Array.from({ length: epochs }, (_, index) => {
    const step = (index + 1) * perEpoch;
    const ratio = 1 + ((validationFinal / final - 1) * step) / steps;
    return point(step, at(step) * ratio);
  });
  const folder = `${job.output_data_config?.s3_uri ?? 's3://unknown/'}model-customization-job-${job.job_id}/`;
  return {
    training,
    ...(Number.isFinite(validationFinal) ? { validation } : {}),
    files: [
      `${folder}training_artifacts/step_wise_training_metrics.csv`,
      `${folder}validation_artifacts/post_fine_tuning_validation/validation/validation_metrics.csv`,
    ],
  };
};
