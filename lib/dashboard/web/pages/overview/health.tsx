import type { JSX } from 'preact';
import type { Health, SweepHealth } from '../../../api.ts';
import { useLiveState } from '../../api/hooks.ts';
import { formatCount, scopeLabel } from '../../logic/format.ts';
import { Table } from '../../parts/controls.tsx';
import { CheckIcon, WarningIcon } from '../../parts/icons.tsx';
import { Card } from '../../parts/page.tsx';
import { Ago } from '../../parts/time.tsx';

const Sweep = ({ sweep = {} }: { readonly sweep: SweepHealth | undefined }): JSX.Element => {
  const { succeeded_at, counts: { corrected, failed } = { corrected: 0, failed: 0 }, unfinished = false } = sweep;
  if (succeeded_at === undefined) return <span class="muted">{unfinished ? 'first sweep running' : 'never'}</span>;
  return (
    <>
      <Ago time={succeeded_at} />
      {unfinished && <span class="badge">in progress</span>}
      {corrected > 0 && (
        <span class="badge" title="Changes that events missed">
          {corrected} corrected
        </span>
      )}
      {failed > 0 && <span class="badge tone-failed">{failed} failed</span>}
    </>
  );
};

/** The last two only of a tracker of models. */
const SWEEPS = [
  ['active', 'Active sweep'],
  ['full', 'Full sweep'],
  ['models', 'Models sweep'],
  ['usage', 'Use of models'],
] as const;

/** The health of the tracker itself. */
export const HealthCard = ({ health }: { readonly health: Health }): JSX.Element => {
  const { scopes, counts, queues = [], problems } = health;
  const state = useLiveState();
  const isHealthy = problems.length === 0;
  const sweeps = SWEEPS.filter(([sweep], index) => index < 2 || scopes.some((scope) => scope[sweep] !== undefined));
  // What was read before the server or the table went away says nothing about now.
  const verdict = ['lost', 'problem'].includes(state) ? (
    <span class="row verdict tone-stopping">
      <WarningIcon />
      Unknown: {state === 'lost' ? 'the server does not respond' : 'the table cannot be read'}
    </span>
  ) : (
    <span class={`row verdict tone-${isHealthy ? 'completed' : 'stopping'}`}>
      {isHealthy ? <CheckIcon /> : <WarningIcon />}
      {isHealthy ? 'No problems' : counts ? 'Has problems' : formatCount(problems.length, 'problem')}
    </span>
  );
  return (
    <Card title="Tracker" id="health" note={verdict} actions={counts && <a href="/scopes">All scopes</a>}>
      {scopes.length > 0 && (
        <Table label="Sweeps by scope" columns={['Scope', ...sweeps.map(([, name]) => name)]}>
          {scopes.map((scope) => (
            <tr key={scope.scope}>
              <th scope="row">{scopeLabel(scope.scope)}</th>
              {sweeps.map(([sweep]) => (
                <td key={sweep}>
                  <Sweep sweep={scope[sweep]} />
                </td>
              ))}
            </tr>
          ))}
        </Table>
      )}
      <p>{counts ?? (scopes.length === 0 && 'No scope has been swept yet.')}</p>
      {queues.length > 0 && (
        <dl class="stack entries entries-inline queues">
          {queues.map(({ name, messages }) => (
            <div key={name} class="entry">
              <dt class="truncate" title={name}>
                {name}
              </dt>
              <dd class={messages > 0 ? 'number nowrap tone-stopping strong' : 'number nowrap muted'}>
                {messages === 0 ? 'empty' : `${messages} waiting`}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
};
