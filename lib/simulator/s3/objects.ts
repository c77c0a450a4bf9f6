/** The objects that jobs wrote into their output locations. None is stored: they follow from the job and the time. */
import type { JobAnswer } from '../answers.ts';
import { isNovaText } from '../base-model.ts';
import type { Job, JobStore } from '../jobs.ts';
import { type Learning, learningOf } from '../learning.ts';
import type { Phase } from '../plan.ts';
import { type CurvePlan, csvOf, trainingSteps, validationSteps } from './curve.ts';

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

const setupOf = ({ given }: Job): Learning => {
  const { s3Uri } = (given.trainingDataConfig ?? {}) as { readonly s3Uri?: string };
  return learningOf({
    baseModelIdentifier: given.baseModelArn,
    trainingDataConfig: { s3Uri },
    hyperParameters: given.hyperParameters,
  });
};

/** Absent where the job writes no curve: reinforcement fine-tuning, imported models, loaded jobs without a loss. */
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
  if (!curve) return [];
  const progress = progressOf(job, curve.steps, now);
  const hasPerplexity = !isNovaText(job.given.baseModelArn?.split('/').at(-1) ?? '');
  const object = (path: string, content: () => string) => ({ key: prefix + path, lastModified: progress.at, content });
  const isOver = ({ step }: { readonly step: number }) => step <= progress.steps;
  const validations = validationSteps(curve).filter(isOver);
  return [
    ...(progress.steps === 0
      ? []
      : [
          object('training_artifacts/step_wise_training_metrics.csv', () =>
            csvOf('training_loss', trainingSteps(curve).filter(isOver), hasPerplexity),
          ),
        ]),
    ...(validations.length === 0
      ? []
      : [
          object('validation_artifacts/post_fine_tuning_validation/validation/validation_metrics.csv', () =>
            csvOf('validation_loss', validations, hasPerplexity),
          ),
        ]),
  ];
};

/** The jobs that write into a bucket: a cheap look at each, as there may be a hundred thousand. */
function* writersOf(store: JobStore, bucket: string): Generator<readonly [Job, OutputFolder]> {
  for (const job of store.all()) {
    if (job.given.outputDataConfig?.s3Uri?.startsWith(`s3://${bucket}`) !== true) continue;
    const folder = outputFolder(job.given);
    if (folder?.bucket === bucket) yield [job, folder];
  }
}

/** What a bucket holds whose keys begin with `prefix`, in the order of keys. */
export const objectsIn = (store: JobStore, bucket: string, prefix: string, now: number): StoredObject[] => {
  const found = new Map<string, StoredObject>();
  for (const [job, folder] of writersOf(store, bucket)) {
    if (!folder.prefix.startsWith(prefix) && !prefix.startsWith(folder.prefix)) continue;
    for (const object of objectsOf(job, folder.prefix, now))
      if (object.key.startsWith(prefix)) found.set(object.key, object);
  }
  return [...found.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
};

/** The Regions of the jobs that write into a bucket, oldest job first; empty where there is no such bucket. */
export const regionsOf = (store: JobStore, bucket: string): string[] => {
  const regions = new Set<string>();
  for (const [{ scope }] of writersOf(store, bucket)) regions.add(scope.region);
  return [...regions];
};
