import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Overview } from '../../../api.ts';
import { counted, statusLabel } from '../../logic/format.ts';
import { statusTone } from '../../parts/job.tsx';

type Days = Overview['byDay'];

const KNOWN = ['Completed', 'Failed', 'Stopped', 'Stopping', 'InProgress'];
const HEIGHT = 120;
const WIDTH = 14;
const GAP = 4;

/** The statuses that occur, the known ones in their order and others behind them. */
const statusesOf = (days: Days): string[] => {
  const present = new Set(days.flatMap(({ byStatus }) => Object.keys(byStatus)));
  return [
    ...KNOWN.filter((status) => present.has(status)),
    ...[...present].filter((status) => !KNOWN.includes(status)),
  ];
};

const totalOf = (day: Days[number]): number => Object.values(day.byStatus).reduce((sum, count) => sum + count, 0);

/** A round number that the tallest bar stays below. */
const roundUp = (most: number): number =>
  [2, 4, 6, 8, 10, 20, 30, 40, 60, 80, 100].find((step) => step >= most) ?? Math.ceil(most / 100) * 100;

const describe = (day: Days[number]): string =>
  `${day.day}: ${
    Object.entries(day.byStatus)
      .map(([status, count]) => `${count} ${statusLabel(status).toLowerCase()}`)
      .join(', ') || 'no job'
  }`;

const Bar = ({
  day,
  index,
  statuses,
  scale,
}: {
  readonly day: Days[number];
  readonly index: number;
  readonly statuses: readonly string[];
  readonly scale: number;
}): JSX.Element => {
  let top = HEIGHT;
  const x = index * (WIDTH + GAP);
  return (
    <g>
      <title>{describe(day)}</title>
      <rect class="bar-ground" x={x - GAP / 2} y={0} width={WIDTH + GAP} height={HEIGHT} />
      {statuses.map((status) => {
        const count = day.byStatus[status] ?? 0;
        const height = (count / scale) * HEIGHT;
        top -= height;
        return count === 0 ? null : (
          <rect
            key={status}
            class={`bar bar-${statusTone(status)}`}
            x={x}
            y={top}
            width={WIDTH}
            height={Math.max(1, height - 1)}
            rx={2}
          />
        );
      })}
    </g>
  );
};

const Bars = ({ days, statuses }: { readonly days: Days; readonly statuses: readonly string[] }): JSX.Element => {
  const scale = roundUp(Math.max(1, ...days.map(totalOf)));
  const width = days.length * (WIDTH + GAP);
  const total = days.reduce((sum, day) => sum + totalOf(day), 0);
  return (
    <div class="bars">
      <div class="bars-scale muted" aria-hidden="true">
        <span>{scale}</span>
        <span>{scale / 2}</span>
        <span>0</span>
      </div>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${counted(total, 'job')} in ${days.length} days`}
      >
        <path class="bars-grid" d={`M0 .5H${width}M0 ${HEIGHT / 2}H${width}M0 ${HEIGHT - 0.5}H${width}`} />
        {days.map((day, index) => (
          <Bar key={day.day} day={day} index={index} statuses={statuses} scale={scale} />
        ))}
      </svg>
      <div class="bars-days muted" aria-hidden="true">
        <span>{days[0]?.day.slice(5)}</span>
        <span>{days[Math.floor(days.length / 2)]?.day.slice(5)}</span>
        <span>{days.at(-1)?.day.slice(5)}</span>
      </div>
    </div>
  );
};

const DaysTable = ({ days, statuses }: { readonly days: Days; readonly statuses: readonly string[] }): JSX.Element => (
  <div class="scroll bars-table" role="group" aria-label="Jobs by day" tabIndex={0}>
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Day</th>
          {statuses.map((status) => (
            <th key={status} scope="col" class="right">
              {statusLabel(status)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days.toReversed().map((day) => (
          <tr key={day.day}>
            <th scope="row">{day.day}</th>
            {statuses.map((status) => (
              <td key={status} class="right number">
                {day.byStatus[status] ?? 0}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** How many jobs were created each day and what became of them: as bars, or as a table. */
export const Throughput = ({ days }: { readonly days: Days }): JSX.Element => {
  const [asTable, setAsTable] = useState(false);
  const statuses = statusesOf(days);
  return (
    <>
      {asTable ? <DaysTable days={days} statuses={statuses} /> : <Bars days={days} statuses={statuses} />}
      <div class="legend">
        {statuses.map((status) => (
          <span key={status} class="legend-entry">
            <span class={`legend-key bar-${statusTone(status)}`} aria-hidden="true" />
            {statusLabel(status)}
          </span>
        ))}
        <button
          type="button"
          class="link-button legend-end"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          As a table
        </button>
      </div>
    </>
  );
};
