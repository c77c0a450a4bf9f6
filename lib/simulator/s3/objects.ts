/** What jobs wrote into their output locations. Nothing is stored: objects, and the curves in them, follow from the job and the time. */
import type { JobAnswer } from '../life.ts';
import { isNovaText } from '../create-job.ts';
import type { Job, SimulatedJobs } from '../jobs.ts';
import { type TrainingRun, trainingRunOf, type Phase } from '../plan.ts';
import { type Random, seededRandom, seedOf } from '../random.ts';
import { rewardLines, rewardsCsv } from './rewards.ts';
import { dataIn, readersOf } from './training-data.ts';

/** A measured step of a training. */
interface CurveStep {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
}

export interface CurvePlan extends TrainingRun {
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

export interface StoredObject {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  readonly content: () => string;
}

interface OutputFolder {
  readonly bucket: string;
  readonly prefix: string;
}

/** How far a job's training has come. */
interface Progress {
  /** Steps that are over. */
  readonly steps: number;
  /** When the last of them was. */
  readonly at: number;
}

const outputFolder = ({ jobArn, outputDataConfig }: JobAnswer): OutputFolder | undefined => {
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(outputDataConfig?.s3Uri ?? '') ?? [];
  if (bucket === undefined) return undefined;
  const id = jobArn.slice(jobArn.lastIndexOf('/') + 1);
  const parent = path === '' || path.endsWith('/') ? path : `${path}/`;
  return { bucket, prefix: `${parent}model-customization-job-${id}/` };
};

/** The steps that are over so many milliseconds after the job's creation. */
const stepsAfter = ({ startsAfter, endsAfter }: Phase, steps: number, after: number): number =>
  Math.min(steps, Math.max(0, Math.floor(((after - startsAfter) / (endsAfter - startsAfter)) * steps)));

const trainingPhase = ({ plan }: Job) => plan?.phases.find(({ task }) => task === 'training');

const progressOf = (job: Job, steps: number, now: number): Progress => {
  const { createdAt, given, plan, stop, forced } = job;
  const phase = trainingPhase(job);
  if (forced?.status === 'Completed' && now >= forced.at) return { steps, at: forced.at };
  // A loaded job is as it was loaded: what tells a loss has ended.
  if (!plan || !phase) return { steps, at: Date.parse(given.lastModifiedTime ?? given.creationTime) };
  const until = Math.min(now, stop?.at ?? Infinity, forced?.at ?? Infinity) - createdAt;
  const over = stepsAfter(phase, steps, Math.min(until, plan.failure?.after ?? Infinity));
  const trained = (over / steps) * (phase.endsAfter - phase.startsAfter);
  return { steps: over, at: Math.floor(createdAt + phase.startsAfter + trained) };
};

/** The number of steps after which the loss is useless, in a job whose failure says that it diverged. */
const divergesBy = ({ createdAt, plan, forced }: Job, phase: Phase | undefined, steps: number): number | undefined => {
  if (!phase || forced?.status === 'Completed') return undefined;
  const failure =
    forced?.status === 'Failed'
      ? { after: forced.at - createdAt, message: forced.failureMessage ?? '' }
      : plan?.failure;
  return failure && /diverge/i.test(failure.message) ? stepsAfter(phase, steps, failure.after) : undefined;
};

const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;

interface RftConfig {
  readonly rftConfig?: { readonly hyperParameters?: Readonly<Record<string, string | number>> };
}

const setupOf = ({ given }: Job): TrainingRun => {
  const { s3Uri } = (given.trainingDataConfig ?? {}) as { readonly s3Uri?: string };
  const { hyperParameters: ofRft } = ((given.customizationConfig ?? {}) as RftConfig).rftConfig ?? {};
  const texts = ofRft && Object.fromEntries(Object.entries(ofRft).map(([name, value]) => [name, String(value)]));
  return trainingRunOf({
    baseModelIdentifier: given.baseModelArn,
    trainingDataConfig: { s3Uri },
    hyperParameters: texts ?? given.hyperParameters,
  });
};

const TRAINING_FILE = 'training_artifacts/step_wise_training_metrics.csv';

/** Reinforcement fine-tuning writes rewards instead of losses. A loaded job has them once it completed. */
const writesRewards = ({ given, plan }: Job): boolean =>
  given.customizationType === 'REINFORCEMENT_FINE_TUNING' && (plan !== undefined || given.status === 'Completed');

/** Absent where the job writes no losses: reinforcement fine-tuning, imported models, loaded jobs without a loss. */
const curveOf = (job: Job): CurvePlan | undefined => {
  const { given, plan } = job;
  const trainingLoss = plan ? plan.trainingLoss : finite(given.trainingMetrics?.trainingLoss);
  if (trainingLoss === undefined) return undefined;
  const validationLoss = plan ? plan.validationLosses[0] : finite(given.validationMetrics?.[0]?.validationLoss);
  const learning = setupOf(job);
  const useless = divergesBy(job, trainingPhase(job), learning.steps);
  return {
    ...learning,
    jobArn: given.jobArn,
    trainingLoss,
    ...(validationLoss !== undefined && { validationLoss }),
    ...(useless !== undefined && { divergesBy: useless }),
  };
};

const objectsOf = (job: Job, prefix: string, now: number): StoredObject[] => {
  const curve = curveOf(job);
  const run = writesRewards(job) ? setupOf(job) : curve;
  if (!run) return [];
  const { steps, at } = progressOf(job, run.steps, now);
  if (steps === 0) return [];
  const object = (path: string, content: () => string) => ({ key: prefix + path, lastModified: at, content });
  if (!curve) return [object(TRAINING_FILE, () => rewardsCsv(rewardLines(run, job.given.jobArn).slice(0, steps)))];
  const hasPerplexity = !isNovaText(job.given.baseModelArn?.split('/').at(-1) ?? '');
  const isOver = ({ step }: { readonly step: number }) => step <= steps;
  const training = object(TRAINING_FILE, () =>
    csvOf('training_loss', trainingSteps(curve).filter(isOver), hasPerplexity),
  );
  const validations = validationSteps(curve).filter(isOver);
  if (validations.length === 0) return [training];
  const path = 'validation_artifacts/post_fine_tuning_validation/validation/validation_metrics.csv';
  return [training, object(path, () => csvOf('validation_loss', validations, hasPerplexity))];
};

/** The jobs that write into a bucket: a cheap look at each, as there may be a hundred thousand. */
function* writersOf(store: SimulatedJobs, bucket: string): Generator<readonly [Job, OutputFolder]> {
  for (const job of store.all()) {
    if (job.given.outputDataConfig?.s3Uri?.startsWith(`s3://${bucket}`) !== true) continue;
    const folder = outputFolder(job.given);
    if (folder?.bucket === bucket) yield [job, folder];
  }
}

/** What a bucket holds whose keys begin with `prefix`, in the order of keys: data of jobs, and what jobs wrote. */
export const objectsIn = (store: SimulatedJobs, bucket: string, prefix: string, now: number): StoredObject[] => {
  const found = new Map(dataIn(store, bucket, prefix).map((object) => [object.key, object]));
  for (const [job, folder] of writersOf(store, bucket)) {
    if (!folder.prefix.startsWith(prefix) && !prefix.startsWith(folder.prefix)) continue;
    for (const object of objectsOf(job, folder.prefix, now))
      if (object.key.startsWith(prefix)) found.set(object.key, object);
  }
  return [...found.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
};

/** The Regions of the jobs that use a bucket, those that write into it first; empty where there is no such bucket. */
export const regionsOf = (store: SimulatedJobs, bucket: string): string[] => {
  const regions = new Set<string>();
  for (const [{ scope }] of writersOf(store, bucket)) regions.add(scope.region);
  for (const [{ scope }] of readersOf(store, bucket)) regions.add(scope.region);
  return [...regions];
};
