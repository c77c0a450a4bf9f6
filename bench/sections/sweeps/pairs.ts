/** Full sweeps of one history, each beside the bare pages of the same list. */
import type { MeasureOptions, Table, Target } from '../../section.ts';
import { formatNumber, formatSpread } from '../../statistics.ts';
import { LATENCY, measureSweeps, median, TAGS, type Latency, type Measured, type Service } from './measure.ts';

export interface Pair {
  readonly name: string;
  /** Whether the project promises anything of it. */
  readonly isTarget: boolean;
  readonly measured: Measured;
}

const MOST_RATIO = 1.5;
const NO_LATENCY: Latency = { bedrockMs: 0, tableMs: 0 };

const CASES = [
  { name: 'tags left to CloudTrail', isTarget: true, tagRefreshDays: TAGS.leftToTrail, latency: LATENCY },
  { name: 'tags of 30 days', isTarget: true, tagRefreshDays: TAGS.byDefault, latency: LATENCY },
  {
    name: 'tags left to CloudTrail, no latency',
    isTarget: false,
    tagRefreshDays: TAGS.leftToTrail,
    latency: NO_LATENCY,
  },
] as const;

export const measurePairs = async (
  service: Service,
  rounds: number,
  say: MeasureOptions['say'],
): Promise<readonly Pair[]> => {
  const pairs: Pair[] = [];
  for (const { name, isTarget, tagRefreshDays, latency } of CASES) {
    say(`${rounds} full sweeps of ${service.jobs} jobs beside the bare pages, ${name}`);
    const kind = { sweep: 'full', tagRefreshDays, rounds, paired: true } as const;
    pairs.push({ name, isTarget, measured: await measureSweeps({ ...service, latency }, kind) });
  }
  return pairs;
};

/** Of each round, how many times as long the sweep took as the bare pages. */
const ratiosOf = ({ sweeps, bare }: Measured): readonly number[] =>
  sweeps.map((seconds, round) => seconds / (bare[round] ?? Number.NaN));

export const pairTargets = (pairs: readonly Pair[], jobs: number): readonly Target[] => {
  const what = `a full sweep of ${formatNumber(jobs)} jobs without drift`;
  const promised = pairs.filter(({ isTarget }) => isTarget);
  return promised.map(({ name, measured }): Target => {
    const ratio = median(ratiosOf(measured));
    return {
      what: `Time of ${what}, ${name}`,
      target: `≤ ${MOST_RATIO}× the bare List pages`,
      measured: `${formatNumber(ratio)}×`,
      met: ratio <= MOST_RATIO,
    };
  });
};

export const pairTable = (pairs: readonly Pair[], jobs: number): Table => ({
  title: `Full sweep of ${formatNumber(jobs)} jobs without drift, beside the bare pages`,
  columns: [
    '',
    'Bedrock calls',
    'table requests',
    'bare pages, s',
    'sweep, s',
    'sweep / bare',
    'ready, MB',
    'most, MB',
  ],
  rows: pairs.map(({ name, measured }) => [
    name,
    formatNumber(measured.calls),
    formatNumber(measured.tableRequests),
    formatSpread(measured.bare),
    formatSpread(measured.sweeps),
    `${formatSpread(ratiosOf(measured))}×`,
  ]),
  note: 'Table requests are those of the jobs table and of the state of sweeps, which a full sweep saves every 500 jobs. Without latency only the work is left, of the sweep and of those who answer it.',
});
