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
  /** One a job, in their order. */
  readonly values: readonly string[];
  readonly differs: boolean;
  /** Positions of the best values; empty where none is better. */
  readonly best: readonly number[];
  /** True for what is copied rather than read. */
  readonly code: boolean;
}

export interface CompareGroup {
  readonly title: string;
  readonly rows: readonly CompareRow[];
}

/** Two texts are one value where they are one number: Bedrock writes 1.0E-5 where a person wrote 0.00001. */
const sameValue = (a: string, b: string): boolean =>
  a === b || (a.trim() !== '' && b.trim() !== '' && Number(a) === Number(b));

const row = (
  label: string,
  values: readonly string[],
  { best = [], code = false }: Partial<CompareRow> = {},
): CompareRow => ({
  label,
  values,
  differs: values.some((value) => !sameValue(value, values[0] ?? '')),
  best,
  code,
});

/** Positions of the lowest, where at least two can be compared and they are not all as good. */
export const lowest = (values: readonly (number | undefined)[]): number[] => {
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const least = Math.min(...known);
  if (known.every((value) => value === least)) return [];
  return values.flatMap((value, index) => (value === least ? [index] : []));
};

const finite = (loss: MetricNumber | undefined): number | undefined => {
  const value = Number(loss ?? NaN);
  return Number.isFinite(value) ? value : undefined;
};

const lossRow = (label: string, losses: readonly (MetricNumber | undefined)[]): CompareRow =>
  row(label, losses.map(formatLoss), { best: lowest(losses.map(finite)) });

const outcome = (jobs: readonly JobRecord[], now: number): CompareRow[] => {
  const elapsed = jobs.map((job) => elapsedOf(job, now));
  const completed = jobs.map((job, index) => (job.status === 'Completed' ? elapsed[index] : undefined));
  const validators = Math.max(0, ...jobs.map((job) => job.validation_metrics?.length ?? 0));
  return [
    row(
      'Status',
      jobs.map((job) => statusLabel(job.status)),
    ),
    row('Duration', elapsed.map(formatElapsed), { best: lowest(completed) }),
    lossRow(
      'Training loss',
      jobs.map((job) => job.training_metrics?.training_loss),
    ),
    ...Array.from({ length: validators }, (_, index) =>
      lossRow(
        validators === 1 ? 'Validation loss' : `Validation loss ${index + 1}`,
        jobs.map((job) => job.validation_metrics?.[index]?.validation_loss),
      ),
    ),
  ];
};

const keyed = (maps: readonly (Readonly<Record<string, unknown>> | undefined)[]): CompareRow[] => {
  const keys = [...new Set(maps.flatMap((map) => Object.keys(map ?? {})))].sort();
  return keys.map((key) =>
    row(
      key,
      maps.map((map) => {
        const value = Object.hasOwn(map ?? {}, key) ? map?.[key] : undefined;
        return value === undefined || value === null
          ? ABSENT
          : typeof value === 'string'
            ? value
            : JSON.stringify(value);
      }),
      { code: true },
    ),
  );
};

const TEXTS: readonly (readonly [
  group: string,
  label: string,
  code: boolean,
  of: (job: JobRecord) => string | undefined,
])[] = [
  ['Data', 'Training data', true, (job) => job.training_data_config?.s3_uri ?? logsOf(job)],
  [
    'Data',
    'Validation data',
    true,
    (job) => job.validation_data_config?.validators?.map(({ s3_uri }) => s3_uri).join('\n'),
  ],
  ['Data', 'Output', true, (job) => job.output_data_config?.s3_uri],
  ['Model', 'Base model', true, (job) => job.base_model_arn && modelName(job.base_model_arn)],
  ['Model', 'Type', false, (job) => job.customization_type && typeLabel(job.customization_type)],
  [
    'Model',
    'Teacher model',
    true,
    (job) => modelOf(job.customization_config?.distillation_config?.teacher_model_config?.teacher_model_identifier),
  ],
  ['Model', 'Grader', true, (job) => job.customization_config?.rft_config?.grader_config?.lambda_grader?.lambda_arn],
  ['Setting', 'Scope', false, (job) => scopeLabel(job.scope)],
  ['Setting', 'Role', true, (job) => job.role_arn],
  ['Setting', 'KMS key', true, (job) => job.output_model_kms_key_arn],
  ['Setting', 'Subnets', true, (job) => job.vpc_config?.subnet_ids?.join('\n')],
];

const modelOf = (identifier: string | undefined): string | undefined => identifier && modelName(identifier);
const logsOf = (job: JobRecord): string | undefined =>
  job.training_data_config?.invocation_logs_config?.invocation_log_source?.s3_uri;

const texts = (group: string, jobs: readonly JobRecord[]): CompareRow[] =>
  TEXTS.filter(([name]) => name === group)
    .map(([, label, code, of]) =>
      row(
        label,
        jobs.map((job) => of(job) || ABSENT),
        { code },
      ),
    )
    .filter(({ values }) => values.some((value) => value !== ABSENT));

/** What the jobs have in common and what not, by group; groups without any value are left out. */
export const compareJobs = (jobs: readonly JobRecord[], now: number): CompareGroup[] =>
  [
    { title: 'Outcome', rows: outcome(jobs, now) },
    {
      title: 'Hyperparameters',
      rows: [
        ...keyed(jobs.map((job) => job.hyper_parameters)),
        ...keyed(jobs.map((job) => job.customization_config?.rft_config?.hyper_parameters)),
      ],
    },
    { title: 'Data', rows: texts('Data', jobs) },
    { title: 'Model', rows: texts('Model', jobs) },
    { title: 'Setting', rows: texts('Setting', jobs) },
    { title: 'Tags', rows: keyed(jobs.map((job) => job.tags)) },
  ].filter(({ rows }) => rows.length > 0);
