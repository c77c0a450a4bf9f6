/** CloudWatch, as far as it tells the use of models: GetMetricData of `AWS/Bedrock` by ModelId. Use is kept by the hour. */
import { type CallContext, invalid, parseArn, scopeKey } from './call.ts';
import type { RequestOf } from '../service-model/model.ts';

/** Calls of an hour, or of a moment. */
export interface Calls {
  readonly invocations: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RETENTION = 455 * DAY;

const METRICS = {
  Invocations: 'invocations',
  InputTokenCount: 'inputTokens',
  OutputTokenCount: 'outputTokens',
} as const;

/** The use of each ARN, as inference would have counted it. */
export class Use {
  readonly #hours = new Map<string, Map<number, Calls>>();

  record(arn: string, at: number, { invocations, inputTokens = 0, outputTokens = 0 }: Calls): void {
    const hour = Math.floor(at / HOUR) * HOUR;
    const hours = this.of(arn);
    const before = { inputTokens: 0, outputTokens: 0, invocations: 0, ...hours.get(hour) };
    hours.set(hour, {
      invocations: before.invocations + invocations,
      inputTokens: before.inputTokens + inputTokens,
      outputTokens: before.outputTokens + outputTokens,
    });
    this.#hours.set(arn, hours);
  }

  /** By the beginning of the hour. */
  of(arn: string): Map<number, Calls> {
    return this.#hours.get(arn) ?? new Map<number, Calls>();
  }

  /** What CloudWatch still holds. */
  entries(now: number): [arn: string, hours: [number, Calls][]][] {
    return Array.from(this.#hours, ([arn, hours]) => [arn, [...hours].filter(([hour]) => hour > now - RETENTION)]);
  }
}

type Request = RequestOf<'GetMetricData'>;
type MetricStat = Request['MetricDataQueries'][number]['MetricStat'];

/** Older data is there in coarser periods alone. */
const finestPeriod = (age: number): number => (age > 63 * DAY ? HOUR : age > 15 * DAY ? 5 * MINUTE : MINUTE);

/** The sum of each period with data, oldest first. */
const pointsOf = ({ Metric, Period }: MetricStat, request: Request, { store, caller, now }: CallContext) => {
  const { Namespace, MetricName, Dimensions: [dimension, ...others] = [] } = Metric;
  const isOfModel = dimension?.Name === 'ModelId' && others.length === 0 && Namespace === 'AWS/Bedrock';
  const arn = isOfModel ? dimension.Value : '';
  const scope = parseArn(arn);
  const member = Object.hasOwn(METRICS, MetricName) ? METRICS[MetricName as keyof typeof METRICS] : undefined;
  if (scope === undefined || member === undefined || scopeKey(scope) !== scopeKey(caller)) return [];
  const period = Period * 1000;
  const from = Math.max(request.StartTime, now - RETENTION);
  const sums = new Map<number, number>();
  for (const [hour, calls] of store.use.of(arn)) {
    if (hour < from || hour >= request.EndTime || period < finestPeriod(now - hour)) continue;
    const start = Math.floor(hour / period) * period;
    sums.set(start, (sums.get(start) ?? 0) + (calls[member] ?? 0));
  }
  return [...sums].sort(([left], [right]) => left - right);
};

export const getMetricData = (request: Request, context: CallContext): object => {
  const { MetricDataQueries: queries, StartTime, EndTime, ScanBy, MaxDatapoints = 100_800, NextToken = '0' } = request;
  if (StartTime >= EndTime) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  if (new Set(queries.map(({ Id }) => Id)).size < queries.length) throw invalid('Each Id must be unique.');
  if (queries.some(({ MetricStat: { Period } }) => Period % 60 !== 0))
    throw invalid('Period must be a multiple of 60.');
  if (!/^\d+$/.test(NextToken)) throw invalid('The NextToken is not valid.');
  // A token is how many points were handed out before.
  const [begin, end] = [Number(NextToken), Number(NextToken) + MaxDatapoints];
  let handedOut = 0;
  const results = queries.map(({ Id, MetricStat }) => {
    const points = pointsOf(MetricStat, request, context);
    if (ScanBy !== 'TimestampAscending') points.reverse();
    const [first, last] = [Math.max(0, begin - handedOut), Math.max(0, end - handedOut)];
    const page = points.slice(first, last);
    handedOut += points.length;
    const told = { Id, Label: MetricStat.Metric.MetricName, Messages: [] };
    const StatusCode = last < points.length ? 'PartialData' : 'Complete';
    return { ...told, StatusCode, Timestamps: page.map(([at]) => at / 1000), Values: page.map(([, sum]) => sum) };
  });
  return { MetricDataResults: results, Messages: [], ...(handedOut > end && { NextToken: String(end) }) };
};
