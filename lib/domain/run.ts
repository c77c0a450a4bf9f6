/**
 * What a person who trains compares: a job as a run with named columns. The command line, the exports and the dashboard
 * use these names, orders and groups. A column is absent where the job has no such value, never zero.
 */
import type { JobRecord } from './record.ts';
import { millisecondsBetween } from './time.ts';

/** A job, or the part of it that was read. */
export type Run = Partial<JobRecord> & {
  readonly job_arn: string;
  /** The last mean reward of the job's curve; no record has it. */
  readonly reward?: number;
};

/** What a job and the model that it made have in common, under the same names. */
export type Trained = Omit<Run, 'job_arn' | 'transitions'>;

/** What columns, and the comparison of their values, need of a record besides what the indexes carry. */
export const RUN_ATTRIBUTES = [
  'hyper_parameters',
  'training_data_config',
  'validation_data_config',
  'customization_config',
] as const satisfies readonly (keyof JobRecord)[];
export type RunAttribute = (typeof RUN_ATTRIBUTES)[number];

/** A number where the text is one; a loss such as `NaN` stays text, so that it is never the best. */
export type RunValue = number | string | undefined;

/** Where a column's value is found: each source costs more to read than the one before. */
export type RunSource = 'summary' | 'record' | 'curves';

/** A column of runs, or of other rows. */
export interface RunColumn<Row = Run> {
  readonly name: string;
  readonly source: RunSource;
  /** Which values are better; absent where none is: a short run is not a better one. */
  readonly better?: 'lower' | 'higher';
  /** What the value was measured on besides the model and type; undefined where that is not known. */
  readonly on?: (run: Row) => string | undefined;
  readonly valueOf: (run: Row) => RunValue;
}

/** A metric as a number, or as text where it is none. */
export const metricValue = (value: number | string | null | undefined): RunValue => {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'number' || value.trim() !== '' ? Number(value) : NaN;
  return Number.isFinite(number) ? number : String(value);
};

/** The lowest loss of the job's validators. */
const validationLossOf = ({ validation_metrics: metrics }: Run): RunValue => {
  const values = (metrics ?? []).map(({ validation_loss: loss }) => metricValue(loss));
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length > 0 ? Math.min(...numbers) : values[0];
};

const trainingLossOf = ({ training_metrics: metrics }: Run): RunValue => metricValue(metrics?.training_loss);

const perplexity = (loss: RunValue): RunValue => (typeof loss === 'number' ? Math.exp(loss) : undefined);

/** Seconds from creation to end. */
const durationOf = ({ creation_time: from, end_time: to }: Run): RunValue => {
  const ms = from === undefined || to === undefined ? undefined : millisecondsBetween(from, to);
  return ms === undefined ? undefined : ms / 1000;
};

/** The location of the training data: a file, or the invocation logs of a distillation. */
export const trainingDataOf = ({ training_data_config: config }: Trained): string | undefined =>
  config?.s3_uri ?? config?.invocation_logs_config?.invocation_log_source?.s3_uri;

/** The locations of the validation data, separated by commas. */
const validationDataOf = ({ validation_data_config: config }: Run): string | undefined =>
  config?.validators?.map(({ s3_uri: uri = '' }) => uri).join(', ') || undefined;

/** Whether a run was trained on this file, or on data below this location if it ends in a slash. */
export const isTrainedOn = (run: Run, location: string): boolean => {
  const data = trainingDataOf(run);
  return data === location || (location.endsWith('/') && data?.startsWith(location) === true);
};

/** A reward is a grader's word on the answers to the training data. */
const rewardedOn = (run: Run): string | undefined => {
  const grader = run.customization_config?.rft_config?.grader_config?.lambda_grader?.lambda_arn;
  const data = trainingDataOf(run);
  return grader === undefined || data === undefined ? undefined : `${data} ${grader}`;
};

/** The model part of an ARN: `amazon.nova-lite-v1:0:300k`; of a custom model its base and id. */
export const modelIdOf = (arn: string | undefined): string | undefined => arn?.slice(arn.indexOf('/') + 1);

type Columns = Readonly<Record<string, Omit<RunColumn, 'name'>>>;

const TRAINED = { better: 'lower', on: trainingDataOf } as const;
const VALIDATED = { better: 'lower', on: validationDataOf } as const;

const FIXED = {
  name: { source: 'summary', valueOf: (run) => run.job_name },
  status: { source: 'summary', valueOf: (run) => run.status },
  model: { source: 'summary', valueOf: (run) => modelIdOf(run.base_model_arn) },
  type: { source: 'summary', valueOf: (run) => run.customization_type },
  created: { source: 'summary', valueOf: (run) => run.creation_time },
  modified: { source: 'summary', valueOf: (run) => run.last_modified_time },
  ended: { source: 'summary', valueOf: (run) => run.end_time },
  duration_s: { source: 'summary', valueOf: durationOf },
  training_loss: { source: 'summary', ...TRAINED, valueOf: trainingLossOf },
  validation_loss: { source: 'summary', ...VALIDATED, valueOf: validationLossOf },
  training_perplexity: { source: 'summary', ...TRAINED, valueOf: (run) => perplexity(trainingLossOf(run)) },
  validation_perplexity: { source: 'summary', ...VALIDATED, valueOf: (run) => perplexity(validationLossOf(run)) },
  reward: { source: 'curves', better: 'higher', on: rewardedOn, valueOf: (run) => run.reward },
  output_model: { source: 'summary', valueOf: (run) => run.output_model_name },
  output_model_arn: { source: 'summary', valueOf: (run) => run.output_model_arn },
  data: { source: 'record', valueOf: trainingDataOf },
  validation_data: { source: 'record', valueOf: validationDataOf },
  id: { source: 'summary', valueOf: ({ job_arn: arn }) => arn.slice(arn.lastIndexOf('/') + 1) },
  account: { source: 'summary', valueOf: (run) => run.account_id },
  region: { source: 'summary', valueOf: (run) => run.region },
  failure: { source: 'summary', valueOf: (run) => run.failure_message },
  arn: { source: 'summary', valueOf: (run) => run.job_arn },
} as const satisfies Columns;

/** The columns that every job may have, besides `hp.<name>` and `tag.<key>`. */
export const RUN_COLUMNS = Object.keys(FIXED) as readonly (keyof typeof FIXED)[];

/** Hyperparameters of both kinds: those of reinforcement fine-tuning stand under their own configuration. */
export const hyperParametersOf = (run: Trained): Readonly<Record<string, string | number | null>> => ({
  ...run.hyper_parameters,
  ...run.customization_config?.rft_config?.hyper_parameters,
});

const ownValue = <T>(values: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;

/** The column with this name: one of {@link RUN_COLUMNS}, `hp.<hyperparameter>` or `tag.<key>`; else undefined. */
export const runColumn = (name: string): RunColumn | undefined => {
  const { kind, key = '' } = /^(?<kind>hp|tag)\.(?<key>.+)$/su.exec(name)?.groups ?? {};
  if (kind === 'tag') return { name, source: 'summary', valueOf: (run) => ownValue(run.tags, key) };
  if (kind === 'hp')
    return { name, source: 'record', valueOf: (run) => metricValue(ownValue(hyperParametersOf(run), key)) };
  const fixed = ownValue<Omit<RunColumn, 'name'>>(FIXED, name);
  return fixed && { name, ...fixed };
};

const rank = (value: RunValue): number => (value === undefined ? 2 : typeof value === 'number' ? 0 : 1);

/** Sorts rows by a column: numbers, then text, then absent values, in both directions. Equal ones keep their order. */
export const compareRuns =
  <Row>({ valueOf }: Pick<RunColumn<Row>, 'valueOf'>, direction: 'ascending' | 'descending') =>
  (left: Row, right: Row): number => {
    const [a, b] = [valueOf(left), valueOf(right)];
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    if (a === undefined || b === undefined || a === b) return 0;
    return a < b === (direction === 'ascending') ? -1 : 1;
  };

/** A value as one that a lower value beats; what is not finite loses against every number. */
const costOf = <R>({ better, valueOf }: RunColumn<R>, run: R): number => {
  const value = valueOf(run);
  if (typeof value !== 'number') return value === undefined ? NaN : Infinity;
  return better === 'higher' ? -value : value;
};

/** Runs whose values of a column can be ranked, and those of them with the best one. */
export interface RankedRuns<R> {
  readonly runs: readonly R[];
  readonly best: readonly R[];
}

/**
 * Completed runs of the same model, type and data, ranked by a column. A group in which a value is missing, or all are
 * equal, has no best. Needs the runs' records.
 */
export const rankRuns = <R extends Trained>(column: RunColumn<R>, runs: readonly R[]): RankedRuns<R>[] => {
  const { better, on } = column;
  if (better === undefined || on === undefined) return [];
  const measured = runs.filter((run) => run.status === 'Completed' && on(run) !== undefined);
  // Node.js 20 has no Map.groupBy.
  const groups = new Map<string, R[]>();
  for (const run of measured) {
    const key = JSON.stringify([modelIdOf(run.base_model_arn), run.customization_type, on(run)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()].map((group) => {
    const costs = group.map((run) => costOf(column, run));
    const least = costs.reduce((best, cost) => (cost < best || Number.isNaN(cost) ? cost : best), Infinity);
    const hasBest = !costs.every((cost) => cost === least);
    return { runs: group, best: hasBest ? group.filter((_, index) => costs[index] === least) : [] };
  });
};

/** The best runs of each group of {@link rankRuns}. */
export const bestRuns = <R extends Trained>(column: RunColumn<R>, runs: readonly R[]): R[] =>
  rankRuns(column, runs).flatMap(({ best }) => best);

/** What runs are grouped by: `model`, `type`, `data`, `status`, `account`, `region`, `month`, or `tag:<key>`. */
export const RUN_GROUPS = ['model', 'type', 'data', 'status', 'account', 'region', 'month'] as const;

/** Whose value makes the group of a run, as a column; undefined for a group that does not exist. */
export const runGroup = (by: string): RunColumn | undefined => {
  if (by === 'month') return { name: by, source: 'summary', valueOf: (run) => run.creation_time?.slice(0, 7) };
  if (by.startsWith('tag:')) return runColumn(`tag.${by.slice('tag:'.length)}`);
  return (RUN_GROUPS as readonly string[]).includes(by) ? runColumn(by) : undefined;
};
