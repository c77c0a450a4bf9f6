import type { JobRecord, MetricNumber } from '../../../domain/record.ts';
import { metricValue, rankRuns, runColumn, type RunColumn } from '../../../domain/run.ts';
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
const logsOf = (job: JobRecord): string | undefined =>
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

/** The loss of one validator. */
const validatorLoss = (index: number): RunColumn => ({
  name: 'validation_loss',
  source: 'record',
  better: 'lower',
  on: (run) => run.validation_data_config?.validators?.[index]?.s3_uri,
  valueOf: (run) => metricValue(run.validation_metrics?.[index]?.validation_loss),
});

/** Losses, with a best one where all jobs can be ranked. */
const lossRow = (label: string, column: RunColumn | undefined, jobs: readonly JobRecord[]): CompareRow => {
  const ranked = column === undefined ? [] : rankRuns(column, jobs);
  const [only] = ranked;
  const best = only?.runs.length === jobs.length ? only.best : [];
  return row(
    label,
    jobs.map((job) => formatLoss(column?.valueOf(job) as MetricNumber | undefined)),
    {
      best: best.map((job) => jobs.indexOf(job)),
      ...(ranked.length > 1 && { note: 'of different models or data' }),
    },
  );
};

const outcomeOf = (jobs: readonly JobRecord[], now: number): CompareRow[] => {
  const validators = Math.max(0, ...jobs.map((job) => job.validation_metrics?.length ?? 0));
  const validation = Array.from({ length: validators }, (_, index) =>
    lossRow(validators === 1 ? 'Validation loss' : `Validation loss ${index + 1}`, validatorLoss(index), jobs),
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
    lossRow('Training loss', runColumn('training_loss'), jobs),
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
