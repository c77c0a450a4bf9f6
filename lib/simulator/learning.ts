/** How training goes by what it starts from: runs on the same data and model can be compared. */
import { seededRandom, seedOf } from './random.ts';

/** What of a Create, or of a job that Get answers, decides how its training goes. */
export interface TrainingSetup {
  /** An id, or an ARN that ends in one. */
  readonly baseModelIdentifier: string | undefined;
  readonly trainingDataConfig?: { readonly s3Uri?: string | undefined };
  readonly hyperParameters?: Readonly<Record<string, string | null>> | undefined;
}

export interface Learning {
  /** Steps of the whole training. */
  readonly steps: number;
  readonly epochs: number;
  readonly startLoss: number;
  /** Where the loss ends, give or take a tenth. */
  readonly finalLoss: number;
  /** How fast the loss falls. */
  readonly decay: number;
  /** How far a step's loss lies off the trend, as a share of it. */
  readonly noise: number;
  /** True for a learning rate with which training often diverges. */
  readonly isReckless: boolean;
}

const USUAL_RATE = 5e-5;
const RECKLESS_RATE = 1e-3;
const USUAL_EPOCHS = 2;
const MOST_EPOCHS = 100;
const [FEWEST_STEPS, MOST_STEPS] = [60, 600];

const positive = (text: string | null | undefined): number | undefined => {
  const value = Number(text ?? NaN);
  return Number.isFinite(value) && value > 0 ? value : undefined;
};
const within = (low: number, value: number, high: number): number => Math.min(Math.max(value, low), high);

/** Hyperparameters that are absent or no numbers count as usual ones. */
export const learningOf = (setup: TrainingSetup): Learning => {
  const modelId = setup.baseModelIdentifier?.split('/').at(-1) ?? '';
  const data = seededRandom(seedOf(`${setup.trainingDataConfig?.s3Uri ?? ''} ${modelId}`));
  const stepsPerEpoch = data.between(60, 200);
  const hardness = data.between(0.25, 1);
  const startLoss = data.between(2, 3.5);
  const rate = positive(setup.hyperParameters?.['learningRate']) ?? USUAL_RATE;
  const epochs = within(1, Math.round(positive(setup.hyperParameters?.['epochCount']) ?? USUAL_EPOCHS), MOST_EPOCHS);
  const speed = Math.sqrt(rate / USUAL_RATE);
  // Both a learning rate that is too low and one that is too high end at a higher loss.
  const mistuned = 1 + 0.35 * Math.min(2, Math.abs(Math.log10(rate / USUAL_RATE)));
  return {
    steps: within(FEWEST_STEPS, Math.round(stepsPerEpoch * epochs), MOST_STEPS),
    epochs,
    startLoss,
    finalLoss: (hardness * mistuned) / (1 + 0.25 * Math.min(4, epochs - 1)),
    decay: within(1.5, 5 * speed, 12),
    noise: within(0.015, 0.03 * speed, 0.2),
    isReckless: rate >= RECKLESS_RATE,
  };
};
