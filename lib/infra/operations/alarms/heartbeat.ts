import { Duration } from 'aws-cdk-lib';

/** How often something that should happen periodically is looked for. */
export interface Heartbeat {
  readonly period: Duration;
  /** How many periods in a row without it mean that it has stopped. */
  readonly periods: number;
}

const HOUR_MIN = 60;
const DAY_MIN = 24 * HOUR_MIN;
/** Shorter ones would ring for a sweep that takes its time. */
const SHORTEST_MIN = 5;

/**
 * How far back an alarm can look: a day with periods under an hour, else seven days.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const longestRangeMin = (periodMin: number): number => (periodMin < HOUR_MIN ? DAY_MIN : 7 * DAY_MIN);

/** A period that CloudWatch takes: at most a day. */
export const longestPeriod = (period: Duration): Duration => Duration.minutes(Math.min(period.toMinutes(), DAY_MIN));

/**
 * The periods by which an alarm sees that something which happens `every` so often has failed to `misses` times in a
 * row, as far as CloudWatch can look back. Periods follow the clock and not the last time it happened, so at least one
 * period more than `every` must fit: otherwise the answer is undefined, since an alarm would ring while all is well.
 * That is the case where it happens less often than every 6 days.
 *
 * @param every whole minutes
 */
export function heartbeat(every: Duration, misses: number): Heartbeat | undefined {
  const everyMin = every.toMinutes();
  const periodMin = Math.min(Math.max(everyMin, SHORTEST_MIN), DAY_MIN);
  const wanted = Math.ceil((misses * Math.max(everyMin, SHORTEST_MIN)) / periodMin);
  const periods = Math.min(wanted, Math.floor(longestRangeMin(periodMin) / periodMin));
  if ((periods - 1) * periodMin < everyMin) return undefined;
  return { period: Duration.minutes(periodMin), periods };
}
