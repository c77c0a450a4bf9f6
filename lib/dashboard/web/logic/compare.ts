import type { JobRecord, MetricNumber } from '../../../domain/record.ts';
import {
  ABSENT,
  elapsedOf,
  formatElapsed,
  formatLoss,
  modelName,
  scopeLabel,
  statusLabel,
  typeLabel,
} from './format.ts';

/** One property of the compared jobs. */
export interface CompareRow {
  readonly label: string;
  /** One for each job, in their order. */
  readonly values: readonly string[];
  readonly differs: boolean;
  /** Positions of the best values; empty where there is no best. */
  readonly best: readonly number[];
  /** Why the values cannot be ranked. */
  readonly note?: string;
  /** True for identifiers, locations and keys. */
  readonly code: boolean;
}

export interface CompareGroup {
  readonly title: string;
  readonly rows: readonly CompareRow[];
}

type Values = readonly (string | undefined)[] | undefined;

/** How a job was set up, as its page and the comparison show it. */
export const SETUP: readonly (readonly [group: string, name: string, valuesOf: (job: JobRecord) => Values])[] = [
  ['Model', 'Base model', (job) => [job.base_model_arn]],
  ['Model', 'Teacher model', (job) => [teacherOf(job)]],
  ['Model', 'Grader', (job) => [graderOf(job)]],
  ['Data', 'Training data', (job) => [job.training_data_config?.s3_uri]],
  ['Data', 'Invocation logs', (job) => [logsOf(job)]],
  ['Data', 'Validation data', (job) => job.validation_data_config?.validators?.map(({ s3_uri }) => s3_uri)],
  ['Data', 'Output', (job) => [job.output_data_config?.s3_uri]],
  ['Setting', 'Role', (job) => [job.role_arn]],
  ['Setting', 'KMS key', (job) => [job.output_model_kms_key_arn]],
  ['Setting', 'Subnets', (job) => job.vpc_config?.subnet_ids],
  ['Setting', 'Security groups', (job) => job.vpc_config?.security_group_ids],
];

const graderOf = (job: JobRecord) => job.customization_config?.rft_config?.grader_config?.lambda_grader?.lambda_arn;
const teacherOf = (job: JobRecord) =>
  job.customization_config?.distillation_config?.teacher_model_config?.teacher_model_identifier;
export const logsOf = (job: Pick<JobRecord, 'training_data_config'>): string | undefined =>
  job.training_data_config?.invocation_logs_config?.invocation_log_source?.s3_uri;

/** Equal numbers are the same value: Bedrock writes 1.0E-5 where a person wrote 0.00001. */
const isSame = (a: string, b: string): boolean =>
  a === b || (a.trim() !== '' && b.trim() !== '' && Number(a) === Number(b));

const row = (label: string, values: readonly string[], more: Partial<CompareRow> = {}): CompareRow => ({
  label,
  values,
  differs: values.some((value) => !isSame(value, values[0] ?? '')),
  best: [],
  code: false,
  ...more,
});

/** Positions of the lowest value; empty if one is missing, or if all are equal. What is not finite is never the lowest. */
export const lowest = (values: readonly (number | undefined)[]): number[] => {
  const known = values.map((value) => (value === undefined || Number.isFinite(value) ? value : Infinity));
  const least = Math.min(...known.map((value) => value ?? NaN));
  if (Number.isNaN(least) || known.every((value) => value === least)) return [];
  return known.flatMap((value, index) => (value === least ? [index] : []));
};

/** A loss of a job, with what it was measured on: losses of different models or data cannot be ranked. */
export interface MeasuredLoss {
  readonly loss: MetricNumber | undefined;
  readonly on: readonly (string | undefined)[];
}

/** Positions of the lowest loss among losses that can be ranked. */
export const lowestLoss = (losses: readonly MeasuredLoss[]): number[] =>
  areLike(losses) ? lowest(losses.map(({ loss }) => (loss === undefined ? undefined : Number(loss)))) : [];

/** The completed jobs with the lowest loss. Others made no model, so they do not compete. */
export const bestCompleted = <Job extends Pick<JobRecord, 'status'>>(
  jobs: readonly Job[],
  lossOf: (job: Job) => MeasuredLoss,
): Job[] => {
  const completed = jobs.filter(({ status }) => status === 'Completed');
  return lowestLoss(completed.map(lossOf)).flatMap((index) => completed[index] ?? []);
};

const areLike = (losses: readonly MeasuredLoss[]): boolean =>
  new Set(losses.map(({ on }) => JSON.stringify(on))).size === 1;

type Trained = Pick<JobRecord, 'base_model_arn' | 'customization_type' | 'validation_data_config'> &
  Partial<Pick<JobRecord, 'training_metrics' | 'validation_metrics' | 'training_data_config'>>;

const setOf = (job: Trained) => [modelName(job.base_model_arn), job.customization_type];

export const trainingLossOf = (job: Trained): MeasuredLoss => ({
  loss: job.training_metrics?.training_loss,
  on: [...setOf(job), job.training_data_config?.s3_uri ?? logsOf(job)],
});

/** The loss of one validator. */
export const validationLossOf = (job: Trained, validator = 0): MeasuredLoss => ({
  loss: job.validation_metrics?.[validator]?.validation_loss,
  on: [...setOf(job), job.validation_data_config?.validators?.[validator]?.s3_uri],
});

const lossRow = (label: string, losses: readonly MeasuredLoss[]): CompareRow =>
  row(
    label,
    losses.map(({ loss }) => formatLoss(loss)),
    {
      best: lowestLoss(losses),
      ...(!areLike(losses) && losses.some(({ loss }) => loss !== undefined) && { note: 'of different models or data' }),
    },
  );

const outcomeOf = (jobs: readonly JobRecord[], now: number): CompareRow[] => {
  const validators = Math.max(0, ...jobs.map((job) => job.validation_metrics?.length ?? 0));
  const validation = Array.from({ length: validators }, (_, index) =>
    lossRow(
      validators === 1 ? 'Validation loss' : `Validation loss ${index + 1}`,
      jobs.map((job) => validationLossOf(job, index)),
    ),
  );
  return [
    row(
      'Status',
      jobs.map((job) => statusLabel(job.status)),
    ),
    // The shortest is not the best: a job that ended early learned less.
    row(
      'Duration',
      jobs.map((job) => formatElapsed(elapsedOf(job, now))),
    ),
    lossRow('Training loss', jobs.map(trainingLossOf)),
    ...validation,
  ];
};

const textOf = (value: unknown): string =>
  value === undefined || value === null ? ABSENT : typeof value === 'string' ? value : JSON.stringify(value);

/** A row for each key of the maps. */
const rowsByKey = (maps: readonly (Readonly<Record<string, unknown>> | undefined)[]): CompareRow[] => {
  const entries = maps.map((map) => new Map(Object.entries(map ?? {})));
  const keys = [...new Set(entries.flatMap((map) => [...map.keys()]))].sort();
  return keys.map((key) => {
    const values = entries.map((map) => textOf(map.get(key)));
    return row(key, values, { code: true });
  });
};

const setupOf = (
  group: string,
  jobs: readonly JobRecord[],
  texts: Readonly<Record<string, Values>> = {},
): CompareRow[] => {
  const named = SETUP.filter(([name]) => name === group).map(([, label, valuesOf]) => {
    const shorten = label.endsWith('model') ? modelName : (value: string) => value;
    const values = jobs.map((job) => (valuesOf(job) ?? []).flatMap((value) => (value ? [shorten(value)] : [])));
    return row(
      label,
      values.map((all) => all.join('\n') || ABSENT),
      { code: true },
    );
  });
  const words = Object.entries(texts).map(([label, values = []]) => row(label, values.map(textOf)));
  return [...words, ...named].filter(({ values }) => values.some((value) => value !== ABSENT));
};

/** The properties of the jobs by group, without groups that have no value. */
export const compareJobs = (jobs: readonly JobRecord[], now: number): CompareGroup[] =>
  [
    { title: 'Outcome', rows: outcomeOf(jobs, now) },
    {
      title: 'Hyperparameters',
      rows: [
        ...rowsByKey(jobs.map((job) => job.hyper_parameters)),
        ...rowsByKey(jobs.map((job) => job.customization_config?.rft_config?.hyper_parameters)),
      ],
    },
    { title: 'Data', rows: setupOf('Data', jobs) },
    { title: 'Model', rows: setupOf('Model', jobs, { Type: jobs.map((job) => typeLabel(job.customization_type)) }) },
    { title: 'Setting', rows: setupOf('Setting', jobs, { Scope: jobs.map((job) => scopeLabel(job.scope)) }) },
    { title: 'Tags', rows: rowsByKey(jobs.map((job) => job.tags)) },
  ].filter(({ rows }) => rows.length > 0);
