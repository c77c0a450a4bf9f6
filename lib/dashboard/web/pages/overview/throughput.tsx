import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Overview } from '../../../api.ts';
import { formatCount, statusLabel } from '../../logic/format.ts';
import { Table } from '../../parts/controls.tsx';
import { barStyle } from '../../parts/job.tsx';
import { Button } from '../../parts/page.tsx';

type Days = Overview['byDay'];

const KNOWN = ['Completed', 'Failed', 'Stopped', 'Stopping', 'InProgress'];
const HEIGHT = 120;
const WIDTH = 14;
const GAP = 4;

/** The statuses that occur: known ones in a fixed order, others after them. */
const statusesOf = (days: Days): string[] => {
  const present = new Set(days.flatMap(({ byStatus }) => Object.keys(byStatus)));
  return [...KNOWN, ...[...present].filter((status) => !KNOWN.includes(status))].filter((each) => present.has(each));
};

const totalOf = (day: Days[number]): number => Object.values(day.byStatus).reduce((sum, count) => sum + count, 0);

/** A round number for the top of the scale. */
const roundUp = (most: number): number =>
  [2, 4, 6, 8, 10, 20, 30, 40, 60, 80, 100].find((step) => step >= most) ?? Math.ceil(most / 100) * 100;

const describe = ({ day, byStatus }: Days[number]): string => {
  const counts = Object.entries(byStatus).map(([status, count]) => `${count} ${statusLabel(status).toLowerCase()}`);
  return `${day}: ${counts.join(', ') || 'no jobs'}`;
};

interface BarProps {
  readonly day: Days[number];
  readonly x: number;
  readonly statuses: readonly string[];
  readonly scale: number;
}

const Bar = ({ day, x, statuses, scale }: BarProps): JSX.Element => {
  let top = HEIGHT;
  return (
    <g>
      <title>{describe(day)}</title>
      <rect class="bar-ground" x={x - GAP / 2} y={0} width={WIDTH + GAP} height={HEIGHT} />
      {statuses.map((status) => {
        const height = ((day.byStatus[status] ?? 0) / scale) * HEIGHT;
        if (height === 0) return null;
        top -= height;
        const size = { x, y: top, width: WIDTH, height: Math.max(1, height - 1) };
        return <rect key={status} style={barStyle(status)} {...size} rx={2} />;
      })}
    </g>
  );
};

type BarsProps = { readonly days: Days; readonly statuses: readonly string[] };

const Bars = ({ days, statuses }: BarsProps): JSX.Element => {
  const scale = roundUp(Math.max(1, ...days.map(totalOf)));
  const width = days.length * (WIDTH + GAP);
  const total = days.reduce((sum, day) => sum + totalOf(day), 0);
  const marks = [days[0], days[Math.floor(days.length / 2)], days.at(-1)];
  return (
    <div class="bars">
      <div class="bars-scale muted number" aria-hidden="true">
        {[scale, scale / 2, 0].map((mark) => (
          <span key={mark}>{mark}</span>
        ))}
      </div>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${formatCount(total, 'job')} in ${days.length} days`}
      >
        <path class="bars-grid" d={`M0 .5H${width}M0 ${HEIGHT / 2}H${width}M0 ${HEIGHT - 0.5}H${width}`} />
        {days.map((day, index) => (
          <Bar key={day.day} day={day} x={index * (WIDTH + GAP)} statuses={statuses} scale={scale} />
        ))}
      </svg>
      <div class="bars-days muted number" aria-hidden="true">
        {marks.map((day, index) => (
          <span key={index}>{day?.day.slice(5)}</span>
        ))}
      </div>
    </div>
  );
};

/** Jobs created each day by status: as bars, or as a table. */
export const Throughput = ({ days }: { readonly days: Days }): JSX.Element => {
  const [isTable, setTable] = useState(false);
  const statuses = statusesOf(days);
  const columns = ['Day', ...statuses.map((status) => [statusLabel(status), 'right'] as const)];
  return (
    <>
      {isTable ? (
        <Table label="Jobs by day" class="bars-table" columns={columns}>
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
        </Table>
      ) : (
        <Bars days={days} statuses={statuses} />
      )}
      <div class="flow legend small muted">
        {statuses.map((status) => (
          <span key={status} class="row">
            <span class="legend-key" style={barStyle(status)} aria-hidden="true" />
            {statusLabel(status)}
          </span>
        ))}
        <Button class="link-button end" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          As a table
        </Button>
      </div>
    </>
  );
};
