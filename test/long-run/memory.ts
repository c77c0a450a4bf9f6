import { linearRegression, max } from 'simple-statistics';
import type { MemorySample } from './local-run.ts';

const MB = 1024 ** 2;
const AN_HOUR = 3600;

/** How memory went between two moments. */
export interface MemoryTrend {
  readonly samples: number;
  /** MB an hour, by least squares. */
  readonly rssSlope: number;
  /** MB an hour of the heap just after a collection, by least squares. */
  readonly heapSlope: number;
  readonly heapFrom: number;
  readonly heapTo: number;
}

const slopeOf = (points: readonly (readonly [seconds: number, bytes: number])[]): number =>
  points.length < 2 ? 0 : linearRegression(points.map(([x, y]) => [x, y / MB])).m * AN_HOUR;

export const trendOf = (memory: readonly MemorySample[], from: number, to: number): MemoryTrend => {
  const within = memory.filter(({ seconds }) => seconds >= from && seconds <= to);
  const heaps = within.flatMap(({ seconds, heapUsed }) =>
    heapUsed === undefined ? [] : [[seconds, heapUsed] as const],
  );
  return {
    samples: within.length,
    rssSlope: slopeOf(within.map(({ seconds, rss }) => [seconds, rss] as const)),
    heapSlope: slopeOf(heaps),
    heapFrom: (heaps[0]?.[1] ?? 0) / MB,
    heapTo: (heaps.at(-1)?.[1] ?? 0) / MB,
  };
};

export const peakRss = (memory: readonly MemorySample[]): number => max(memory.map(({ rss }) => rss)) / MB;
