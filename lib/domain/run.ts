/**
 * What a person who trains compares: a job as a run with named columns. The command line, the exports and the dashboard
 * use these names, orders and groups. A column is absent where the job has no such value, never zero.
 */
import type { JobRecord, MetricNumber } from './record.ts';
import { millisecondsBetween } from './time.ts';

/** A job, or the part of it that was read. */
export type Run = Partial<JobRecord> & {
  readonly job_arn: string;
  /** The last mean reward of the job's curve; no record has it. */
  readonly reward?: number;
};

/** A number where the text is one; a loss such as `NaN` stays text, so that it is never the best. */
export type RunValue = number | string | undefined;

/** Where a column's value is found: each source costs more to read than the one before. */
export type RunSource = 'summary' | 'record' | 'curves';

export interface RunColumn {
  readonly name: string;
  readonly source: RunSource;
  /** Which values are better; absent where none is: a short run is not a better one. */
  readonly better?: 'lower' | 'higher';
  readonly valueOf: (run: Run) => RunValue;
}

const numeric = (value: MetricNumber | null | undefined): RunValue => {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'number' || value.trim() !== '' ? Number(value) : NaN;
  return Number.isFinite(number) ? number : String(value);
};

/** The lowest loss of the job's validators. */
const validationLossOf = ({ validation_metrics: metrics }: Run): RunValue => {
  const values = (metrics ?? []).map(({ validation_loss: loss }) => numeric(loss));
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length > 0 ? Math.min(...numbers) : values[0];
};

const trainingLossOf = ({ training_metrics: metrics }: Run): RunValue => numeric(metrics?.training_loss);

const perplexity = (loss: RunValue): RunValue => (typeof loss === 'number' ? Math.exp(loss) : undefined);

/** Seconds from creation to end. */
const durationOf = ({ creation_time: from, end_time: to }: Run): RunValue => {
  const ms = from === undefined || to === undefined ? undefined : millisecondsBetween(from, to);
  return ms === undefined ? undefined : ms / 1000;
};

/** The location of the training data: a file, or the invocation logs of a distillation. */
export const trainingDataOf = ({ training_data_config: config }: Run): string | undefined =>
  config?.s3_uri ?? config?.invocation_logs_config?.invocation_log_source?.s3_uri;

/** The model part of an ARN: `amazon.nova-lite-v1:0:300k`; of a custom model its base and id. */
export const modelIdOf = (arn: string | undefined): string | undefined => arn?.slice(arn.indexOf('/') + 1);

type Columns = Readonly<Record<string, Omit<RunColumn, 'name'>>>;

const FIXED = {
  name: { source: 'summary', valueOf: (run) => run.job_name },
  status: { source: 'summary', valueOf: (run) => run.status },
  model: { source: 'summary', valueOf: (run) => modelIdOf(run.base_model_arn) },
  type: { source: 'summary', valueOf: (run) => run.customization_type },
  created: { source: 'summary', valueOf: (run) => run.creation_time },
  modified: { source: 'summary', valueOf: (run) => run.last_modified_time },
  ended: { source: 'summary', valueOf: (run) => run.end_time },
  duration_s: { source: 'summary', valueOf: durationOf },
  training_loss: { source: 'summary', better: 'lower', valueOf: trainingLossOf },
  validation_loss: { source: 'summary', better: 'lower', valueOf: validationLossOf },
  training_perplexity: { source: 'summary', better: 'lower', valueOf: (run) => perplexity(trainingLossOf(run)) },
  validation_perplexity: { source: 'summary', better: 'lower', valueOf: (run) => perplexity(validationLossOf(run)) },
  reward: { source: 'curves', better: 'higher', valueOf: (run) => run.reward },
  output_model: { source: 'summary', valueOf: (run) => run.output_model_name },
  data: { source: 'record', valueOf: trainingDataOf },
  id: { source: 'summary', valueOf: ({ job_arn: arn }) => arn.slice(arn.lastIndexOf('/') + 1) },
  account: { source: 'summary', valueOf: (run) => run.account_id },
  region: { source: 'summary', valueOf: (run) => run.region },
  failure: { source: 'summary', valueOf: (run) => run.failure_message },
} as const satisfies Columns;

/** The columns that every job may have, besides `hp.<name>` and `tag.<key>`. */
export const RUN_COLUMNS = Object.keys(FIXED) as readonly (keyof typeof FIXED)[];

/** Hyperparameters of both kinds: those of reinforcement fine-tuning stand under their own configuration. */
export const hyperParametersOf = (run: Run): Readonly<Record<string, MetricNumber | null>> =>
  ({ ...run.hyper_parameters, ...run.customization_config?.rft_config?.hyper_parameters }) as never;

const ownValue = <T>(values: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;

/** The column with this name: one of {@link RUN_COLUMNS}, `hp.<hyperparameter>` or `tag.<key>`; else undefined. */
export const runColumn = (name: string): RunColumn | undefined => {
  const { kind, key = '' } = /^(?<kind>hp|tag)\.(?<key>.+)$/su.exec(name)?.groups ?? {};
  if (kind === 'tag') return { name, source: 'summary', valueOf: (run) => ownValue(run.tags, key) };
  if (kind === 'hp')
    return { name, source: 'record', valueOf: (run) => numeric(ownValue(hyperParametersOf(run), key)) };
  const fixed = ownValue<Omit<RunColumn, 'name'>>(FIXED, name);
  return fixed && { name, ...fixed };
};

const rank = (value: RunValue): number => (value === undefined ? 2 : typeof value === 'number' ? 0 : 1);

/** Sorts runs by a column: numbers, then text, then absent values, in both directions. Equal ones keep their order. */
export const compareRuns =
  ({ valueOf }: RunColumn, direction: 'ascending' | 'descending') =>
  (left: Run, right: Run): number => {
    const [a, b] = [valueOf(left), valueOf(right)];
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    if (a === undefined || b === undefined || a === b) return 0;
    return a < b === (direction === 'ascending') ? -1 : 1;
  };

/** The best value of a column; undefined where the column has no better, or fewer than two numbers that differ. */
export const bestValue = ({ better, valueOf }: RunColumn, runs: readonly Run[]): number | undefined => {
  const values = runs.map(valueOf).filter((value) => typeof value === 'number');
  const lowest = values.reduce((least, value) => Math.min(least, value), Infinity);
  const highest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (better === undefined || !(lowest < highest)) return undefined;
  return better === 'lower' ? lowest : highest;
};

/** What runs are grouped by: `model`, `type`, `data`, `status`, `account`, `region`, `month`, or `tag:<key>`. */
export const RUN_GROUPS = ['model', 'type', 'data', 'status', 'account', 'region', 'month'] as const;

/** Whose value makes the group of a run, as a column; undefined for a group that does not exist. */
export const runGroup = (by: string): RunColumn | undefined => {
  if (by === 'month') return { name: by, source: 'summary', valueOf: (run) => run.creation_time?.slice(0, 7) };
  if (by.startsWith('tag:')) return runColumn(`tag.${by.slice('tag:'.length)}`);
  return (RUN_GROUPS as readonly string[]).includes(by) ? runColumn(by) : undefined;
};
