import type { ComponentChildren, JSX } from 'preact';
import type { Overview } from '../../../api.ts';
import { jobsPath } from '../../logic/addresses.ts';
import { ABSENT, formatElapsed, formatLoss, formatPercent, modelName, typeLabel } from '../../logic/format.ts';
import { Card, Empty, Skeleton } from '../../parts/page.tsx';

interface FigureProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly note: string;
  readonly href?: string;
  readonly tone?: string;
}

const Figure = ({ name, value, note, href, tone = '' }: FigureProps): JSX.Element => (
  <li class="figure">
    <span class="figure-name">{name}</span>
    <span class={`figure-value ${tone}`}>{href === undefined ? value : <a href={href}>{value}</a>}</span>
    <span class="figure-note muted">{note}</span>
  </li>
);

const SUMMING = 'being summed up…';

/** The month in a few numbers. */
export const Figures = ({ overview }: { readonly overview: Overview }): JSX.Element => {
  const { active, jobs, byStatus, successRate, pending = false } = overview;
  const { Completed: completed = 0, Failed: failed = 0, Stopped: stopped = 0 } = byStatus;
  const late = active.filter(
    ({ usual, creation_time }) => usual !== undefined && Date.now() - Date.parse(creation_time ?? '') > usual.p95,
  ).length;
  return (
    <ul class="figures">
      <Figure
        name="Running now"
        value={active.length}
        note={late === 0 ? 'none longer than usual' : `${late} longer than usual`}
        href={jobsPath({ active: true })}
        tone={active.length > 0 ? 'tone-inprogress' : ''}
      />
      <Figure
        name="Success rate"
        value={successRate === undefined ? ABSENT : formatPercent(successRate)}
        note={pending ? SUMMING : `${completed} of ${completed + failed} that ended by themselves`}
      />
      <Figure
        name="Failed"
        value={pending ? ABSENT : failed}
        note={pending ? SUMMING : `${stopped} more were stopped`}
        href={jobsPath({ status: ['Failed'] })}
        tone={failed > 0 ? 'tone-failed' : ''}
      />
      <Figure
        name="All jobs"
        value={pending ? ABSENT : jobs.toLocaleString('en')}
        note={pending ? SUMMING : 'in 30 days'}
        href={jobsPath()}
      />
    </ul>
  );
};

interface ModelsProps {
  readonly models: Overview['models'];
  readonly pending: boolean;
}

/** How long jobs take and how well they do, by base model and type. */
export const Models = ({ models, pending }: ModelsProps): JSX.Element => (
  <Card title="Models" id="models">
    {pending ? (
      <Skeleton lines={4} />
    ) : models.length === 0 ? (
      <Empty title="No job in the last 30 days" />
    ) : (
      <div class="scroll" role="group" aria-label="Models" tabIndex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Base model</th>
              <th scope="col">Type</th>
              <th scope="col" class="right">
                Jobs
              </th>
              <th scope="col" class="right">
                Median duration
              </th>
              <th scope="col" class="right">
                95 % within
              </th>
              <th scope="col" class="right">
                Best training loss
              </th>
            </tr>
          </thead>
          <tbody>
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
          </tbody>
        </table>
      </div>
    )}
  </Card>
);
