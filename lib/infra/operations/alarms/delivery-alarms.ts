import { Duration, Fn } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { WatchedParts, WatchedRule } from '../watched.ts';
import type { AlarmDefinition } from './definition.ts';

/** Neither service reports a count of zero, so no data is good news. */
const SILENCE_IS_GOOD = {
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  periods: 1,
  missing: TreatMissingData.NOT_BREACHING,
} as const;

/** Scheduler's first retries follow within seconds: three errors are no passing one. */
const TARGET_ERRORS = 3;

/** Rules and schedules that do not reach their targets. */
export const deliveryAlarms = ({ rules, scheduleGroupName }: WatchedParts): AlarmDefinition[] => [
  ...Object.entries(rules).map(([name, watched]): AlarmDefinition => ({
    id: `${name}RuleFailed`,
    metric: ruleMetric('FailedInvocations', watched),
    threshold: 1,
    ...SILENCE_IS_GOOD,
    says: `EventBridge gave up on delivering an event of the rule ${name}.`,
    paragraph: 'a-rule-cannot-deliver',
  })),
  {
    id: 'SchedulesFailing',
    metric: scheduleMetric('TargetErrorCount', scheduleGroupName, Duration.minutes(15)),
    threshold: TARGET_ERRORS,
    ...SILENCE_IS_GOOD,
    says: `EventBridge Scheduler failed ${TARGET_ERRORS} times or more within 15 minutes to start a sweep.`,
    paragraph: 'a-schedule-cannot-start-sweeps',
  },
  {
    id: 'SchedulesDropped',
    metric: scheduleMetric('InvocationDroppedCount', scheduleGroupName, Duration.minutes(5)),
    threshold: 1,
    ...SILENCE_IS_GOOD,
    says: 'EventBridge Scheduler gave up on starting a sweep.',
    paragraph: 'a-schedule-cannot-start-sweeps',
  },
  {
    // The one of the three that leaves nothing behind, in no queue.
    id: 'UndeliveredSweepsLost',
    metric: scheduleMetric('InvocationsFailedToBeSentToDeadLetterCount', scheduleGroupName, Duration.minutes(5)),
    threshold: 1,
    ...SILENCE_IS_GOOD,
    says: 'EventBridge Scheduler could neither start a sweep nor put it into the queue of undelivered sweeps.',
    paragraph: 'a-schedule-cannot-start-sweeps',
  },
];

/**
 * Rules of the default bus are measured by name alone, others by bus and name.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
const ruleMetric = (metricName: string, { rule, eventBusName }: WatchedRule): Metric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName,
    dimensionsMap:
      eventBusName === undefined
        ? { RuleName: rule.ruleName }
        : // CloudFormation's Ref of such a rule is "bus|rule"; its ARN ends with rule/<bus>/<rule>.
          { EventBusName: eventBusName, RuleName: Fn.select(2, Fn.split('/', rule.ruleArn)) },
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  });

const scheduleMetric = (metricName: string, group: string, period: Duration): Metric =>
  new Metric({
    namespace: 'AWS/Scheduler',
    metricName,
    dimensionsMap: { ScheduleGroup: group },
    statistic: Stats.SUM,
    period,
  });
