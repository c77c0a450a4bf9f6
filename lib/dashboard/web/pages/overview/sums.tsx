import type { JSX } from 'preact';
import type { Overview } from '../../../api.ts';
import { jobsPath } from '../../logic/addresses.ts';
import { ABSENT, formatElapsed, formatLoss, formatPercent, modelName, typeLabel } from '../../logic/format.ts';
import { runningNote, type KnownSums } from '../../logic/sums.ts';
import { Table } from '../../parts/controls.tsx';
import { Card, Empty, Figure, Skeleton } from '../../parts/page.tsx';

/** The month in four numbers. */
export const Figures = ({ overview, sums }: { readonly overview: Overview; readonly sums: KnownSums }): JSX.Element => {
  const { active, byStatus, successRate } = overview;
  const { Completed: completed = 0, Failed: failed = 0, Stopped: stopped = 0 } = byStatus;
  const { state } = sums;
  const finished = completed + failed;
  // Sums of a large table come later than the rest.
  const note = (words: string) => (state === 'pending' ? 'counting…' : words);
  const sum = (count: number) => (state === 'pending' ? ABSENT : count.toLocaleString('en'));
  const none = state === 'behind' ? 'finished jobs are not counted yet' : 'no finished jobs yet';
  return (
    <ul class="figures">
      <Figure
        name="Running now"
        value={active.length}
        note={runningNote(overview, Date.now())}
        href={jobsPath({ active: true })}
        tone={active.length > 0 ? 'tone-inprogress' : ''}
      />
      <Figure
        name="Success rate"
        value={successRate === undefined ? ABSENT : formatPercent(successRate)}
        note={note(finished === 0 ? none : `${completed} of ${finished}, without stopped jobs`)}
      />
      <Figure
        name="Failed"
        value={sum(sums.failed)}
        note={note(sums.note ?? `${stopped} more stopped`)}
        href={jobsPath({ status: ['Failed'] })}
        tone={sums.failed > 0 ? 'tone-failed' : ''}
      />
      <Figure name="All jobs" value={sum(sums.jobs)} note={note(sums.note ?? 'in 30 days')} href={jobsPath()} />
    </ul>
  );
};

interface ModelsProps {
  readonly models: Overview['models'];
  readonly state: KnownSums['state'];
}

const MODEL_COLUMNS = [
  'Base model',
  'Type',
  ['Jobs', 'right'],
  ['Median duration', 'right'],
  ['95 % within', 'right'],
  ['Best training loss', 'right'],
] as const;

/** Durations and losses by base model and type. */
export const Models = ({ models, state }: ModelsProps): JSX.Element => (
  <Card title="Models" id="models">
    {state === 'pending' ? (
      <Skeleton lines={4} />
    ) : models.length === 0 ? (
      <Empty title={state === 'behind' ? 'The latest jobs are not counted yet' : 'No jobs in the last 30 days'} />
    ) : (
      <Table label="Models" columns={MODEL_COLUMNS}>
        {models.map(({ baseModelArn, customizationType, jobs, p50, p95, bestTrainingLoss }) => (
          <tr key={`${baseModelArn} ${customizationType}`}>
            <th scope="row">
              <a href={jobsPath({ baseModel: baseModelArn, customizationType })} title={baseModelArn}>
                {modelName(baseModelArn)}
              </a>
            </th>
            <td>{typeLabel(customizationType)}</td>
            <td class="right number">{jobs}</td>
            <td class="right number">{formatElapsed(p50)}</td>
            <td class="right number">{formatElapsed(p95)}</td>
            <td class="right number">{formatLoss(bestTrainingLoss)}</td>
          </tr>
        ))}
      </Table>
    )}
  </Card>
);
