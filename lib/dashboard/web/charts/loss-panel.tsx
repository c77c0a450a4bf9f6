import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { JobSummary, LossCurves } from '../../api.ts';
import type { Cached } from '../api/cache.ts';
import { useApis, useStored } from '../api/hooks.ts';
import { API } from '../api/http.ts';
import { columnsOf, curvesOf, lastLoss, seriesNumber, stepsPerEpoch, type Curve } from '../logic/curves.ts';
import { ABSENT, formatLoss } from '../logic/format.ts';
import { nameOf } from '../parts/job.tsx';
import { Skeleton } from '../parts/page.tsx';
import { formatX, LossChart, LossTable } from './loss-chart.tsx';
import type { Hovered } from './uplot-chart.ts';

/** A, B, C…: stands for a job in charts and tables. */
export const letterOf = (index: number): string => String.fromCharCode(65 + index);

export const Letter = ({ index }: { readonly index: number }): JSX.Element => (
  <span class={`letter series-${index + 1}`}>{letterOf(index)}</span>
);

type Names = readonly string[];

interface LegendProps {
  readonly names: Names;
  readonly curves: readonly Curve[];
  /** What the losses are of: a position, or the last values. */
  readonly title: string;
  readonly lossOf: (index: number) => number | undefined;
}

/** The lines and their losses. */
const Legend = ({ names, curves, title, lossOf }: LegendProps): JSX.Element => (
  <div class="loss-legend small">
    <span class="loss-legend-x muted number">{title}</span>
    {names.map((name, job) => {
      const entries = curves.flatMap((curve, index) => (curve.job === job ? [{ curve, loss: lossOf(index) }] : []));
      return entries.length === 0 ? null : (
        <span key={job} class="row loss-legend-job">
          {names.length > 1 && (
            <>
              <Letter index={job} />
              <span class="loss-legend-name">{name}</span>
            </>
          )}
          {entries.map(({ curve, loss }) => (
            <span key={curve.kind} class="row">
              <svg
                class={`line-key series-${seriesNumber(curve, names.length === 1)}`}
                viewBox="0 0 22 8"
                width="22"
                height="8"
                aria-hidden="true"
              >
                <path d="M1 4h20" class={`line-key-${curve.kind}`} />
              </svg>
              <span class="muted">{curve.kind}</span>
              <span class="number strong">{formatLoss(loss)}</span>
            </span>
          ))}
        </span>
      );
    })}
  </div>
);

const describe = (names: Names, curves: readonly Curve[]): string => {
  const ends = curves.map(
    (curve) => `${names[curve.job] ?? ABSENT} ${curve.kind} ends at ${formatLoss(lastLoss(curve))}`,
  );
  return `Loss curves: ${ends.join(', ')}. The table has the same values.`;
};

interface ChipProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

const Chip = ({ label, on, onChange }: ChipProps): JSX.Element => (
  <button type="button" class="chip" aria-pressed={on} onClick={() => onChange(!on)}>
    {label}
  </button>
);

interface MissingProps {
  readonly names: Names;
  readonly losses: readonly Cached<LossCurves>[];
}

/** Which jobs have no curve, and why. */
const Missing = ({ names, losses }: MissingProps): JSX.Element => (
  <>
    {losses.map(({ problem }, index) =>
      problem === undefined ? null : (
        <p key={index} class="muted small loss-missing">
          {names.length > 1 && `${names[index] ?? ''}: `}
          {problem.message}
        </p>
      ),
    )}
  </>
);

interface LossPanelProps {
  readonly jobs: readonly Pick<JobSummary, 'job_arn' | 'job_name'>[];
  readonly height: 260 | 300;
}

/** The loss curves of one or several jobs, with the values at the pointer. */
export const LossPanel = ({ jobs, height }: LossPanelProps): JSX.Element => {
  // Most failures stay: a job without curves is not asked for again at each change of the selection.
  const losses = useApis<LossCurves>(
    jobs.map((job) => API.loss(job.job_arn)),
    false,
  );
  const [scale, setScale] = useStored('loss-scale', ['linear', 'log']);
  const [wanted, setAxis] = useStored('loss-axis', ['step', 'epoch']);
  const [table, setTable] = useState(false);
  const [hovered, setHovered] = useState<Hovered>();
  const names = jobs.map(nameOf);
  const values = losses.map(({ value }) => value);
  const hasEpochs = values.every(
    (each) => each === undefined || stepsPerEpoch(each.training ?? each.validation ?? []) !== undefined,
  );
  const axis = hasEpochs ? wanted : 'step';
  const logarithmic = scale === 'log';
  const curves = useMemo(
    () => values.flatMap((each, job) => (each === undefined ? [] : curvesOf(job, each, axis))),
    [axis, ...values],
  );
  const columns = useMemo(() => columnsOf(curves, logarithmic), [curves, logarithmic]);
  if (curves.length === 0) {
    return losses.some(({ loading }) => loading) ? <Skeleton lines={5} /> : <Missing names={names} losses={losses} />;
  }
  const at = table ? undefined : hovered;
  return (
    <div>
      <div class="loss-tools">
        <Chip label="Log scale" on={logarithmic} onChange={(on) => setScale(on ? 'log' : 'linear')} />
        {hasEpochs && <Chip label="By epoch" on={axis === 'epoch'} onChange={(on) => setAxis(on ? 'epoch' : 'step')} />}
        <Chip label="As a table" on={table} onChange={setTable} />
      </div>
      <Legend
        names={names}
        curves={curves}
        title={at === undefined ? 'Last values' : `${axis === 'epoch' ? 'Epoch' : 'Step'} ${formatX(at.x, axis)}`}
        lossOf={(index) => (at === undefined ? curves[index] && lastLoss(curves[index]) : at.losses[index])}
      />
      {table ? (
        <LossTable
          names={curves.map(({ job, kind }) => (jobs.length > 1 ? `${letterOf(job)} ${kind}` : kind))}
          columns={columns}
          axis={axis}
        />
      ) : (
        <LossChart
          curves={curves}
          columns={columns}
          single={jobs.length === 1}
          logarithmic={logarithmic}
          height={height}
          label={describe(names, curves)}
          onHover={setHovered}
        />
      )}
      <Missing names={names} losses={losses} />
    </div>
  );
};
