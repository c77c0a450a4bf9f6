import { InvalidArgumentError } from 'commander';
import { runColumn, RUN_COLUMNS, RUN_GROUPS, type RunColumn, runGroup, type RunValue } from '../../domain/run.ts';
import { oneLine } from '../../domain/text.ts';
import { didYouMean, nearNames, plainName } from '../../operator/near-names.ts';

/**
 * Hyperparameters that Bedrock documents, so that `learningRate` means `hp.learningRate`:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/custom-models-hp.html (November 2026).
 */
const HYPER_PARAMETERS = [
  'batchSize',
  'earlyStoppingPatience',
  'earlyStoppingThreshold',
  'epochCount',
  'evalPercentage',
  'learningRate',
  'learningRateMultiplier',
  'learningRateWarmupSteps',
  'stepCount',
];

const LONGEST_QUOTE = 60;

const withKind = (name: string): string => (HYPER_PARAMETERS.includes(name) ? `hp.${name}` : name);

/** `tags.team`, `tag:team`, `hyper_parameters.epochCount`: other ways to write such a column. */
const PREFIXED = /^(?<kind>hp|tag)[a-z_]*[.:=](?<key>.+)$/isu;
const SPELLINGS = /^(?:hyper_?parameters?)[.:=]/i;

type Direction = 'ascending' | 'descending';

/** A column to sort by, and the direction that was asked for. */
export interface Sorting<Column = RunColumn> {
  readonly column: Column;
  readonly direction?: Direction;
}

/** How people name columns: separated by commas, or one to sort by. */
export interface ColumnReaders<Column> {
  readonly readColumns: (text: string, before?: readonly Column[]) => readonly Column[];
  readonly readSorting: (text: string) => Sorting<Column>;
}

/** How people name the columns of one kind of rows. `columnOf` knows the exact names. */
export const columnReaders = <Column extends { readonly name: string }>(
  names: readonly string[],
  columnOf: (name: string) => Column | undefined,
) => {
  /** The names in help texts. */
  const columnNames = [...names, 'hp.<hyperparameter>', 'tag.<key>'].join(', ');
  const known = [...names, ...HYPER_PARAMETERS];

  /**
   * The column that a person means by a text: its exact name, its name in other letters (`validation-loss`), a unique
   * beginning of it (`dur`), or a documented hyperparameter without its `hp.`
   *
   * @throws InvalidArgumentError with the near names
   */
  const findColumn = (text: string): Column => {
    const name = text.trim().replace(SPELLINGS, 'hp.');
    const exact = columnOf(name);
    if (exact !== undefined) return exact;
    const { kind, key } = PREFIXED.exec(name)?.groups ?? {};
    const plain = kind === undefined ? plainName(name, known) : `${kind.toLowerCase()}.${key}`;
    const column = plain === undefined ? undefined : columnOf(withKind(plain));
    if (column !== undefined) return column;
    const near = nearNames(name, known).map(withKind);
    const quoted = oneLine(text, LONGEST_QUOTE);
    throw new InvalidArgumentError(`"${quoted}" is not a column.${didYouMean(near)} The columns are ${columnNames}.`);
  };

  /** Reads names separated by commas; each column counts once. The option may be given several times. */
  const readColumns = (text: string, before: readonly Column[] = []): readonly Column[] => {
    const columns = text.split(',').filter((name) => name.trim() !== '');
    if (columns.length === 0) throw new InvalidArgumentError(`Name at least one of ${columnNames}.`);
    const all = [...before, ...columns.map(findColumn)];
    return all.filter(({ name }, index) => all.findIndex((each) => each.name === name) === index);
  };

  /** Reads a column to sort by: `-reward` is descending, `+reward` ascending. */
  const readSorting = (text: string): Sorting<Column> => {
    const { sign, name = '' } = /^(?<sign>[+-]?)(?<name>.*)$/su.exec(text)?.groups ?? {};
    const column = findColumn(name);
    return { column, ...(sign !== '' && { direction: sign === '-' ? 'descending' : 'ascending' }) };
  };

  return { columnNames, findColumn, readColumns, readSorting };
};

export const {
  columnNames: COLUMN_NAMES,
  findColumn,
  readColumns,
  readSorting,
} = columnReaders<RunColumn>(RUN_COLUMNS, runColumn);

const TIMES: ReadonlySet<string> = new Set([
  ...['created', 'modified', 'ended', 'last_used', 'unused_since', 'commitment_end', 'orphaned_since'],
  ...['missing_since', 'untracked_since'],
]);

/** Whether a column is a time. */
export const isTime = ({ name }: Pick<RunColumn, 'name'>): boolean => TIMES.has(name);

/** Amounts, the largest of which counts most. */
const AMOUNT = /^duration_s$|_usd$|_months$|^(?:idle_)?unit_hours/;

/** The better value first where one is better; the newest time, but the next end; the largest amount. */
export const directionOf = ({ column, direction }: Sorting<Pick<RunColumn, 'name' | 'better'>>): Direction => {
  if (direction !== undefined) return direction;
  const isNewestFirst = isTime(column) && column.name !== 'commitment_end';
  return column.better === 'higher' || isNewestFirst || AMOUNT.test(column.name) ? 'descending' : 'ascending';
};

/** Reads what to group by: `model`, `month`, `tag:team` and so on. */
export const readGroup = (text: string): string => {
  const name = text.trim().replace(/^tags?[.=:]/i, 'tag:');
  if (runGroup(name) !== undefined) return name;
  const plain = plainName(name, RUN_GROUPS);
  if (plain !== undefined) return plain;
  const near = /^(?:tag:?)?$/i.test(name)
    ? []
    : [...nearNames(name, RUN_GROUPS), `tag:${oneLine(name, LONGEST_QUOTE)}`];
  const quoted = oneLine(text, LONGEST_QUOTE);
  throw new InvalidArgumentError(
    `"${quoted}" is not a group.${didYouMean(near)} The groups are ${RUN_GROUPS.join(', ')}, tag:<key>.`,
  );
};

/** The values of a run under the names of these columns; a column without a value is left out. */
export const runDocument = <Row>(run: Row, columns: readonly RunColumn<Row>[]): Readonly<Record<string, RunValue>> =>
  Object.fromEntries(columns.map(({ name, valueOf }) => [name, valueOf(run)]));
