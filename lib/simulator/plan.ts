/** A job's life as it is planned at its creation: how long each phase takes, how it ends, and what comes out. */
import type { CreateRequest } from '../service-model/model.ts';
import { type Random, seededRandom, seedOf } from './random.ts';

/** What of a Create, or of a job that Get answers, decides how its training goes. */
interface TrainingSetup {
  /** An id, or an ARN that ends in one. */
  readonly baseModelIdentifier: string | undefined;
  readonly trainingDataConfig?: { readonly s3Uri?: string | undefined };
  readonly hyperParameters?: Readonly<Record<string, string | null>> | undefined;
}

/** How a training goes: runs on the same data and model can be compared. */
export interface TrainingRun {
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
export const trainingRunOf = (setup: TrainingSetup): TrainingRun => {
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

export const TASKS = ['validation', 'dataProcessing', 'training'] as const;
type Task = (typeof TASKS)[number];

/** One phase. Times are milliseconds after the job's creation. */
export interface Phase {
  readonly task: Task;
  readonly startsAfter: number;
  readonly endsAfter: number;
}

export interface Plan {
  readonly phases: readonly Phase[];
  /** The phase that fails, when, and with which words. Absent where the job completes. */
  readonly failure?: { readonly task: Task; readonly after: number; readonly message: string };
  /** When the job's own status changes, in whole milliseconds after its creation: at least one. */
  readonly endsAfter: number;
  /** How often a running job's lastModifiedTime moves. */
  readonly beatMs: number;
  /** How long the job stays Stopping once it is asked to stop. */
  readonly stoppingMs: number;
  readonly outputModelArn: string;
  readonly trainingLoss?: number;
  readonly validationLosses: readonly number[];
}

export interface PlanOptions {
  /** By how much the life is faster than a real one. */
  readonly speed: number;
  /** The share of jobs that fail, 0 to 1. */
  readonly failureRate: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Real-looking durations. */
const DURATIONS = {
  validation: [3 * MINUTE, 6 * MINUTE],
  dataProcessing: [10 * MINUTE, 20 * MINUTE],
  training: [30 * MINUTE, 180 * MINUTE],
  stopping: [MINUTE, 3 * MINUTE],
  gap: [15 * SECOND, 45 * SECOND],
  settling: [100, 300],
  beat: [MINUTE, 5 * MINUTE],
} as const satisfies Readonly<Record<string, readonly [low: number, high: number]>>;

/** These kinds of jobs have been seen to complete without metrics. */
const WITHOUT_METRICS: readonly string[] = ['REINFORCEMENT_FINE_TUNING', 'IMPORTED'];

const DIVERGED = 'The training loss diverged. Choose a lower learning rate and retry the job.';

const failureMessages = (request: CreateRequest): Readonly<Record<Task, readonly [string, ...string[]]>> => {
  const source = request.trainingDataConfig.s3Uri ?? request.outputDataConfig.s3Uri;
  const [bucket = '', ...key] = source.slice('s3://'.length).split('/');
  const at = `Amazon S3 bucket: ${bucket} at key ${key.join('/')}`;
  return {
    validation: [
      `Could not validate GetObject permissions to access ${at}`,
      'Could not assume provided IAM role. Please verify that the role exists and its trust policy allows bedrock to assume this role.',
      `Unable to parse Amazon S3 file: ${key.join('/')}. Data files must conform to JSONL format.`,
    ],
    dataProcessing: [
      'Too few of the prompts got a usable response from the teacher model. Check the prompts and retry.',
    ],
    training: ['Encountered an unexpected error when processing the request, please try again', DIVERGED],
  };
};

const rounded = (loss: number): number => Math.round(loss * 1e6) / 1e6;

export const planJob = (
  request: CreateRequest,
  customizationType: string,
  outputModelArn: string,
  random: Random,
  { speed, failureRate }: PlanOptions,
): Plan => {
  const duration = (kind: keyof typeof DURATIONS): number => {
    const [low, high] = DURATIONS[kind];
    return random.between(low, high) / speed;
  };
  const tasks = TASKS.filter((task) => task !== 'dataProcessing' || customizationType === 'DISTILLATION');
  const phases: Phase[] = [];
  let after = 0;
  for (const task of tasks) {
    const startsAfter = after + duration('gap');
    after = startsAfter + duration(task);
    phases.push({ task, startsAfter, endsAfter: after });
  }
  const run = trainingRunOf(request);
  const trainingLoss = rounded(run.finalLoss * random.between(0.9, 1.1));
  const validators = request.validationDataConfig?.validators ?? [];
  const validationLosses = validators.map(() => rounded(trainingLoss * random.between(1.05, 1.3)));
  const anyPhase = phases[Math.floor(random.next() * phases.length)];
  const fraction = random.between(0.1, 0.9);
  const fails = random.chance(run.isReckless ? Math.sqrt(failureRate) : failureRate);
  const failing = run.isReckless ? phases.at(-1) : anyPhase;
  const failure =
    fails && failing !== undefined
      ? {
          task: failing.task,
          after: failing.startsAfter + fraction * (failing.endsAfter - failing.startsAfter),
          message: run.isReckless ? DIVERGED : random.pick(failureMessages(request)[failing.task]),
        }
      : undefined;
  return {
    phases,
    ...(failure && { failure }),
    endsAfter: Math.max(1, Math.ceil((failure?.after ?? after) + duration('settling'))),
    beatMs: duration('beat'),
    stoppingMs: Math.max(1, Math.round(duration('stopping'))),
    outputModelArn,
    ...(!WITHOUT_METRICS.includes(customizationType) && { trainingLoss }),
    validationLosses: WITHOUT_METRICS.includes(customizationType) ? [] : validationLosses,
  };
};
