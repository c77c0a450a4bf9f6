import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { WatchedParts } from '../watched.ts';
import { sumOf, type AlarmDefinition } from './definition.ts';

const PERIOD = Duration.minutes(5);

const throttles = ({ tableName }: WatchedParts['jobsTable'], metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName },
    statistic: Stats.SUM,
    period: PERIOD,
  });

/**
 * Requests that DynamoDB throttles for longer than its adaptation to a burst takes. It reports no count of zero, and an
 * alarm on one of its metrics keeps its state then, whatever it is told: so the sum is filled with zeros.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export const tableAlarm = (table: WatchedParts['jobsTable']): AlarmDefinition => ({
  id: 'JobsTableThrottled',
  metric: sumOf(
    [
      ['writes', throttles(table, 'WriteThrottleEvents')],
      ['reads', throttles(table, 'ReadThrottleEvents')],
    ],
    PERIOD,
  ),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  threshold: 1,
  periods: 3,
  missing: TreatMissingData.NOT_BREACHING,
  says: 'DynamoDB has throttled requests to the jobs table for 15 minutes.',
  paragraph: 'the-jobs-table-is-throttled',
});
