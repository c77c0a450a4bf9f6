import { money, totalOf } from '../../scripts/docs/cost.ts';
import { ASSUMED, dollars, MEASURED, ofOneScope } from '../../scripts/docs/cost-model.ts';
import type { PriceName } from '../../scripts/docs/prices.ts';
import { synthesize } from '../../scripts/docs/template.ts';
import { countTemplate, MONTH_MIN, type TemplateCounts } from '../../scripts/docs/template-counts.ts';
import { formatNumber, type Result, type Section } from '../section.ts';

const MONTHS = [100, 10_000, 1_000_000] as const;
const TARGET_MONTH = 10_000;

const RUNS = MONTH_MIN / 60;
/** A record of 2.2 KB; an unchanged write changes no index entry, and is billed all the same. */
const WRITES_A_RECORD = Math.ceil(MEASURED.recordKb.value);
const LOG_KB = 1;
const GB = 1024 * 1024;

interface PollerMonth {
  readonly dollars: number;
  /** How long one run takes, job after job. */
  readonly minutesARun: number;
}

/**
 * A function of the tracker's own size that every hour lists all jobs, asks for each and its tags, and writes it: what
 * inventories do (Fix Inventory, and every `for job in list` script). No alarms, no dashboard, no metrics, no history.
 */
const hourlyPoller = (counts: TemplateCounts, jobsAMonth: number): PollerMonth => {
  const kept = jobsAMonth * ASSUMED.monthsKept.value;
  const secondsARun = ASSUMED.turnSeconds.value + kept * ASSUMED.lookSeconds.value;
  const logGb = (RUNS * LOG_KB) / GB;
  const used = {
    lambdaRequest: RUNS,
    lambdaTime: RUNS * secondsARun * counts.memoryGb,
    tableWrite: RUNS * kept * WRITES_A_RECORD,
    tableStorage: (kept * MEASURED.recordKb.value) / GB,
    schedule: RUNS,
    logs: logGb,
    logStorage: logGb,
  } satisfies Partial<Record<PriceName, number>>;
  const sum = Object.entries(used).reduce(
    (total, [name, units]) => total + dollars(name as keyof typeof used, units, counts, false),
    0,
  );
  return { dollars: sum, minutesARun: secondsARun / 60 };
};

const measure = (): readonly Result[] => {
  const counts = countTemplate(synthesize());
  return MONTHS.map((jobs) => {
    const ours = totalOf(counts, ofOneScope(jobs));
    const poller = hourlyPoller(counts, jobs);
    const runs = `, ${formatNumber(poller.minutesARun)} min a run`;
    return {
      what: `${formatNumber(jobs)} jobs a month, beside an hourly poller`,
      measured: `$${money(ours)} a month; poller $${money(poller.dollars)}${runs}`,
      ...(jobs === TARGET_MONTH && { target: 'less', met: ours < poller.dollars }),
    };
  });
};

export const section: Section = {
  title: 'Cost',
  text: `Arithmetic, not a bill: [cost.md](cost.md) has the counts and prices, with every prop at its default. The poller is a function of the same size that every hour lists all jobs, asks for each and its tags, and writes each record. Both keep ${ASSUMED.monthsKept.value} months of jobs.

For a hundred jobs a month the poller is cheaper: it has no alarms, metrics or dashboard. From about 1,000 jobs a month it needs longer than its hour.`,
  measure: () => Promise.resolve(measure()),
};
