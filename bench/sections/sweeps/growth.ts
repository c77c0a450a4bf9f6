/** What an active and a full sweep cost as the history grows. */
import type { Table, Target } from '../../section.ts';
import { formatNumber, formatSpread } from '../../statistics.ts';
import { LATENCY, measureSweeps, median, TAGS, type Measured, type Service } from './measure.ts';

export interface Growth {
  readonly jobs: number;
  readonly active: Measured;
  readonly full: Measured;
}

/** Of the time of an active sweep, from the smallest history to the largest: more would be growth. */
const MOST_GROWTH = 1.25;
/** RSS of a full sweep, of any history. */
const MOST_MB = 256;

export const measureGrowth = async (on: Omit<Service, 'latency'>, rounds: number): Promise<Growth> => {
  const service = { ...on, latency: LATENCY };
  const active = { sweep: 'active', tagRefreshDays: TAGS.byDefault, rounds, paired: false } as const;
  const full = { sweep: 'full', tagRefreshDays: TAGS.leftToTrail, rounds: 1, paired: false } as const;
  return {
    jobs: on.jobs,
    active: await measureSweeps(service, active),
    full: await measureSweeps(service, full),
  };
};

const milliseconds = (seconds: readonly number[]): readonly number[] => seconds.map((each) => each * 1_000);

export const growthTargets = (grown: readonly Growth[]): readonly Target[] => {
  const [smallest, largest] = [grown.at(0), grown.at(-1)];
  if (smallest === undefined || largest === undefined) return [];
  const rise = median(largest.active.sweeps) / median(smallest.active.sweeps);
  const requests = grown.map(({ active }) => `${formatNumber(active.calls)} + ${formatNumber(active.tableRequests)}`);
  const peak = Math.max(...grown.map(({ full }) => full.peakMb));
  const span = `${formatNumber(smallest.jobs)} to ${formatNumber(largest.jobs)} jobs`;
  return [
    {
      what: `Memory of a full sweep without drift, ${span}`,
      target: `< ${MOST_MB} MB RSS`,
      measured: `${formatNumber(peak)} MB`,
      met: peak < MOST_MB,
    },
    {
      what: `Calls of Bedrock and of the tables by an active sweep, ${span}`,
      target: 'flat',
      measured: [...new Set(requests)].join(' / '),
      met: new Set(requests).size === 1,
    },
    {
      what: `Time of an active sweep, ${span}`,
      target: `flat: ≤ ${MOST_GROWTH}×`,
      measured: `${formatNumber(rise)}×`,
      met: rise <= MOST_GROWTH,
    },
  ];
};

export const growthTable = (grown: readonly Growth[]): Table => ({
  title: 'One sweep without drift, as the history grows',
  columns: [
    'jobs',
    'active: Bedrock calls',
    'table requests',
    'ms',
    'full: Bedrock calls',
    'table requests',
    's',
    'ms for 1,000 jobs',
    'ready, MB',
    'most, MB',
  ],
  rows: grown.map(({ jobs, active, full }) => [
    formatNumber(jobs),
    formatNumber(active.calls),
    formatNumber(active.tableRequests),
    formatSpread(milliseconds(active.sweeps)),
    formatNumber(full.calls),
    formatNumber(full.tableRequests),
    formatNumber(median(full.sweeps)),
    formatNumber((median(full.sweeps) * 1_000_000) / jobs),
    formatNumber(full.readyMb),
    formatNumber(full.peakMb),
  ]),
  note: 'Full sweeps here leave tags to CloudTrail; by default they ask for those of the last 30 days too, 3,000 calls at this rate of new jobs whatever the history. Of a full sweep there is one round. "Ready" is what its process holds before it (RSS): Node.js, the SDK, and the compiler that strips the types, which Lambda does not have; "most" is the highest that it ever held.',
});
