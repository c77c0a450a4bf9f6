import type { MetricStore, Series } from './metric-store.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';
/** What a period says: the threshold is broken or not, or nothing was measured. */
export type Datapoint = boolean | undefined;

export interface EvaluationRule {
  /** N: how many datapoints are needed. */
  readonly evaluationPeriods: number;
  /** M: how many of them must break the threshold. */
  readonly datapointsToAlarm: number;
  readonly missing: MissingData;
}

/**
 * The state that datapoints lead to; the newest is the last, and there may be more than N of them.
 *
 * CloudWatch retrieves more datapoints than N. Where N or more have data, the newest N of those decide. Where fewer
 * have, the rest is filled by the rule for missing data, as seldom as possible. A breaching datapoint that is followed by
 * missing ones alone leads to ALARM once it is as old as M ("premature transitions"), and keeps the state with `ignore`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export const stateOf = (datapoints: readonly Datapoint[], rule: EvaluationRule, before: AlarmState): AlarmState => {
  const { evaluationPeriods, datapointsToAlarm, missing } = rule;
  const real = datapoints.filter((datapoint) => datapoint !== undefined);
  const used = real.slice(-evaluationPeriods);
  const breaching = used.filter(Boolean).length;
  const filled = evaluationPeriods - used.length;
  const decide = (count: number): AlarmState => (count >= datapointsToAlarm ? 'ALARM' : 'OK');
  if (filled === 0 || missing === 'notBreaching') return decide(breaching);
  if (missing === 'breaching') return decide(breaching + filled);
  if (real.length === 0) return missing === 'ignore' ? before : 'INSUFFICIENT_DATA';
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (breaching < used.length) return 'OK';
  if (missing === 'ignore') return before;
  const age = datapoints.length - datapoints.indexOf(true);
  return age >= datapointsToAlarm ? 'ALARM' : before;
};

/** An alarm as the template has it. */
export interface Alarm extends EvaluationRule {
  readonly name: string;
  /** The paragraph of the runbook that its description names. */
  readonly paragraph: string;
  /** What is added up for each period: one metric, or several where a metric without a value counts as 0. */
  readonly metrics: readonly { readonly series: Series; readonly statistic: string }[];
  readonly periodMs: number;
  readonly fillsWithZero: boolean;
  readonly breaks: (value: number) => boolean;
  /** Of a query: the dimension of whose values each has a state of its own, beside those of `metrics`. */
  readonly by?: string;
}

/**
 * An alarm as often as CloudWatch evaluates it: on a query once for each series that it finds, which is named. A series
 * that comes no more is well, as it is with missing data that does not breach.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export const contributorsOf = (
  store: MetricStore,
  { by, ...alarm }: Alarm,
): readonly { readonly alarm: Alarm; readonly contributor?: string | undefined }[] => {
  if (by === undefined) return [{ alarm }];
  if (alarm.missing !== 'notBreaching') throw new Error(`${alarm.name}: silence of a series that is gone is well.`);
  return alarm.metrics.flatMap(({ series, statistic }) =>
    store.by(by, series).map((one) => ({
      alarm: { ...alarm, metrics: [{ series: one, statistic }] },
      contributor: one.dimensions[by],
    })),
  );
};

/** How many datapoints more than N are looked at: two in the examples of the page that `stateOf` names. */
export const EXTRA_DATAPOINTS = 2;

const datapointOf = (store: MetricStore, alarm: Alarm, end: number): Datapoint => {
  const { metrics, periodMs, fillsWithZero, breaks } = alarm;
  const values = metrics.map(({ series, statistic }) => store.statistic(series, statistic, end - periodMs, end));
  if (fillsWithZero) return breaks(values.reduce<number>((sum, value) => sum + (value ?? 0), 0));
  return values[0] === undefined ? undefined : breaks(values[0]);
};

/** The changes of an alarm's state over a time, evaluated every minute as CloudWatch does, by a window that slides. */
export const historyOf = (
  store: MetricStore,
  alarm: Alarm,
  { start, end, extra = EXTRA_DATAPOINTS }: { readonly start: number; readonly end: number; readonly extra?: number },
): readonly { readonly at: number; readonly state: AlarmState }[] => {
  const before = alarm.evaluationPeriods + extra - 1;
  const step = alarm.periodMs / MINUTE;
  // By the minute in which a period ends: each is needed again when the window has moved on by a period.
  const points: Datapoint[] = [];
  for (let at = start - before * alarm.periodMs; at <= end; at += MINUTE) points.push(datapointOf(store, alarm, at));
  const history: { at: number; state: AlarmState }[] = [];
  let state: AlarmState = 'INSUFFICIENT_DATA';
  let same = 0;
  for (const [place, point] of points.entries()) {
    same = place > 0 && point === points[place - 1] ? same + 1 : 0;
    // A window of equal datapoints leads to the same state however often it is evaluated.
    if (place < before * step || same > before * step) continue;
    const window = Array.from({ length: before + 1 }, (_, n) => points[place - (before - n) * step]);
    const next = stateOf(window, alarm, state);
    if (next !== state) history.push({ at: start + (place - before * step) * MINUTE, state: next });
    state = next;
  }
  return history;
};
