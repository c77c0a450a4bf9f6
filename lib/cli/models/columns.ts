import { type ModelSummary, type ModelUse, modelUse, sumIdle, type UseRules } from '../../domain/idle.ts';
import type { ModelRecord } from '../../domain/model-record.ts';
import { type RunColumn, runColumn, type RunValue } from '../../domain/run.ts';
import { compareText, pluralize } from '../../domain/text.ts';
import { columnReaders } from '../runs/columns.ts';

/** A model, or the part of it that was read, and how it is used. */
export type ModelRow = Omit<Partial<ModelRecord>, 'transitions'> & ModelSummary & { readonly use: ModelUse };

export const modelRow = (model: ModelSummary, rules: UseRules): ModelRow => ({ ...model, use: modelUse(model, rules) });

/** The names of a model and of what serves or served it. */
export const namesOf = ({ model_name: name, deployments = [], provisioned_throughputs = [] }: ModelSummary): string[] =>
  [{ name }, ...deployments, ...provisioned_throughputs].flatMap((each) => each.name ?? []);

/** Hours to a tenth, dollars to a cent; nothing in place of 0. */
const rounded = (amount: number | undefined, digits: number): RunValue =>
  amount === undefined || amount === 0 ? undefined : Number(amount.toFixed(digits));

/** "2 throughputs, 1 deployment" */
const servedBy = ({ use: { serving } }: ModelRow): RunValue => {
  const counted = (['throughput', 'deployment'] as const).flatMap((kind) => {
    const count = serving.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : [pluralize(count, kind)];
  });
  return counted.join(', ') || undefined;
};

const stateOf = ({ use: { serving, orphaned } }: ModelRow): RunValue =>
  orphaned === undefined
    ? (['idle', 'unknown', 'used'] as const).find((state) => serving.some((each) => each.state === state))
    : 'orphaned';

const firstEnd = ({ use: { serving } }: ModelRow): RunValue =>
  serving.flatMap(({ entry }) => entry.commitment_expiration_time ?? []).sort(compareText)[0];

const sums = ({ use }: ModelRow) => sumIdle([use]);

/** The columns of the table of models, and after them those for which a model's record is read. */
const OWN: Readonly<Record<string, (row: ModelRow) => RunValue>> = {
  name: (row) => row.model_name,
  serving: servedBy,
  use: stateOf,
  idle_unit_hours: (row) => rounded(sums(row).idle.amount, 1),
  idle_usd: (row) => rounded(sums(row).idle.usd, 2),
  orphaned_since: ({ use }) => use.orphaned?.since,
  orphaned_months: (row) => rounded(sums(row).orphaned.amount, 1),
  orphaned_usd: (row) => rounded(sums(row).orphaned.usd, 2),
  commitment_end: firstEnd,
  last_used: (row) => row.last_used_at,
  status: (row) => row.status,
  unit_hours_a_day: (row) =>
    rounded(
      row.use.serving.reduce((sum, { unitHoursADay }) => sum + unitHoursADay, 0),
      1,
    ),
  id: ({ model_arn: arn }) => arn.slice(arn.lastIndexOf('/') + 1),
  arn: (row) => row.model_arn,
  job_arn: (row) => row.job_arn,
};
/** Columns of jobs that models have under the same names of attributes: the indexes carry these, records the others. */
const INDEXED = ['model', 'type', 'created', 'account', 'region'];
const RECORDED = ['training_loss', 'validation_loss', 'data', 'validation_data', 'failure'];

export const MODEL_COLUMNS: readonly string[] = [...Object.keys(OWN), ...INDEXED, ...RECORDED];

/** The column with this name: one of {@link MODEL_COLUMNS}, `hp.<hyperparameter>` or `tag.<key>`; else undefined. */
export const modelColumn = (name: string): RunColumn<ModelRow> | undefined => {
  const valueOf = Object.hasOwn(OWN, name) ? OWN[name] : undefined;
  if (valueOf !== undefined) return { name, source: 'summary', valueOf };
  if (!INDEXED.includes(name) && !RECORDED.includes(name) && !/^(?:hp|tag)\../.test(name)) return undefined;
  const isIndexed = INDEXED.includes(name) || name.startsWith('tag.');
  // None of them reads the job's ARN, which a model may not have.
  const shared = runColumn(name) as RunColumn<ModelRow> | undefined;
  return shared && { ...shared, source: isIndexed ? 'summary' : 'record' };
};

export const modelColumns = columnReaders<RunColumn<ModelRow>>(MODEL_COLUMNS, modelColumn);
