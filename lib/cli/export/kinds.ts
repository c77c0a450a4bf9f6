import { JOBS_TABLE, MODELS_TABLE } from '../../contract.ts';
import type { ModelSummary, UseRules } from '../../domain/idle.ts';
import { type Run, type RunColumn, runColumn, type Trained } from '../../domain/run.ts';
import { MODEL_COLUMNS, modelColumn, modelRow, type ModelRow } from '../models/columns.ts';
import { ATTRIBUTES, type ColumnTypes, type Exported, MODEL_ATTRIBUTES } from './columns.ts';

/** One kind of records, as an export writes them. */
export interface ExportKind<Row extends Trained> {
  readonly noun: 'job' | 'model';
  readonly table: typeof JOBS_TABLE | typeof MODELS_TABLE;
  /** All attributes with their types; the first is the table's key. */
  readonly attributes: ColumnTypes;
  /** Names of the columns of flat CSV before those of hyperparameters and tags, and after them. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly columnOf: (name: string) => RunColumn<Row> | undefined;
  readonly rowOf: (record: Exported) => Row;
}

export const JOBS: ExportKind<Run> = {
  noun: 'job',
  table: JOBS_TABLE,
  attributes: ATTRIBUTES,
  before: ['name', 'status', 'model', 'type', 'created', 'ended', 'duration_s', 'training_loss', 'validation_loss'],
  after: [
    ...['data', 'validation_data', 'output_model', 'output_model_arn', 'failure'],
    ...['account', 'region', 'id', 'arn', 'modified'],
  ],
  columnOf: runColumn,
  rowOf: (record) => record as Run,
};

export const modelsBy = (rules: UseRules): ExportKind<ModelRow> => ({
  noun: 'model',
  table: MODELS_TABLE,
  attributes: MODEL_ATTRIBUTES,
  before: MODEL_COLUMNS,
  after: [],
  columnOf: modelColumn,
  rowOf: (record) => modelRow(record as unknown as ModelSummary, rules),
});
