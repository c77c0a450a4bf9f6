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
export const logsOf = (job: JobRecord): string | undefined =>
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

/** Positions of the lowest value; empty unless at least two differ. */
export const lowest = (values: readonly (number | undefined)[]): number[] => {
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const least = Math.min(...known);
  if (known.every((value) => value === least)) return [];
  return values.flatMap((value, index) => (value === least ? [index] : []));
};

const lossRow = (label: string, losses: readonly (MetricNumber | undefined)[]): CompareRow =>
  row(label, losses.map(formatLoss), { best: lowest(losses.map((loss) => Number(loss ?? NaN))) });

const outcomeOf = (jobs: readonly JobRecord[], now: number): CompareRow[] => {
  const elapsed = jobs.map((job) => elapsedOf(job, now));
  const completed = elapsed.map((ms, index) => (jobs[index]?.status === 'Completed' ? ms : undefined));
  const status = jobs.map((job) => statusLabel(job.status));
  const training = jobs.map((job) => job.training_metrics?.training_loss);
  const validators = Math.max(0, ...jobs.map((job) => job.validation_metrics?.length ?? 0));
  const validation = Array.from({ length: validators }, (_, index) => {
    const losses = jobs.map((job) => job.validation_metrics?.[index]?.validation_loss);
    return lossRow(validators === 1 ? 'Validation loss' : `Validation loss ${index + 1}`, losses);
  });
  return [
    row('Status', status),
    row('Duration', elapsed.map(formatElapsed), { best: lowest(completed) }),
    lossRow('Training loss', training),
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
