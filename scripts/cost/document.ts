import { ASSUMED, dollars, MEASURED, seriesOf, usage } from './model.ts';
import { PRICES, type PriceName } from './prices.ts';
import type { TemplateCounts } from './template-counts.ts';

const SCENARIOS = [0, 100, 10_000, 1_000_000] as const;
const NAMES = Object.keys(PRICES) as PriceName[];

/** $0.00 would say that something is free which is only cheap. */
export const money = (value: number): string => {
  if (value === 0) return '0';
  if (value < 0.005) return '<0.01';
  return value < 100 ? value.toFixed(2) : grouped(Math.round(value));
};
const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 10 });

/** Aligned as Prettier does it. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string => {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const width = (column: number): number => widths[column] ?? 0;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (right.has(i) ? cell.padStart(width(i)) : cell.padEnd(width(i)))).join(' | ')} |`;
  const rule = head.map((_, i) => (right.has(i) ? `${'-'.repeat(width(i) - 1)}:` : '-'.repeat(width(i))));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
};

/** Dollars of a month, all prices together. */
export const totalOf = (counts: TemplateCounts, jobs: number, free: boolean): number =>
  NAMES.reduce((sum, name) => sum + dollars(name, usage(counts, jobs)[name], counts, free), 0);

/** The one sentence for those who read no tables. */
export const headline = (counts: TemplateCounts): string =>
  `An idle tracker costs about $${money(totalOf(counts, 0, false))} a month at list price, and ` +
  `$${money(totalOf(counts, 0, true))} in an account whose free tiers nothing else uses; with 10,000 jobs a month it is ` +
  `about $${money(totalOf(counts, 10_000, false))}.`;

const costTable = (counts: TemplateCounts): string => {
  const used = SCENARIOS.map((jobs) => usage(counts, jobs));
  const rows = NAMES.filter((name) => used.some((of) => of[name] > 0)).map((name) => [
    PRICES[name].what,
    ...used.map((of) => money(dollars(name, of[name], counts, false))),
  ]);
  const totals = (text: string, free: boolean) => [
    `**${text}**`,
    ...SCENARIOS.map((jobs) => `**${money(totalOf(counts, jobs, free))}**`),
  ];
  return table(
    ['$ a month', ...SCENARIOS.map((jobs) => (jobs === 0 ? 'idle' : `${grouped(jobs)} jobs`))],
    [...rows, totals('together', false), totals('after the free tiers', true)],
    new Set([1, 2, 3, 4]),
  );
};

const TEMPLATE_WORDS: readonly (readonly [string, (counts: TemplateCounts) => number])[] = [
  ['alarms', ({ alarms }) => alarms],
  ['dashboards', ({ dashboards }) => dashboards],
  ['metrics on the largest dashboard', ({ dashboardMetrics }) => dashboardMetrics],
  ['queues', ({ queues }) => queues],
  ['queues that Lambda polls', ({ polledQueues }) => polledQueues],
  ['streams that Lambda reads (free of charge)', ({ streamsRead }) => streamsRead],
  ['functions', ({ functions }) => functions],
  ['GB of memory of a function', ({ memoryGb }) => memoryGb],
  ['tables', ({ tables }) => tables],
  ['tables with point-in-time recovery', ({ recoverableTables }) => recoverableTables],
  ['log groups', ({ logGroups }) => logGroups],
  ['days that logs are kept', ({ logRetentionDays }) => logRetentionDays],
  ['customer managed keys', ({ keys }) => keys],
  ['active sweeps in 30 days', ({ sweeps }) => sweeps.active],
  ['full sweeps in 30 days', ({ sweeps }) => sweeps.full],
];

const SOURCES = {
  'idle-cost': '`test/integration/tracker/idle-cost.test.ts`',
  fixtures: '`test/docs/cost.test.ts`, by DynamoDB’s rules of size',
} as const;

/** docs/cost.md as text. */
export const costDocument = (counts: TemplateCounts): string => `# Cost

${headline(counts)}

Made by \`npm run cost\` from the stack's template, counts that tests make, and the assumptions below. Do not edit it: a
test compares it with what the script prints. Region us-east-1, 30 days, one scope, every prop at its default.

${costTable(counts)}

Nothing runs all the time but Lambda's polls of the queue. What is left out because it is free: events of AWS
services on the default bus, Bedrock's Get and List calls, DynamoDB streams read by Lambda, SSM parameters, and data
within a Region. Notifications by e-mail come by a prop: $2 for 100,000 after the first 1,000.

A million jobs a month are arithmetic: Bedrock's request limits for one account and Region are far below the calls that
they take. They would be spread over many scopes, each with sweeps of its own.

## To pay less

- \`-c dashboard=false\` and \`-c alarms=false\`: no dashboard, no alarms.
- \`-c activeSweepMinutes=15\`: a third of the sweeps, and of the looks at running jobs, which are most of what grows with
  the number of jobs.
- Custom metrics are billed for each series, by the hours in which it has data: ${seriesOf('idle')} where no job
  changes, ${seriesOf('all')} at most, and one more for each further scope.

## Taken from the template

${table(
  ['count', 'of'],
  TEMPLATE_WORDS.map(([what, of]) => [grouped(of(counts)), what]),
  new Set([0]),
)}

## Measured

${table(
  ['count', 'of', 'by'],
  Object.values(MEASURED).map(({ value, what, source }) => [grouped(value), what, SOURCES[source]]),
  new Set([0]),
)}

## Assumed

Not measured on AWS. What grows with the number of jobs is an upper bound: it takes every active sweep to find that
every running job has moved.

${table(
  ['count', 'of'],
  Object.values(ASSUMED).map(({ value, what }) => [grouped(value), what]),
  new Set([0]),
)}

## Prices

Public list prices of us-east-1 as of the year named, and what AWS gives each account a month for nothing, for ever. They
change: compare them with [AWS's pages](https://aws.amazon.com/pricing/) before you plan by them.

${table(
  ['what', '$', 'for', 'free', 'as of'],
  NAMES.map((name) => {
    const { what, usd, per, unit, free, asOf } = PRICES[name];
    return [
      what,
      grouped(usd),
      `${grouped(per)} ${per === 1 ? unit.replace(/s$/, '') : unit}`,
      free === 0 ? '–' : grouped(free),
      asOf,
    ];
  }),
  new Set([1, 3]),
)}
`;
