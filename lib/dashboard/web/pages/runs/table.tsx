import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { RunColumn } from '../../../../domain/run.ts';
import type { RunDetails } from '../../../api.ts';
import { comparePath, MOST_COMPARED } from '../../logic/addresses.ts';
import { formatCount } from '../../logic/format.ts';
import { Best } from '../../parts/controls.tsx';
import { JobLink, nameOf, Status, StatusIcon } from '../../parts/job.tsx';
import type { Selection } from '../jobs/selection.tsx';
import { columnLabel, formatValue } from './columns.ts';
import { type Marks, type Row, type RunGroupRows, spreadOf } from './rows.ts';
import { dataPath, type RunsView } from './view.ts';
import { Button } from '../../parts/page.tsx';

type Group = RunGroupRows<RunDetails>;

interface TableProps {
  readonly view: RunsView;
  readonly columns: readonly RunColumn[];
  readonly rows: readonly Row<RunDetails>[];
  /** The best values of each group. */
  readonly marks: ReadonlyMap<string, Marks>;
  readonly folded: ReadonlySet<string>;
  readonly selection: Selection;
  readonly onSort: (sort: string | undefined, descending: boolean) => void;
  readonly onFold: (group: string) => void;
  readonly onChart: (group: string) => void;
}

const isNumeric = ({ name, better }: RunColumn): boolean =>
  better !== undefined || name === 'duration_s' || name.startsWith('hp.');

/** Sorts by a column: first its better values, then the others, then as loaded. */
const Heading = ({ column, view, onSort }: Pick<TableProps, 'view' | 'onSort'> & { readonly column: RunColumn }) => {
  const isSorted = view.sort === column.name;
  const descending = view.descending === true;
  const first = column.better === 'higher';
  const next = () => {
    if (!isSorted) onSort(column.name, first);
    else if (descending === first) onSort(column.name, !first);
    else onSort(undefined, false);
  };
  return (
    <th
      scope="col"
      class={`${isNumeric(column) ? 'right' : ''} ${column.name === 'name' ? 'runs-name' : ''}`}
      aria-sort={isSorted ? (descending ? 'descending' : 'ascending') : 'none'}
    >
      <Button class="runs-sort" title={`Sort by ${column.name}`} onClick={next}>
        {columnLabel(column.name)}
        <span class="runs-arrow" aria-hidden="true">
          {isSorted ? (descending ? '↓' : '↑') : ''}
        </span>
      </Button>
    </th>
  );
};

const Value = ({ column, run }: { readonly column: RunColumn; readonly run: RunDetails }): JSX.Element => {
  const value = column.valueOf(run);
  const text = formatValue(column.name, value);
  if (column.name === 'status') return <Status job={run} />;
  if (column.name === 'data' && typeof value === 'string') {
    return (
      <a class="truncate" href={dataPath(value)} title={value}>
        {text}
      </a>
    );
  }
  return (
    <span class="truncate" title={text === value ? (text.length > 24 ? text : undefined) : String(value ?? '')}>
      {text}
    </span>
  );
};

interface RunRowProps extends Pick<TableProps, 'columns' | 'selection'> {
  readonly run: RunDetails;
  readonly marked: Marks | undefined;
}

const RunRow = ({ run, columns, selection, marked }: RunRowProps) => {
  const { chosen, isFull, toggle } = selection;
  const isChosen = chosen.has(run.job_arn);
  return (
    <tr class={isChosen ? 'runs-chosen' : ''} data-arn={run.job_arn}>
      <td class="runs-select">
        <input
          type="checkbox"
          aria-label={`Select ${nameOf(run)}`}
          checked={isChosen}
          disabled={isFull && !isChosen}
          onChange={() => toggle(run.job_arn)}
        />
      </td>
      <th scope="row" class="runs-name">
        <span class="row">
          <StatusIcon status={run.status} />
          <JobLink job={run} />
        </span>
      </th>
      {columns.map((column) => {
        const mark = marked?.get(column.name)?.get(run);
        return (
          <td
            key={column.name}
            class={`${isNumeric(column) ? 'right number' : ''} ${mark === undefined ? '' : 'runs-best'}`}
          >
            {mark !== undefined && <Best title={mark} />}
            <Value column={column} run={run} />
          </td>
        );
      })}
    </tr>
  );
};

/** The jobs to compare: the first of the group, as many as fit. */
const comparedOf = ({ runs }: Group): string[] => runs.slice(0, MOST_COMPARED).map(({ job_arn: arn }) => arn);

const GroupRow = ({ group, props }: { readonly group: Group; readonly props: TableProps }): JSX.Element => {
  const { columns, folded, onFold, onChart } = props;
  const isOpen = !folded.has(group.key);
  // A group may have all runs of the table.
  const spreads = useMemo(() => columns.map((column) => spreadOf(column, group.runs)), [columns, group]);
  return (
    <tr class="runs-group">
      <th colSpan={2} scope="rowgroup" class="runs-name">
        <Button class="runs-fold" aria-expanded={isOpen} title={group.key.slice(1)} onClick={() => onFold(group.key)}>
          <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
          <span class="truncate">{group.label}</span>
        </Button>
        <span class="runs-group-facts muted">
          {formatCount(group.runs.length, 'run')}
          {group.runs.length > 1 && (
            <>
              <Button class="link-button" aria-label={`Chart ${group.label}`} onClick={() => onChart(group.key)}>
                Chart
              </Button>
              <a href={comparePath(comparedOf(group))}>
                {group.runs.length > MOST_COMPARED ? `Compare first ${MOST_COMPARED}` : 'Compare'}
                <span class="sr-only"> of {group.label}</span>
              </a>
            </>
          )}
        </span>
      </th>
      {columns.map((column, index) => {
        const { text, best } = spreads[index] ?? { text: '' };
        return (
          <td key={column.name} class={isNumeric(column) ? 'right number' : ''}>
            {best !== undefined && (
              <div class="runs-best">
                <Best title={best.among} />
                {best.text}
              </div>
            )}
            <div class="muted small truncate">{text}</div>
          </td>
        );
      })}
    </tr>
  );
};

const NAME: RunColumn = { name: 'name', source: 'summary', valueOf: (run) => run.job_name };

/** Runs as rows. It scrolls both ways, so that headings and names stay in sight. */
export const RunsTable = (props: TableProps): JSX.Element => {
  const { columns, rows, marks, selection } = props;
  return (
    <div class="card scroll runs-scroll" role="group" aria-label="Runs, scrollable" tabIndex={0}>
      <table class="table runs">
        <thead>
          <tr>
            <td class="runs-select" />
            {[NAME, ...columns].map((column) => (
              <Heading key={column.name} column={column} {...props} />
            ))}
          </tr>
        </thead>
        {[...Map.groupBy(rows, ({ group }) => group.key)].map(([key, grouped]) => (
          <tbody key={key}>
            {grouped.map(({ group, run }) =>
              run === undefined ? (
                <GroupRow key="group" group={group} props={props} />
              ) : (
                <RunRow key={run.job_arn} run={run} columns={columns} selection={selection} marked={marks.get(key)} />
              ),
            )}
          </tbody>
        ))}
      </table>
    </div>
  );
};
