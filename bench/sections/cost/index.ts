import { money, totalOf } from '../../../scripts/docs/cost.ts';
import { ASSUMED, dollars, usage } from '../../../scripts/docs/cost-model.ts';
import type { PriceName } from '../../../scripts/docs/prices.ts';
import { synthesize } from '../../../scripts/docs/template.ts';
import { countTemplate, type TemplateCounts } from '../../../scripts/docs/template-counts.ts';
import type { Cell, Measurements, Section } from '../../section.ts';
import { formatNumber } from '../../statistics.ts';
import { hourlyPoller } from './poller.ts';

const MONTHS = [100, 10_000, 1_000_000] as const;
/** What a poller does not have, either. */
const WATCHING = ['metric', 'alarm', 'dashboard'] as const satisfies readonly PriceName[];

const rowOf = (counts: TemplateCounts, jobs: number): readonly Cell[] => {
  const all = totalOf(counts, jobs, false);
  const used = usage(counts, jobs);
  const watching = WATCHING.reduce((sum, name) => sum + dollars(name, used[name], counts, false), 0);
  const poller = hourlyPoller(counts, jobs);
  return [
    formatNumber(jobs),
    `$${money(all)}`,
    `$${money(all - watching)}`,
    `$${money(poller.dollars)}`,
    formatNumber((all - watching) / poller.dollars),
    formatNumber(poller.calls),
    `${formatNumber(poller.secondsARun / 60)} min${poller.fitsItsHour ? '' : ': never ends in its hour'}`,
  ];
};

const measure = (): Measurements => {
  const counts = countTemplate(synthesize());
  const at = (jobs: number) => [totalOf(counts, jobs, false), hourlyPoller(counts, jobs).dollars] as const;
  const [ours, pollers] = at(10_000);
  return {
    targets: [
      {
        what: 'Dollars of 10,000 jobs a month, beside an hourly poller’s',
        target: 'less',
        measured: `$${money(ours)}, poller $${money(pollers)}`,
        met: ours < pollers,
      },
    ],
    tables: [
      {
        title: 'Dollars a month at list price, us-east-1',
        columns: [
          'jobs a month',
          'tracker',
          'without its alarms, metrics and dashboard',
          'hourly poller',
          'ratio of these two',
          'Bedrock calls of the poller',
          'a run of the poller',
        ],
        rows: MONTHS.map((jobs) => rowOf(counts, jobs)),
        note: `Both keep ${ASSUMED.monthsKept.value} months of jobs. With a hundred jobs a month the poller is the cheaper one: it has nobody to tell that it stopped, and knows of a change up to an hour late. It pays for each job that it keeps, every hour, and so falls behind as the history grows.`,
      },
    ],
  };
};

export const section: Section = {
  title: 'Cost',
  method:
    'Arithmetic, not a bill: counts that tests make and dated list prices, as [cost.md](cost.md) lays them out, for the stack with every prop at its default. The poller is a function of the same size that every hour lists all jobs, asks for each and its tags, and writes each record, one after the other, with the same seconds for each look.',
  measure: () => Promise.resolve(measure()),
};
