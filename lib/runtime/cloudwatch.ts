import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { TrackerError } from '../domain/errors.ts';
import type { Scope } from '../domain/identity.ts';
import { asSentence, oneLine } from '../domain/text.ts';
import { SECOND } from '../domain/time.ts';
import type { UsePoint } from '../domain/usage.ts';
import type { UseQuery, UseSource } from '../tracking/measure-usage.ts';
import { limitRate } from './rate-limiter.ts';
import { spokeCredentials, type SpokeAccess } from './spoke-credentials.ts';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';
import { isUnreadable } from './unreadable.ts';

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

/** The SDK does not check what it reads. */
const result = v.pipe(
  v.object({
    Id: v.string(),
    StatusCode: v.string(),
    Timestamps: v.optional(v.array(v.date()), []),
    Values: v.optional(v.array(v.pipe(v.number(), v.finite())), []),
  }),
  v.check(({ Timestamps: times, Values: values }) => times.length === values.length, 'A value has no time.'),
);
const answer = v.object({ MetricDataResults: v.optional(v.array(result), []) });

const take = (asked: readonly Asked[], page: unknown, { to, periodMs }: UseQuery): void => {
  for (const { Id, StatusCode, Timestamps, Values } of v.parse(answer, page).MetricDataResults) {
    const one = asked[Number(Id.slice(1))];
    if (one === undefined) continue;
    one.status = StatusCode;
    for (const [index, time] of Timestamps.entries()) {
      const start = time.getTime();
      one.points.push({ metric: one.metric, start, end: Math.min(to, start + periodMs), sum: Values[index] ?? 0 });
    }
  }
};

const translate = (error: unknown, { accountId, region }: Scope): unknown => {
  const place = `account ${accountId}, Region ${region}`;
  if (error instanceof Error && error.name.startsWith('AccessDenied'))
    return new TrackerError(
      'ACCESS_DENIED',
      `Not allowed to call cloudwatch:GetMetricData in ${place}: ${asSentence(error.message)} ` +
        'Allow it in the role that reads this scope, or deploy with modelUsage: false. Until then use is unknown.',
      { cause: error },
    );
  if (!isUnreadable(error) && !v.isValiError(error)) return error;
  const why = oneLine(error.message, 200);
  return new TrackerError('USE_NOT_MEASURED', `Could not read CloudWatch's answer for ${place}: ${asSentence(why)}`, {
    cause: error,
  });
};

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
        for await (const page of paginateGetMetricData({ client }, inputOf(some, query))) take(some, page, query);
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
