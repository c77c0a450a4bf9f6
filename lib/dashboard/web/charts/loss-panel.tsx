import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { LossCurves } from '../../api.ts';
import type { Cached } from '../api/cache.ts';
import { useStored } from '../api/hooks.ts';
import {
  columnsOf,
  curvesOf,
  lastLoss,
  seriesNumber,
  stepsPerEpoch,
  type Curve,
  type CurveAxis,
} from '../logic/curves.ts';
import { ABSENT, formatLoss } from '../logic/format.ts';
import { Skeleton } from '../parts/page.tsx';
import { LossChart, LossTable } from './loss-chart.tsx';
import type { Hovered } from './uplot-chart.ts';

/** A job whose curves are drawn. */
interface Drawn {
  readonly name: string;
  /** One letter that stands for the job where its colour alone would not do. */
  readonly letter?: string;
  readonly losses: Cached<LossCurves>;
}

interface LossPanelProps {
  readonly drawn: readonly Drawn[];
  readonly height: 260 | 300;
}

const kindLabel = { training: 'training', validation: 'validation' } as const;

const formatX = (x: number, axis: CurveAxis): string => (axis === 'epoch' ? x.toFixed(2) : String(Math.round(x)));

interface LegendProps {
  readonly drawn: readonly Drawn[];
  readonly curves: readonly Curve[];
  readonly hovered: Hovered | undefined;
  readonly axis: CurveAxis;
}

interface EntryProps {
  readonly curve: Curve;
  readonly single: boolean;
  readonly loss: number | undefined;
}

const LegendEntry = ({ curve, single, loss }: EntryProps): JSX.Element => (
  <span class="loss-legend-entry">
    <svg
      class={`line-key series-${seriesNumber(curve, single)}`}
      viewBox="0 0 22 8"
      width="22"
      height="8"
      aria-hidden="true"
    >
      <path d="M1 4h20" class={`line-key-${curve.kind}`} />
    </svg>
    <span class="muted">{kindLabel[curve.kind]}</span>
    <span class="number strong">{formatLoss(loss)}</span>
  </span>
);

/** What the lines are, and their losses: where the pointer is, else the last ones. */
const Legend = ({ drawn, curves, hovered, axis }: LegendProps): JSX.Element => {
  const entries = curves.map((curve, index) => ({
    curve,
    loss: hovered === undefined ? lastLoss(curve) : hovered.losses[index],
  }));
  return (
    <div class="loss-legend">
      <span class="loss-legend-x muted number">
        {hovered === undefined ? 'Last values' : `${axis === 'epoch' ? 'Epoch' : 'Step'} ${formatX(hovered.x, axis)}`}
      </span>
      {drawn.map(({ name, letter }, job) => {
        const own = entries.filter(({ curve }) => curve.job === job);
        return own.length === 0 ? null : (
          <span key={`${letter ?? ''} ${name}`} class="loss-legend-job">
            {letter !== undefined && (
              <>
                <span class={`letter series-${job + 1}`}>{letter}</span>
                <span class="loss-legend-name">{name}</span>
              </>
            )}
            {own.map(({ curve, loss }) => (
              <LegendEntry key={curve.kind} curve={curve} single={drawn.length === 1} loss={loss} />
            ))}
          </span>
        );
      })}
    </div>
  );
};

const describe = (drawn: readonly Drawn[], curves: readonly Curve[]): string =>
  `Loss curves: ${curves
    .map(
      (curve) => `${drawn[curve.job]?.name ?? ABSENT} ${kindLabel[curve.kind]} ends at ${formatLoss(lastLoss(curve))}`,
    )
    .join(', ')}. The same values are in the table.`;

interface ToolsProps {
  readonly scale: 'linear' | 'log';
  readonly onScale: (scale: 'linear' | 'log') => void;
  readonly axis: CurveAxis;
  readonly onAxis: ((axis: CurveAxis) => void) | undefined;
  readonly table: boolean;
  readonly onTable: (table: boolean) => void;
}

const Tools = ({ scale, onScale, axis, onAxis, table, onTable }: ToolsProps): JSX.Element => (
  <div class="loss-tools">
    <button
      type="button"
      class="chip"
      aria-pressed={scale === 'log'}
      onClick={() => onScale(scale === 'log' ? 'linear' : 'log')}
    >
      Log scale
    </button>
    {onAxis !== undefined && (
      <button
        type="button"
        class="chip"
        aria-pressed={axis === 'epoch'}
        onClick={() => onAxis(axis === 'epoch' ? 'step' : 'epoch')}
      >
        By epoch
      </button>
    )}
    <button type="button" class="chip" aria-pressed={table} onClick={() => onTable(!table)}>
      As a table
    </button>
  </div>
);

/** Loss curves of one job or several, with what they are at the pointer. */
export const LossPanel = ({ drawn, height }: LossPanelProps): JSX.Element => {
  const [scale, setScale] = useStored<'linear' | 'log'>('loss-scale', ['linear', 'log']);
  const [wanted, setAxis] = useStored<CurveAxis>('loss-axis', ['step', 'epoch']);
  const [table, setTable] = useState(false);
  const [hovered, setHovered] = useState<Hovered>();
  const values = drawn.map(({ losses }) => losses.value);
  const epochs = values.every(
    (each) => each === undefined || stepsPerEpoch(each.training ?? each.validation ?? []) !== undefined,
  );
  const axis = epochs ? wanted : 'step';
  const curves = useMemo(
    () => values.flatMap((each, job) => (each === undefined ? [] : curvesOf(job, each, axis))),
    [axis, ...values],
  );
  const columns = useMemo(() => columnsOf(curves, scale === 'log'), [curves, scale]);
  if (curves.length === 0) return <NoCurves drawn={drawn} />;
  return (
    <div class="loss-panel">
      <Tools
        scale={scale}
        onScale={setScale}
        axis={axis}
        onAxis={epochs ? setAxis : undefined}
        table={table}
        onTable={setTable}
      />
      <Legend drawn={drawn} curves={curves} hovered={table ? undefined : hovered} axis={axis} />
      {table ? (
        <LossTable
          names={curves.map(({ job, kind }) => `${drawn[job]?.letter ?? ''} ${kindLabel[kind]}`.trim())}
          columns={columns}
          axis={axis}
        />
      ) : (
        <LossChart
          curves={curves}
          columns={columns}
          single={drawn.length === 1}
          logarithmic={scale === 'log'}
          height={height}
          label={describe(drawn, curves)}
          onHover={setHovered}
        />
      )}
      <Missing drawn={drawn} />
    </div>
  );
};

/** Which of the jobs have no curve, and why. */
const Missing = ({ drawn }: { readonly drawn: readonly Drawn[] }): JSX.Element => (
  <>
    {drawn.map(({ name, losses }) =>
      losses.problem === undefined ? null : (
        <p key={name} class="muted loss-missing">
          {drawn.length > 1 && `${name}: `}
          {losses.problem.message}
        </p>
      ),
    )}
  </>
);

const NoCurves = ({ drawn }: { readonly drawn: readonly Drawn[] }): JSX.Element =>
  drawn.some(({ losses }) => losses.loading) ? <Skeleton lines={5} /> : <Missing drawn={drawn} />;
