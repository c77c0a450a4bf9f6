/**
 * The rewards that a reinforcement fine-tuning writes, one line a step. The columns have the names of the user guide
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/rft-submit-job.html); that they are in the training's file is
 * an assumption.
 */
import type { TrainingRun } from '../plan.ts';
import { seededRandom, seedOf } from '../random.ts';

const COLUMNS = [
  'step_number',
  'epoch_number',
  'critic/rewards/mean',
  'critic/rewards/max',
  'critic/rewards/min',
  'val-score/rewards/mean@1',
];

/** Steps between two measurements on the validation data. */
const EVAL_INTERVAL = 10;

const share = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1e6) / 1e6;

/** The lines of the file, without its header: a training that goes well ends with a high reward. */
export const rewardLines = ({ steps, epochs, finalLoss, decay }: TrainingRun, jobArn: string): string[] => {
  const random = seededRandom(seedOf(`${jobArn} rewards`));
  const [start, end] = [random.between(0.1, 0.25), 0.95 - 0.35 * Math.min(1, finalLoss)];
  return Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const trend = end - (end - start) * Math.exp((-decay * step) / steps);
    const mean = share(trend + random.between(-0.06, 0.06));
    const isMeasured = step % EVAL_INTERVAL === 0 || step === steps;
    const validation = isMeasured ? share(trend * 0.94 + random.between(-0.02, 0.02)) : '';
    const epoch = Math.floor((index * epochs) / steps);
    return [
      step,
      epoch,
      mean,
      share(mean + random.between(0.1, 0.5)),
      share(mean - random.between(0.1, 0.5)),
      validation,
    ].join(',');
  });
};

export const rewardsCsv = (lines: readonly string[]): string => [COLUMNS.join(','), ...lines, ''].join('\n');
