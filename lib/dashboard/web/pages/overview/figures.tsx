import type { ComponentChildren, JSX } from 'preact';
import type { Overview } from '../../../api.ts';
import { jobsPath } from '../../logic/addresses.ts';
import { ABSENT, formatPercent } from '../../logic/format.ts';

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
