/** CloudWatch, as far as it tells the use of models: GetMetricData of `AWS/Bedrock` by ModelId. Use is kept by the hour. */
import * as v from 'valibot';
import { type CallContext, invalid, parseArn, scopeKey } from './call.ts';
import { operation } from './kind-operations.ts';
import { boolean, integer, list, number, oneOf, optional, structure, text } from '../service-model/validation.ts';

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

const SUMS: Readonly<Record<string, (calls: Calls) => number | undefined>> = {
  Invocations: ({ invocations }) => invocations,
  InputTokenCount: ({ inputTokens }) => inputTokens,
  OutputTokenCount: ({ outputTokens }) => outputTokens,
};

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

const time = v.pipe(
  number({ min: -8.64e12, max: 8.64e12 }),
  v.transform((seconds) => seconds * 1000),
);
const name = text({ min: 1, max: 255 });
const GetMetricDataRequest = structure({
  MetricDataQueries: list(
    structure({
      Id: name,
      Label: optional(text({})),
      ReturnData: optional(boolean()),
      MetricStat: structure({
        Metric: structure({
          Namespace: name,
          MetricName: name,
          Dimensions: optional(list(structure({ Name: name, Value: text({ min: 1, max: 1024 }) }), { max: 30 })),
        }),
        Period: integer({ min: 1 }),
        Stat: oneOf(['Sum', 'SampleCount', 'Average']),
      }),
    }),
    { max: 500 },
  ),
  StartTime: time,
  EndTime: time,
  NextToken: optional(text({ max: 20 })),
  ScanBy: optional(oneOf(['TimestampDescending', 'TimestampAscending'])),
  MaxDatapoints: optional(integer({ min: 1, max: 100_800 })),
});
type Request = v.InferOutput<typeof GetMetricDataRequest>;
type MetricStat = Request['MetricDataQueries'][number]['MetricStat'];

/** Older data is there in coarser periods alone. */
const finestPeriod = (age: number): number => (age > 63 * DAY ? HOUR : age > 15 * DAY ? 5 * MINUTE : MINUTE);

/** Each period with data, oldest first. */
const pointsOf = ({ Metric, Period, Stat }: MetricStat, request: Request, { store, caller, now }: CallContext) => {
  const { Namespace, MetricName, Dimensions: [dimension, ...others] = [] } = Metric;
  const arn =
    dimension?.Name === 'ModelId' && others.length === 0 && Namespace === 'AWS/Bedrock' ? dimension.Value : '';
  const scope = parseArn(arn);
  const sumOf = SUMS[MetricName];
  if (scope === undefined || sumOf === undefined || scopeKey(scope) !== scopeKey(caller)) return [];
  const period = Period * 1000;
  const from = Math.max(request.StartTime, now - RETENTION);
  const points = new Map<number, { sum: number; count: number }>();
  for (const [hour, calls] of store.use.of(arn)) {
    const sum = sumOf(calls);
    const isHeld = hour >= from && hour < request.EndTime && period >= finestPeriod(now - hour);
    if (!isHeld || sum === undefined) continue;
    const start = Math.floor(hour / period) * period;
    const before = points.get(start) ?? { sum: 0, count: 0 };
    points.set(start, { sum: before.sum + sum, count: before.count + calls.invocations });
  }
  const values = { Sum: 'sum', SampleCount: 'count' } as const;
  return Array.from(points, ([start, point]): [number, number] => [
    start / 1000,
    Stat === 'Average' ? point.sum / point.count : point[values[Stat]],
  ]).sort(([left], [right]) => left - right);
};

const getMetricData = (request: Request, context: CallContext): object => {
  const { MetricDataQueries: queries, StartTime, EndTime, ScanBy, MaxDatapoints = 100_800, NextToken = '0' } = request;
  if (StartTime >= EndTime) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  if (new Set(queries.map(({ Id }) => Id)).size < queries.length) throw invalid('Each Id must be unique.');
  if (queries.some(({ MetricStat: { Period } }) => Period % 60 !== 0))
    throw invalid('Period must be a multiple of 60.');
  if (!/^\d+$/.test(NextToken)) throw invalid('The NextToken is not valid.');
  const asked = queries.filter(({ ReturnData }) => ReturnData !== false);
  // A token is how many points were handed out before.
  const [begin, end] = [Number(NextToken), Number(NextToken) + MaxDatapoints];
  let handedOut = 0;
  const results = asked.map(({ Id, Label, MetricStat }) => {
    const points = pointsOf(MetricStat, request, context);
    if (ScanBy !== 'TimestampAscending') points.reverse();
    const [first, last] = [Math.max(0, begin - handedOut), Math.max(0, end - handedOut)];
    const page = points.slice(first, last);
    handedOut += points.length;
    return {
      ...{
        Id,
        Label: Label ?? MetricStat.Metric.MetricName,
        StatusCode: last < points.length ? 'PartialData' : 'Complete',
      },
      ...{ Timestamps: page.map(([at]) => at), Values: page.map(([, value]) => value), Messages: [] },
    };
  });
  return { MetricDataResults: results, Messages: [], ...(handedOut > end && { NextToken: String(end) }) };
};

/** SDKs speak JSON with CloudWatch, and name the operation in a header: it stands for the path. */
export const CLOUDWATCH_OPERATIONS = {
  GetMetricData: operation(
    'POST /GraniteServiceVersion20100801.GetMetricData',
    GetMetricDataRequest,
    getMetricData,
    200,
    false,
  ),
};
