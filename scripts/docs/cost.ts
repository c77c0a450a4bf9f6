import { ASSUMED, dollars, MEASURED, seriesOf, usage } from './cost-model.ts';
import { table } from './markdown.ts';
import { PRICES, type PriceName } from './prices.ts';
import { synthesize } from './template.ts';
import { countTemplate, type TemplateCounts } from './template-counts.ts';

const SCENARIOS = [0, 100, 10_000, 1_000_000] as const;
const NAMES = Object.keys(PRICES) as PriceName[];

/** $0.00 would say that something is free which is only cheap. */
export const money = (value: number): string => {
  if (value === 0) return '0';
  if (value < 0.005) return '<0.01';
  return value < 100 ? value.toFixed(2) : grouped(Math.round(value));
};
const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 10 });

/** Dollars of a month, all prices together. */
export const totalOf = (counts: TemplateCounts, jobs: number, free: boolean): number =>
  NAMES.reduce((sum, name) => sum + dollars(name, usage(counts, jobs)[name], counts, free), 0);

/** The costs in one sentence. */
const headline = (counts: TemplateCounts): string =>
  `An idle tracker costs about $${money(totalOf(counts, 0, false))} a month at list price, and ` +
  `$${money(totalOf(counts, 0, true))} in an account whose free tiers nothing else uses; with 10,000 jobs a month it is ` +
  `about $${money(totalOf(counts, 10_000, false))}.`;

/** What in docs/cost.md is made from the template, the counts, the assumptions and the prices. */
export function costParts(
  counts = countTemplate(synthesize()),
): Record<'headline' | 'costs' | 'series' | 'counts', string> {
  return { headline: headline(counts), costs: costs(counts), series: series(), counts: countsOf(counts) };
}

const costs = (counts: TemplateCounts): string => {
  const used = SCENARIOS.map((jobs) => usage(counts, jobs));
  const rows = NAMES.filter((name) => used.some((of) => of[name] > 0)).map((name) => {
    const { what, usd, per, unit, free } = PRICES[name];
    return [
      what,
      `${grouped(usd)} / ${per === 1 ? unit.replace(/s$/, '') : `${grouped(per)} ${unit}`}`,
      free === 0 ? '' : grouped(free),
      ...used.map((of) => money(dollars(name, of[name], counts, false))),
    ];
  });
  const totals = (text: string, free: boolean) => [
    `**${text}**`,
    '',
    '',
    ...SCENARIOS.map((jobs) => `**${money(totalOf(counts, jobs, free))}**`),
  ];
  return table(
    ['$ a month', 'price', 'free', ...SCENARIOS.map((jobs) => (jobs === 0 ? 'idle' : `${grouped(jobs)} jobs`))],
    [...rows, totals('together', false), totals('after the free tiers', true)],
    new Set([1, 2, 3, 4, 5, 6]),
  );
};

const series = (): string =>
  `CloudWatch bills ${seriesOf('idle')} metrics while no job changes, ${seriesOf('all')} at most, and one more for each ` +
  'further scope.';

const FROM_TEMPLATE: readonly (readonly [string, (counts: TemplateCounts) => number])[] = [
  ['alarms', ({ alarms }) => alarms],
  ['metrics on the dashboard', ({ dashboardMetrics }) => dashboardMetrics],
  ['queues, of which Lambda polls one', ({ queues }) => queues],
  ['functions', ({ functions }) => functions],
  ['GB of memory of a function', ({ memoryGb }) => memoryGb],
  ['tables, all with point-in-time recovery', ({ recoverableTables }) => recoverableTables],
  ['days that logs are kept', ({ logRetentionDays }) => logRetentionDays],
  ['active sweeps in 30 days', ({ sweeps }) => sweeps.active],
  ['full sweeps in 30 days', ({ sweeps }) => sweeps.full],
  ['sweeps of models in 30 days', ({ sweeps }) => sweeps.models],
  ['of their use', ({ sweeps }) => sweeps.usage],
];

/** Every number that the costs rest on, by where it is from. */
const countsOf = (counts: TemplateCounts): string => {
  const list = (numbers: readonly (readonly [number, string])[]) =>
    numbers.map(([value, what]) => `${grouped(value)} ${what}`).join('; ');
  const known = (numbers: Readonly<Record<string, { readonly value: number; readonly what: string }>>) =>
    list(Object.values(numbers).map(({ value, what }) => [value, what]));
  return [
    `- **From the template**: ${list(FROM_TEMPLATE.map(([what, of]) => [of(counts), what]))}`,
    `- **Measured** by tests: ${known(MEASURED)}`,
    `- **Assumed**: ${known(ASSUMED)}`,
  ].join('\n');
};
