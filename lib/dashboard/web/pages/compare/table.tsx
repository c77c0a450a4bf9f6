import type { ComponentChildren, JSX } from 'preact';
import type { JobRecord } from '../../../../domain/record.ts';
import { useNow } from '../../api/clock.ts';
import { compareJobs, type CompareGroup, type CompareRow } from '../../logic/compare.ts';
import { BestIcon, CloseIcon } from '../../parts/icons.tsx';
import { JobLink } from '../../parts/job-link.tsx';
import { Card } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Ago } from '../../parts/time.tsx';

/** A, B, C…: stands for a job in the chart and in the table alike. */
export const letterOf = (index: number): string => String.fromCharCode(65 + index);

interface CompareTableProps {
  readonly jobs: readonly JobRecord[];
  readonly onlyDifferences: boolean;
  readonly toggle: ComponentChildren;
  /** The address of this page without that job. */
  readonly without: (jobArn: string) => string;
}

const Head = ({ jobs, without }: Pick<CompareTableProps, 'jobs' | 'without'>): JSX.Element => (
  <thead>
    <tr>
      <td />
      {jobs.map((job, index) => (
        <th key={job.job_arn} scope="col">
          <div class="compare-job">
            <span class={`letter series-${index + 1}`}>{letterOf(index)}</span>
            <JobLink job={job} />
            {jobs.length > 2 && (
              <a
                class="icon-button"
                href={without(job.job_arn)}
                aria-label={`Leave out ${job.job_name ?? job.job_arn}`}
                title="Leave out"
              >
                <CloseIcon />
              </a>
            )}
          </div>
          <div class="compare-job-facts muted">
            created <Ago time={job.creation_time} />
          </div>
        </th>
      ))}
    </tr>
  </thead>
);

const Cell = ({
  row,
  index,
  job,
}: {
  readonly row: CompareRow;
  readonly index: number;
  readonly job: JobRecord | undefined;
}): JSX.Element => {
  const value = row.values[index] ?? '';
  const best = row.best.includes(index);
  return (
    <td class={best ? 'compare-best' : ''}>
      {best && (
        <span class="best" title="The best of these">
          <BestIcon />
          <span class="sr-only">Best: </span>
        </span>
      )}
      {row.label === 'Status' && job !== undefined ? (
        <Status job={job} />
      ) : row.code ? (
        <code>{value}</code>
      ) : (
        <span class="number">{value}</span>
      )}
    </td>
  );
};

const Group = ({ group, jobs }: { readonly group: CompareGroup; readonly jobs: readonly JobRecord[] }): JSX.Element => (
  <tbody>
    <tr>
      <th colSpan={jobs.length + 1} scope="rowgroup" class="compare-group">
        {group.title}
      </th>
    </tr>
    {group.rows.map((row) => (
      <tr key={row.label} class={row.differs ? 'differs' : ''}>
        <th scope="row">
          {row.code && /^[a-z]/.test(row.label) ? <code>{row.label}</code> : row.label}
          {row.differs && (
            <span class="differs-mark" title="Differs">
              <span class="sr-only"> (differs)</span>
            </span>
          )}
        </th>
        {row.values.map((_, index) => (
          <Cell key={index} row={row} index={index} job={jobs[index]} />
        ))}
      </tr>
    ))}
  </tbody>
);

/** The jobs side by side, what differs marked, the best of each row too. */
export const CompareTable = ({ jobs, onlyDifferences, toggle, without }: CompareTableProps): JSX.Element => {
  const now = useNow(10_000);
  const groups = compareJobs(jobs, now)
    .map((group) => ({ ...group, rows: group.rows.filter((row) => !onlyDifferences || row.differs) }))
    .filter(({ rows }) => rows.length > 0);
  return (
    <Card title="Side by side" id="compare" actions={toggle} class="compare-card">
      <div class="scroll" role="group" aria-label="Jobs side by side" tabIndex={0}>
        <table class="table compare">
          <Head jobs={jobs} without={without} />
          {groups.map((group) => (
            <Group key={group.title} group={group} jobs={jobs} />
          ))}
        </table>
      </div>
      {groups.length === 0 && <p class="muted">These jobs differ in nothing that is compared.</p>}
    </Card>
  );
};
