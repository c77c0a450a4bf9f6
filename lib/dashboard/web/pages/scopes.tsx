import type { JSX } from 'preact';
import { commandText } from '../../../domain/command-text.ts';
import type { ScopeGroup, ScopeRow, ScopesAnswer } from '../../api.ts';
import { usePolled, useSession } from '../api/hooks.ts';
import { API } from '../api/http.ts';
import { jobsPath } from '../logic/addresses.ts';
import { ABSENT, formatCount, scopeLabel } from '../logic/format.ts';
import { Code, Table } from '../parts/controls.tsx';
import { Empty, Page, Problem, Skeleton } from '../parts/page.tsx';
import { Ago } from '../parts/time.tsx';
import { GroupFilters, useGroups } from './groups.tsx';

const GROUPS: readonly (readonly [group: ScopeGroup, name: string, rule: string, tone: string])[] = [
  ['failing', 'Failing', 'the last sweep failed', 'tone-failed'],
  ['late', 'Late', 'their sweep is overdue', 'tone-stopping'],
  ['active', 'Active', 'jobs are running', ''],
  ['idle', 'Idle', 'had jobs before', ''],
  ['empty', 'Empty', 'never had a job', ''],
  ['released', 'Released', 'their spoke fell silent', ''],
];
const COLUMNS = ['Scope', 'State', 'Last sweep', 'Next sweep', 'Heartbeat', 'Trail'] as const;

/** Whether CloudTrail tells of jobs. Where there never was a job, nobody knows. */
const trailOf = ({ creation_told_at: told, state }: ScopeRow): string =>
  told !== undefined ? 'seen' : state === 'empty' || state === 'released' ? ABSENT : 'not seen';

const Row = ({ row }: { readonly row: ScopeRow }): JSX.Element => (
  <tr>
    <th scope="row">
      <a class="job-link" href={jobsPath({ scope: row.scope })} title={`Jobs of ${row.scope}`}>
        {scopeLabel(row.scope)}
      </a>
      {row.failing_since !== undefined && (
        <p class="scope-error small" title={row.error}>
          <strong class="tone-failed">
            First failed <Ago time={row.failing_since} />
          </strong>
          : {row.error}
        </p>
      )}
    </th>
    <td>
      {row.state}
      {row.active_jobs !== undefined && `, ${formatCount(row.active_jobs, 'job')}`}
    </td>
    <td>{row.swept_at === undefined ? 'never' : <Ago time={row.swept_at} />}</td>
    <td class={row.late ? 'tone-stopping strong' : ''}>
      {row.late && 'due '}
      <Ago time={row.state === 'released' ? undefined : row.due_at} />
    </td>
    <td>
      <Ago time={row.heard_at} />
    </td>
    <td>{trailOf(row)}</td>
  </tr>
);

/** The accounts and Regions of a hub: which are swept as they should be, and why others are not. */
export const ScopesPage = (): JSX.Element => {
  const view = useGroups(
    '/scopes',
    GROUPS.map(([group]) => group),
  );
  const { value, problem, reload } = usePolled<ScopesAnswer>(API.scopes(view.query));
  const { invocation } = useSession() ?? {};
  const { counts, scopes = [], matching = 0 } = value ?? {};
  const more = matching - scopes.length;
  return (
    <Page title="Scopes">
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {counts === undefined && problem === undefined && <Skeleton lines={8} />}
      {counts !== undefined && (
        <>
          <GroupFilters
            view={view}
            by="account or Region"
            figures={GROUPS.map(([group, name, rule, tone]) => [group, name, counts[group], rule, tone] as const)}
          />
          <div class="card">
            {matching === 0 && (
              <Empty title="No matching scopes">
                <p>An account and Region registers with the first heartbeat of its spoke, within an hour.</p>
              </Empty>
            )}
            <Table label="Scopes" class="models scopes" columns={COLUMNS}>
              {scopes.map((row) => (
                <Row key={row.scope} row={row} />
              ))}
            </Table>
            <p class="legend muted small" role="status">
              {more === 0 ? `${formatCount(matching, 'scope')}.` : `And ${more.toLocaleString('en')} more: `}
              {more > 0 && invocation && <Code text={commandText(invocation, 'scopes', '--all')} what="the command" />}
            </p>
          </div>
        </>
      )}
    </Page>
  );
};
