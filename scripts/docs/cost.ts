import { ASSUMED, dollars, type Load, MEASURED, ofOneScope, type Part, seriesOf, usage } from './cost-model.ts';
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

/** Dollars of a month, all prices together: of all parts, or some. */
export const totalOf = (counts: TemplateCounts, load: Load, free = false, parts?: readonly Part[]): number =>
  NAMES.reduce((sum, name) => sum + dollars(name, usage(counts, load, parts)[name], counts, free), 0);
const ofJobs = (counts: TemplateCounts, jobs: number, free: boolean) => totalOf(counts, ofOneScope(jobs), free);

/** The costs in one sentence. */
const headline = (counts: TemplateCounts): string =>
  `An idle tracker costs about $${money(ofJobs(counts, 0, false))} a month at list price, and ` +
  `$${money(ofJobs(counts, 0, true))} in an account whose free tiers nothing else uses; with 10,000 jobs a month it is ` +
  `about $${money(ofJobs(counts, 10_000, false))}.`;

/** What in docs/cost.md is made from the template, the counts, the assumptions and the prices. */
export function costParts(
  counts = countTemplate(synthesize()),
): Record<'headline' | 'costs' | 'scopes' | 'series' | 'counts', string> {
  return {
    headline: headline(counts),
    costs: costs(counts),
    scopes: scopes(countTemplate(synthesize(HUB))),
    series: series(),
    counts: countsOf(counts),
  };
}

/** Of a hub of so many scopes 2 % have active jobs, and 8 % had some before. */
export const HUB = {
  env: { account: '111122223333', region: 'us-east-1' },
  organizationId: 'o-exampleorgid',
  spokeExternalId: 'external-id',
};
export const hubLoad = (scopes: number): Load => {
  const [active, idle] = [Math.max(1, scopes * 0.02), scopes * 0.08];
  return { jobs: 0, scopes: { active, idle, empty: scopes - active - idle } };
};
const SCOPES = [100, 1_000, 10_000] as const;
const PART_ROWS: readonly (readonly [what: string, parts: readonly Part[]])[] = [
  ['alarms, dashboard, metrics, polling', ['watching']],
  ['starting sweeps', ['starting']],
  ['sweeps of scopes', ['sweeping']],
  ['heartbeats, in the hub', ['hearing']],
  ['heartbeats, in the accounts of the spokes', ['telling']],
];

/** The parts that the account of the tracker pays. */
const OWN = PART_ROWS.flatMap(([, parts]) => parts).filter((part) => part !== 'telling');
/** No account has so many spokes that EventBridge Scheduler is not free there. */
export const afterFree = (counts: TemplateCounts, load: Load): number =>
  totalOf(counts, load, true, OWN) + dollars('busEvent', usage(counts, load, ['telling']).busEvent, counts, true);

const scopes = (hub: TemplateCounts): string => {
  const single = countTemplate(synthesize());
  const all = PART_ROWS.flatMap(([, parts]) => parts);
  const columns = [
    { counts: single, load: ofOneScope(0) },
    ...SCOPES.map((count) => ({ counts: hub, load: hubLoad(count) })),
  ];
  const row = (what: string, parts: readonly Part[], free = false, mark = '') => [
    mark + what + mark,
    ...columns.map(({ counts, load }) => mark + money(totalOf(counts, load, free, parts)) + mark),
  ];
  return table(
    ['$ a month', '1 scope', ...SCOPES.map((count) => `${grouped(count)} scopes`)],
    [
      ...PART_ROWS.map(([what, parts]) => row(what, parts)),
      row('together', all, false, '**'),
      ['**after the free tiers**', ...columns.map(({ counts, load }) => `**${money(afterFree(counts, load))}**`)],
    ],
    new Set([1, 2, 3, 4]),
  );
};

const costs = (counts: TemplateCounts): string => {
  const used = SCENARIOS.map((jobs) => usage(counts, ofOneScope(jobs)));
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
    ...SCENARIOS.map((jobs) => `**${money(ofJobs(counts, jobs, free))}**`),
  ];
  return table(
    ['$ a month', 'price', 'free', ...SCENARIOS.map((jobs) => (jobs === 0 ? 'idle' : `${grouped(jobs)} jobs`))],
    [...rows, totals('together', false), totals('after the free tiers', true)],
    new Set([1, 2, 3, 4, 5, 6]),
  );
};

const series = (): string =>
  `CloudWatch bills ${seriesOf('idle')} metrics while no job changes, and ${seriesOf('all')} at most. A scope that cannot ` +
  'be swept is one more while it fails, and one more in its alarm.';

const FROM_TEMPLATE: readonly (readonly [string, (counts: TemplateCounts) => number])[] = [
  ['alarms', ({ alarms }) => alarms],
  ['metrics on the dashboard', ({ dashboardMetrics }) => dashboardMetrics],
  ['queues, of which Lambda polls one', ({ queues }) => queues],
  ['functions', ({ functions }) => functions],
  ['GB of memory of a function', ({ memoryGb }) => memoryGb],
  ['tables, all with point-in-time recovery', ({ recoverableTables }) => recoverableTables],
  ['days that logs are kept', ({ logRetentionDays }) => logRetentionDays],
  ['minutes between sweeps of active jobs', ({ minutes }) => minutes.active],
  ['between full sweeps', ({ minutes }) => minutes.full],
  ['between sweeps of models', ({ minutes }) => minutes.models],
  ['of their use', ({ minutes }) => minutes.usage],
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
