import { CloudWatchClient, paginateGetMetricData, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { TrackerError } from '../domain/errors.ts';
import type { Scope } from '../domain/identity.ts';
import { asSentence } from '../domain/text.ts';
import { SECOND } from '../domain/time.ts';
import type { UsePoint } from '../domain/usage.ts';
import type { UseQuery, UseSource } from '../tracking/measure-usage.ts';
import { limitRate } from './rate-limiter.ts';
import { spokeCredentials, type SpokeAccess } from './spoke-credentials.ts';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';

/** A client of one scope: CloudWatch has the use of its models in its account and Region. */
export const createCloudWatchClient = (scope: Scope, timeouts: Timeouts, spokes?: SpokeAccess): CloudWatchClient => {
  const credentials = spokeCredentials(spokes, scope, timeouts);
  const settings = { region: scope.region, ...clientSettingsOf(timeouts), ...(credentials && { credentials }) };
  return limitRate(new CloudWatchClient(settings));
};

/** What a call takes. */
const MAX_METRICS = 500;
const NAMES = { invocations: 'Invocations', input_tokens: 'InputTokenCount', output_tokens: 'OutputTokenCount' };

/** A metric of an ARN, and what was answered until now. */
interface Asked {
  readonly arn: string;
  readonly metric: UsePoint['metric'];
  readonly points: UsePoint[];
  /** `PartialData` until its last page. */
  status: string;
}

const inputOf = (asked: readonly Asked[], { from, to, periodMs }: UseQuery) => ({
  StartTime: new Date(from),
  EndTime: new Date(to),
  MetricDataQueries: asked.map(({ arn, metric }, index) => ({
    Id: `m${index}`,
    MetricStat: {
      // Inference names the deployment or the throughput as its model.
      Metric: { Namespace: 'AWS/Bedrock', MetricName: NAMES[metric], Dimensions: [{ Name: 'ModelId', Value: arn }] },
      Period: periodMs / SECOND,
      Stat: 'Sum',
    },
  })),
});

const take = (one: Asked, result: MetricDataResult, { to, periodMs }: UseQuery): void => {
  const { Timestamps: times = [], Values: sums = [], StatusCode = 'no status' } = result;
  const points = times.map((time, index) => {
    const start = time.getTime();
    return { metric: one.metric, start, end: Math.min(to, start + periodMs), sum: sums[index] ?? NaN };
  });
  const areValid = sums.length === times.length && points.every(({ start, sum }) => Number.isFinite(start + sum));
  one.points.push(...points);
  one.status = areValid && one.status !== 'unreadable' ? StatusCode : 'unreadable';
};

const translate = (error: unknown, { accountId, region }: Scope): unknown =>
  error instanceof Error && error.name.startsWith('AccessDenied')
    ? new TrackerError(
        'ACCESS_DENIED',
        `Not allowed to call cloudwatch:GetMetricData in account ${accountId}, Region ${region}: ${asSentence(error.message)} ` +
          'Allow it in the role that reads this scope, or deploy with modelUsage: false. Until then use is unknown.',
        { cause: error },
      )
    : error;

const incomplete = (arn: string, status: string): TrackerError =>
  new TrackerError(
    'USE_NOT_MEASURED',
    `CloudWatch's data of ${arn} is not complete (${status}), so nothing is concluded. The next usage sweep asks again.`,
  );

/** The use of what serves models in a scope, by CloudWatch. */
export const cloudWatchUse = (client: CloudWatchClient, scope: Scope): UseSource => ({
  async read(query) {
    const arns = [...new Set(query.arns)];
    const asked = arns.flatMap((arn) =>
      query.metrics.map((metric): Asked => ({ arn, metric, points: [], status: 'no answer' })),
    );
    try {
      for (let first = 0; first < asked.length; first += MAX_METRICS) {
        const some = asked.slice(first, first + MAX_METRICS);
        for await (const page of paginateGetMetricData({ client }, inputOf(some, query)))
          for (const result of page.MetricDataResults ?? []) {
            const one = some[Number(result.Id?.slice(1))];
            if (one) take(one, result, query);
          }
      }
    } catch (error) {
      throw translate(error, scope);
    }
    return new Map(
      arns.map((arn) => {
        const its = asked.filter((one) => one.arn === arn);
        const wrong = its.find(({ status }) => status !== 'Complete');
        return [arn, wrong ? incomplete(arn, wrong.status) : its.flatMap(({ points }) => points)];
      }),
    );
  },
});
