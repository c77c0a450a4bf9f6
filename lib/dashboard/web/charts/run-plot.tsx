/** What the scatter plot and the parallel coordinates share: points and lines of runs that lead to the runs' pages. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { jobPath } from '../logic/addresses.ts';
import { nameOf } from '../parts/job.tsx';

/** One run of a chart. */
export interface PlotRun {
  readonly job_arn: string;
  readonly job_name?: string;
  /** Its values, for people: "learningRate 1e-5, validation loss 0.31". */
  readonly words: string;
  /** What it is the best of; absent where it is not. */
  readonly best?: string;
}

/** The width of an element, in pixels; 0 before the first measure. */
const useWidth = () => {
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = host;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return { host, width };
};

interface PlotProps<Run extends PlotRun> {
  readonly label: string;
  readonly height: number;
  /** The drawing is at least this wide: below, it scrolls. */
  readonly leastWidth: number;
  /** In the order in which arrow keys move. The best are drawn last, on top. */
  readonly runs: readonly Run[];
  /** Under the runs. */
  readonly axes: (width: number) => ComponentChildren;
  /** Over the runs. */
  readonly labels?: (width: number) => ComponentChildren;
  readonly mark: (run: Run, width: number) => ComponentChildren;
}

/** A drawing of runs as links. Tab reaches one of them, and arrow keys move on; its values show below. */
export const RunPlot = <Run extends PlotRun>({
  label,
  height,
  leastWidth,
  runs,
  axes,
  labels,
  mark,
}: PlotProps<Run>): JSX.Element => {
  const { host, width: visible } = useWidth();
  const [at, setAt] = useState(0);
  const [active, setActive] = useState<string>();
  const width = Math.max(visible, leastWidth);
  const current = Math.min(at, runs.length - 1);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (current + step + runs.length) % runs.length;
    setAt(next);
    const links = host.current?.querySelectorAll<SVGAElement>('a');
    [...(links ?? [])].find((link) => link.dataset['run'] === String(next))?.focus();
  };
  const shown = runs.find(({ job_arn: arn }) => arn === active);
  const drawn = runs.map((run, index) => ({ run, index }));
  const ordered = [
    ...drawn.filter(({ run }) => run.best === undefined),
    ...drawn.filter(({ run }) => run.best !== undefined),
  ];
  return (
    <div class="plot">
      <div class="scroll" ref={host}>
        {visible > 0 && (
          <svg width={width} height={height} role="group" aria-label={label} onKeyDown={move}>
            <g aria-hidden="true">{axes(width)}</g>
            {ordered.map(({ run, index }) => (
              <a
                key={run.job_arn}
                href={jobPath(run.job_arn)}
                data-run={index}
                class={`plot-run ${run.best === undefined ? '' : 'plot-best'} ${run.job_arn === active ? 'plot-active' : ''}`}
                tabIndex={index === current ? 0 : -1}
                aria-label={`${nameOf(run)}: ${run.words}${run.best === undefined ? '' : `. ${run.best}`}`}
                onFocus={() => {
                  setAt(index);
                  setActive(run.job_arn);
                }}
                onBlur={() => setActive(undefined)}
                onMouseEnter={() => setActive(run.job_arn)}
                onMouseLeave={() => setActive(undefined)}
              >
                {mark(run, width)}
              </a>
            ))}
            <g class="plot-over" aria-hidden="true">
              {labels?.(width)}
            </g>
          </svg>
        )}
      </div>
      <p class="plot-words small">
        {shown === undefined ? (
          <span class="muted">
            Point at a run, or use the arrow keys, for its values. A star marks the best of like runs.
          </span>
        ) : (
          <>
            <strong>{nameOf(shown)}</strong> {shown.words}
            {shown.best !== undefined && <span class="runs-best"> ★ {shown.best}</span>}
          </>
        )}
      </p>
    </div>
  );
};

const STAR = 'M0-8 2.100-2.700 7.600-2.500 3.400 1 4.800 6.400 0 3.300-4.800 6.400-3.400 1-7.600-2.500-2.100-2.700Z';

/** A run's mark: a star for the best, a disc for others. */
export const Mark = ({ x, y, best }: Readonly<{ x: number; y: number; best: boolean }>): JSX.Element =>
  best ? (
    <path class="plot-mark" d={STAR} transform={`translate(${x} ${y})`} />
  ) : (
    <circle class="plot-mark" cx={x} cy={y} r="5" />
  );
