import {
  hyperParametersOf,
  type Run,
  RUN_COLUMNS,
  RUN_GROUPS,
  type RunColumn,
  runColumn,
  type RunValue,
} from '../../../../domain/run.ts';
import {
  ABSENT,
  formatElapsed,
  formatLoss,
  shortModelName,
  statusLabel,
  typeLabel,
  utcTime,
} from '../../logic/format.ts';

const LABELS: Readonly<Record<(typeof RUN_COLUMNS)[number], string>> = {
  name: 'Job',
  status: 'Status',
  model: 'Base model',
  type: 'Type',
  created: 'Created',
  modified: 'Last change',
  ended: 'Ended',
  duration_s: 'Duration',
  training_loss: 'Training loss',
  validation_loss: 'Validation loss',
  training_perplexity: 'Training perplexity',
  validation_perplexity: 'Validation perplexity',
  reward: 'Reward',
  output_model: 'Model made',
  output_model_arn: 'ARN of the model',
  data: 'Data set',
  validation_data: 'Validation data',
  id: 'Id',
  account: 'Account',
  region: 'Region',
  failure: 'Failure',
  arn: 'ARN',
};

/** A column's heading. Hyperparameters and tags keep the user's own words. */
export const columnLabel = (name: string): string =>
  Object.hasOwn(LABELS, name)
    ? LABELS[name as keyof typeof LABELS]
    : name.replace(/^hp\./, '').replace(/^tag\./, 'tag ');

/** A group's heading: `tag:team` as `tag team`, `month` as `Month`. */
export const groupLabel = (by: string): string =>
  by === 'month' ? 'Month created' : by.startsWith('tag:') ? `tag ${by.slice('tag:'.length)}` : columnLabel(by);

/** Most that a choice offers: a table with thousands of tag keys cannot be chosen from. */
const MOST_NAMES = 200;

/** The names that the runs have, most frequent first. */
const namesIn = (runs: readonly Run[], namesOf: (run: Run) => readonly string[]): string[] => {
  const counts = new Map<string, number>();
  for (const run of runs) for (const name of namesOf(run)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_NAMES)
    .map(([name]) => name);
};

export interface ColumnChoice {
  readonly title: string;
  readonly names: readonly string[];
}

const IS_RATE = /^learning_?rate$/i;

const RESULTS = [
  'training_loss',
  'validation_loss',
  'training_perplexity',
  'validation_perplexity',
  'reward',
  'duration_s',
  'output_model',
];

/** The columns that these runs can show, by subject. */
export const columnChoices = (runs: readonly Run[]): ColumnChoice[] => {
  const parameters = namesIn(runs, (run) => Object.keys(hyperParametersOf(run)))
    // What people vary most.
    .sort((a, b) => Number(IS_RATE.test(b)) - Number(IS_RATE.test(a)))
    .map((name) => `hp.${name}`);
  const tags = namesIn(runs, (run) => Object.keys(run.tags ?? {})).map((key) => `tag.${key}`);
  const job = RUN_COLUMNS.filter((name) => name !== 'name' && !RESULTS.includes(name));
  return [
    { title: 'Results', names: RESULTS },
    { title: 'Hyperparameters', names: parameters },
    { title: 'Tags', names: tags },
    { title: 'Job', names: job },
  ].filter(({ names }) => names.length > 0);
};

/** What these runs can be grouped by. */
export const groupChoices = (runs: readonly Run[]): string[] => [
  ...RUN_GROUPS,
  ...namesIn(runs, (run) => Object.keys(run.tags ?? {})).map((key) => `tag:${key}`),
];

const MOST_PARAMETERS = 4;

/** The usual columns: the results that some run has, the commonest hyperparameters, and the setup. */
export const usualColumns = (runs: readonly Run[]): string[] => {
  const has = (name: string): boolean => {
    const column = runColumn(name);
    return column !== undefined && runs.some((run) => column.valueOf(run) !== undefined);
  };
  const parameters = columnChoices(runs).find(({ title }) => title === 'Hyperparameters')?.names ?? [];
  const results = ['training_loss', 'validation_loss'].filter(has);
  return [...results, ...parameters.slice(0, MOST_PARAMETERS), 'model', 'data', 'duration_s', 'created'];
};

/** The columns with these names. */
export const columnsOf = (names: readonly string[]): RunColumn[] => names.flatMap((name) => runColumn(name) ?? []);

/** Numbers of hyperparameters as people write them: 1e-5, 0.02, 3. */
const formatNumber = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3
    ? Number(value.toPrecision(6)).toExponential()
    : String(Number(value.toPrecision(6)));

/** Enough of a location to tell it apart: files of different data sets have the same name. */
const lastParts = (uri: string): string =>
  uri
    .replace(/^s3:\/\//, '')
    .split('/')
    .filter(Boolean)
    .slice(-3)
    .join('/');

const TEXTS: Readonly<Record<string, (value: string) => string>> = {
  model: shortModelName,
  status: statusLabel,
  type: typeLabel,
  created: utcTime,
  modified: utcTime,
  ended: utcTime,
  data: lastParts,
  validation_data: (uris) => uris.split(', ').map(lastParts).join(', '),
};

/** A value of a column for a person. */
export const formatValue = (name: string, value: RunValue): string => {
  if (value === undefined) return ABSENT;
  if (typeof value === 'string') return Object.hasOwn(TEXTS, name) ? (TEXTS[name]?.(value) ?? value) : value;
  if (name === 'duration_s') return formatElapsed(value * 1000);
  return name.startsWith('hp.') ? formatNumber(value) : formatLoss(value);
};
