import type { JSX } from 'preact';
import type { Health, SweepHealth } from '../../../api.ts';
import { scopeLabel } from '../../logic/format.ts';
import { CheckIcon, WarningIcon } from '../../parts/icons.tsx';
import { Card } from '../../parts/page.tsx';
import { Ago } from '../../parts/time.tsx';

const Sweep = ({ sweep }: { readonly sweep: SweepHealth | undefined }): JSX.Element => {
  if (sweep?.succeededAt === undefined) {
    return <span class="muted">{sweep?.unfinished === true ? 'first one runs' : 'never'}</span>;
  }
  const { corrected = 0, failed = 0, unfinished = false } = sweep;
  return (
    <>
      <Ago time={sweep.succeededAt} />
      {unfinished && <span class="badge">goes on</span>}
      {corrected > 0 && (
        <span class="badge" title="Changes that no event had told of">
          {corrected} corrected
        </span>
      )}
      {failed > 0 && <span class="badge tone-failed">{failed} failed</span>}
    </>
  );
};

/** How the tracker itself does. */
export const HealthCard = ({ health }: { readonly health: Health }): JSX.Element => (
  <Card
    title="Tracker"
    id="health"
    note={
      health.problems.length === 0 ? (
        <span class="verdict tone-completed">
          <CheckIcon /> All is well
        </span>
      ) : (
        <span class="verdict tone-stopping">
          <WarningIcon /> {health.problems.length === 1 ? 'One problem' : `${health.problems.length} problems`}
        </span>
      )
    }
  >
    <div class="scroll" role="group" aria-label="Sweeps by scope" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Scope</th>
            <th scope="col">Active sweep</th>
            <th scope="col">Full sweep</th>
          </tr>
        </thead>
        <tbody>
          {health.scopes.map(({ scope, active, full }) => (
            <tr key={scope}>
              <th scope="row">{scopeLabel(scope)}</th>
              <td>
                <Sweep sweep={active} />
              </td>
              <td>
                <Sweep sweep={full} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    {health.scopes.length === 0 && <p class="muted">No scope was swept yet.</p>}
    {health.queues !== undefined && health.queues.length > 0 && (
      <dl class="queues">
        {health.queues.map(({ name, messages }) => (
          <div key={name}>
            <dt title={name}>{name}</dt>
            <dd class={messages > 0 ? 'number tone-stopping strong' : 'number muted'}>
              {messages === 0 ? 'empty' : `${messages} waiting`}
            </dd>
          </div>
        ))}
      </dl>
    )}
  </Card>
);
