import { ASSUMED, dollars, MEASURED } from '../../../scripts/docs/cost-model.ts';
import { PRICES, type PriceName } from '../../../scripts/docs/prices.ts';
import { MONTH_MIN, type TemplateCounts } from '../../../scripts/docs/template-counts.ts';

const RUNS = MONTH_MIN / 60;
const HOUR_S = 3600;
const PAGE = 1000;
/** A record of 2.2 KB; written unchanged it changes no index entry, and each such write is billed all the same. */
const WRITES_A_RECORD = Math.ceil(MEASURED.recordKb.value);
const LOG_KB = 1;
const GB = 1024 * 1024;

export interface PollerMonth {
  readonly dollars: number;
  /** Calls of Bedrock: pages of List, then Get and ListTagsForResource for each job. */
  readonly calls: number;
  /** Seconds that one run takes, job after job. */
  readonly secondsARun: number;
  readonly fitsItsHour: boolean;
}

/**
 * A function of the tracker's own size that every hour lists all jobs, asks for each and its tags, and writes it: what
 * inventories do (Fix Inventory, and every `for job in list` script). No alarms, no dashboard, no metrics, no history.
 */
export const hourlyPoller = (counts: TemplateCounts, jobsAMonth: number): PollerMonth => {
  const kept = jobsAMonth * ASSUMED.monthsKept.value;
  const secondsARun = ASSUMED.sweepSeconds.value + kept * ASSUMED.lookSeconds.value;
  const logGb = (RUNS * LOG_KB) / GB;
  const used: Partial<Record<PriceName, number>> = {
    lambdaRequest: RUNS,
    lambdaTime: RUNS * secondsARun * counts.memoryGb,
    tableWrite: RUNS * kept * WRITES_A_RECORD,
    tableStorage: (kept * MEASURED.recordKb.value) / GB,
    schedule: RUNS,
    logs: logGb,
    logStorage: logGb,
  };
  const sum = Object.entries(used).reduce((total, [name, units]) => {
    if (!(name in PRICES)) throw new Error(`No price for ${name}.`);
    return total + dollars(name as PriceName, units, counts, false);
  }, 0);
  return {
    dollars: sum,
    calls: RUNS * (Math.max(1, Math.ceil(kept / PAGE)) + 2 * kept),
    secondsARun,
    fitsItsHour: secondsARun < HOUR_S,
  };
};
