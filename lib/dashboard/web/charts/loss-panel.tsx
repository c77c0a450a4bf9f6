import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Measure } from '../../../domain/loss-curve.ts';
import type { JobSummary, LossCurves } from '../../api.ts';
import type { Cached } from '../api/cache.ts';
import { useApis, useStored } from '../api/hooks.ts';
import { API } from '../api/http.ts';
import {
  columnsOf,
  curvesOf,
  epochLength,
  lastValue,
  seriesNumber,
  type Curve,
  type CurveAxis,
} from '../logic/curves.ts';
import { ABSENT, formatLoss } from '../logic/format.ts';
import { Chip } from '../parts/controls.tsx';
import { nameOf } from '../parts/job.tsx';
import { Skeleton } from '../parts/page.tsx';
import { formatX, LossChart, LossTable } from './loss-chart.tsx';
import type { Hovered } from './uplot-chart.ts';

/** A, B, C…: stands for a job in charts and tables. */
export const letterOf = (index: number): string => String.fromCharCode(65 + index);

const seriesStyle = (number: number) => ({ color: `var(--series-${number})` });

export const Letter = ({ index }: { readonly index: number }): JSX.Element => (
  <span class="letter" style={seriesStyle(index + 1)}>
    {letterOf(index)}
  </span>
);

type Names = readonly string[];

interface LegendProps {
  readonly names: Names;
  readonly curves: readonly Curve[];
  /** What the values are of: a position, or the last values. */
  readonly title: string;
  readonly valueOf: (index: number) => number | undefined;
}

/** The lines and their values. */
const Legend = ({ names, curves, title, valueOf }: LegendProps): JSX.Element => (
  <div class="flow loss-legend small">
    <span class="loss-legend-x muted number">{title}</span>
    {names.map((name, job) => {
      const entries = curves.flatMap((curve, index) => (curve.job === job ? [{ curve, value: valueOf(index) }] : []));
      return entries.length === 0 ? null : (
        <span key={job} class="row loss-legend-job">
          {names.length > 1 && (
            <>
              <Letter index={job} />
              <span class="strong wrap">{name}</span>
            </>
          )}
          {entries.map(({ curve, value }) => (
            <span key={curve.kind} class="row">
              <svg
                class="line-key"
                style={seriesStyle(seriesNumber(curve, names.length === 1))}
                viewBox="0 0 22 8"
                width="22"
                height="8"
                aria-hidden="true"
              >
                <path d="M1 4h20" class={`line-key-${curve.kind}`} />
              </svg>
              <span class="muted">{curve.kind}</span>
              <span class="number strong">{formatLoss(value)}</span>
            </span>
          ))}
        </span>
      );
    })}
  </div>
);

const TITLES: Readonly<Record<Measure, string>> = { loss: 'Loss', reward: 'Mean reward' };

const describe = (measure: Measure, names: Names, curves: readonly Curve[]): string => {
  const ends = curves.map(
    (curve) => `${names[curve.job] ?? ABSENT} ${curve.kind} ends at ${formatLoss(lastValue(curve))}`,
  );
  return `${TITLES[measure]} curves: ${ends.join(', ')}. The table has the same values.`;
};

interface MissingProps {
  readonly names: Names;
  readonly losses: readonly Cached<LossCurves>[];
}

/** Which jobs have no curve, or lack one, and why. */
const Missing = ({ names, losses }: MissingProps): JSX.Element => (
  <>
    {losses
      .flatMap(({ problem, value }, index) =>
        [...(problem === undefined ? [] : [problem.message]), ...(value?.problems ?? [])].map(
          (message) => [names[index] ?? '', message] as const,
        ),
      )
      .map(([name, message]) => (
        <p key={`${name} ${message}`} class="muted small wrap loss-missing">
          {names.length > 1 && `${name}: `}
          {message}
        </p>
      ))}
  </>
);

interface MeasureViewProps {
  readonly measure: Measure;
  readonly names: Names;
  readonly curves: readonly Curve[];
  readonly axis: CurveAxis;
  readonly logarithmic: boolean;
  readonly table: boolean;
  readonly height: LossPanelProps['height'];
  /** Whether another measure is shown too. */
  readonly isTitled: boolean;
}

/** The curves of one measure, with the values at the pointer. */
const MeasureView = (props: MeasureViewProps): JSX.Element => {
  const { measure, names, curves, axis, logarithmic, table, height, isTitled } = props;
  const [hovered, setHovered] = useState<Hovered>();
  const columns = useMemo(() => columnsOf(curves, logarithmic), [curves, logarithmic]);
  const at = table ? undefined : hovered;
  return (
    <>
      {isTitled && <h3>{TITLES[measure]}</h3>}
      <Legend
        names={names}
        curves={curves}
        title={at === undefined ? 'Last values' : `${axis === 'epoch' ? 'Epoch' : 'Step'} ${formatX(at.x, axis)}`}
        valueOf={(index) => (at === undefined ? curves[index] && lastValue(curves[index]) : at.values[index])}
      />
      {table ? (
        <LossTable
          label={measure === 'loss' ? 'Losses' : 'Rewards'}
          names={curves.map(({ job, kind }) => (names.length > 1 ? `${letterOf(job)} ${kind}` : kind))}
          columns={columns}
          axis={axis}
        />
      ) : (
        <LossChart
          curves={curves}
          columns={columns}
          single={names.length === 1}
          logarithmic={logarithmic}
          height={height}
          label={describe(measure, names, curves)}
          onHover={setHovered}
        />
      )}
    </>
  );
};

interface LossPanelProps {
  readonly jobs: readonly Pick<JobSummary, 'job_arn' | 'job_name'>[];
  readonly height: 260 | 300;
}

/** The curves of one or several jobs: losses, and rewards where the jobs wrote some. */
export const LossPanel = ({ jobs, height }: LossPanelProps): JSX.Element => {
  // Most failures stay: a job without curves is not asked for again at each change of the selection.
  const losses = useApis<LossCurves>(
    jobs.map((job) => API.loss(job.job_arn)),
    false,
  );
  const [scale, setScale] = useStored('loss-scale', ['linear', 'log']);
  const [wanted, setAxis] = useStored('loss-axis', ['step', 'epoch']);
  const [table, setTable] = useState(false);
  const names = jobs.map(nameOf);
  const values = losses.map(({ value }) => value);
  const hasEpochs = values.every((each) => each === undefined || epochLength(each) !== undefined);
  const axis = hasEpochs ? wanted : 'step';
  const logarithmic = scale === 'log';
  const measures = useMemo(() => {
    const curves = values.flatMap((each, job) => (each === undefined ? [] : curvesOf(job, each, axis)));
    return (['loss', 'reward'] as const)
      .map((measure) => ({ measure, curves: curves.filter((curve) => curve.measure === measure) }))
      .filter(({ curves: some }) => some.length > 0);
  }, [axis, ...values]);
  if (measures.length === 0) {
    return losses.some(({ loading }) => loading) ? <Skeleton lines={5} /> : <Missing names={names} losses={losses} />;
  }
  const hasLosses = measures.some(({ measure }) => measure === 'loss');
  return (
    <div>
      <div class="loss-tools">
        {/* A reward may be negative, so only losses have a logarithmic scale. */}
        {hasLosses && (
          <Chip on={logarithmic} onChange={(on) => setScale(on ? 'log' : 'linear')}>
            Log scale
          </Chip>
        )}
        {hasEpochs && (
          <Chip on={axis === 'epoch'} onChange={(on) => setAxis(on ? 'epoch' : 'step')}>
            By epoch
          </Chip>
        )}
        <Chip on={table} onChange={setTable}>
          As a table
        </Chip>
      </div>
      {measures.map(({ measure, curves }) => (
        <MeasureView
          key={measure}
          measure={measure}
          names={names}
          curves={curves}
          axis={axis}
          logarithmic={logarithmic && measure === 'loss'}
          table={table}
          height={height}
          isTitled={!hasLosses || measures.length > 1}
        />
      ))}
      <Missing names={names} losses={losses} />
    </div>
  );
};
