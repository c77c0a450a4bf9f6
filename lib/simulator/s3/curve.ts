/** The measured steps of a training: a pure function of the job, so that what was written once never changes. */
import type { Learning } from '../learning.ts';
import { type Random, seededRandom, seedOf } from '../random.ts';

export interface CurveStep {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
}

export interface CurvePlan extends Learning {
  /** The same job has the same curve. */
  readonly jobArn: string;
  /** The loss of the last step. */
  readonly trainingLoss: number;
  /** The loss of the last validation; absent where the job has no validator. */
  readonly validationLoss?: number;
  /** The number of steps after which training fails because the loss diverges. */
  readonly divergesBy?: number;
}

/** The last steps before a diverged training fails have no finite loss. */
const STEPS_OF_NAN = 2;

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Normally distributed (Box-Muller). */
const gauss = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** From 1 at the first step to 0 at the last, falling exponentially. */
const remaining = (part: number, decay: number): number =>
  (Math.exp(-decay * part) - Math.exp(-decay)) / (1 - Math.exp(-decay));

const trend = ({ startLoss, trainingLoss, decay }: CurvePlan, part: number): number =>
  trainingLoss + (Math.max(startLoss, trainingLoss * 1.2) - trainingLoss) * remaining(part, decay);

/** Steps count from 1, epochs from 0. */
const epochOf = ({ steps, epochs }: CurvePlan, step: number): number => Math.floor(((step - 1) * epochs) / steps);

/** How many times higher the loss is than it would be without diverging. */
const divergence = (step: number, divergesBy: number | undefined): number => {
  if (divergesBy === undefined) return 1;
  if (step > divergesBy - STEPS_OF_NAN) return NaN;
  const onset = divergesBy * 0.7;
  return step <= onset ? 1 : Math.exp((6 * (step - onset)) / (divergesBy - onset));
};

/** Every step of the whole training. The last one has the loss that the job tells at its end. */
export const trainingSteps = (plan: CurvePlan): CurveStep[] => {
  const random = seededRandom(seedOf(plan.jobArn));
  const last = plan.steps;
  return Array.from({ length: last }, (_, index) => {
    const step = index + 1;
    const part = index / (last - 1);
    const noisy = trend(plan, part) * Math.exp(plan.noise * (1 - part / 2) * gauss(random));
    const loss = rounded(noisy * divergence(step, plan.divergesBy));
    return { step, epoch: epochOf(plan, step), loss: step === last ? plan.trainingLoss : loss };
  });
};

/** The validations: one after each epoch. Empty without a validator. */
export const validationSteps = (plan: CurvePlan): CurveStep[] => {
  const { validationLoss, trainingLoss, steps, epochs } = plan;
  if (validationLoss === undefined) return [];
  const random = seededRandom(seedOf(`${plan.jobArn} validation`));
  const gap = validationLoss / trainingLoss - 1;
  return Array.from({ length: epochs }, (_, epoch) => {
    const step = Math.ceil(((epoch + 1) * steps) / epochs);
    const part = step / steps;
    // What is learnt by heart does not help on data that was never seen: the gap grows with time.
    const unseen = trend(plan, part) * (1 + gap * part * part) * Math.exp((plan.noise / 4) * gauss(random));
    const loss = rounded(unseen * divergence(step, plan.divergesBy));
    return { step, epoch, loss: step === steps ? validationLoss : loss };
  });
};

/** As Python writes numbers that are not finite. */
const numberText = (value: number): string =>
  Number.isNaN(value) ? 'nan' : value === Infinity ? 'inf' : String(value);

/** The file as Bedrock writes it: seen without perplexity for Nova models, and with it for others. */
export const csvOf = (
  lossColumn: 'training_loss' | 'validation_loss',
  steps: readonly CurveStep[],
  hasPerplexity: boolean,
): string => {
  const rows = [
    ['step_number', 'epoch_number', lossColumn, 'perplexity'],
    ...steps.map(({ step, epoch, loss }) => [step, epoch, numberText(loss), numberText(rounded(Math.exp(loss)))]),
  ];
  return rows.map((cells) => `${cells.slice(0, hasPerplexity ? 4 : 3).join(',')}\n`).join('');
};
