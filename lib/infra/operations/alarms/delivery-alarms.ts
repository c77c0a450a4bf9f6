import { Duration, Fn } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type WatchedParts, type WatchedRule } from '../watched.ts';
import { sumOf, type AlarmDefinition } from './definition.ts';

const PERIOD = Duration.minutes(5);

/**
 * Events that EventBridge could put neither into their target nor into the queue of undelivered ones, whose own alarm
 * tells of all others: those of all rules together, as they share these queues.
 */
export const deliveryAlarms = ({ rules }: WatchedParts): AlarmDefinition[] => {
  const lost = Object.entries(rules).map(([name, rule]): [string, Metric] => [name, lostEvents(rule)]);
  if (lost.length === 0) return [];
  return [
    {
      id: 'EventsLost',
      metric: sumOf(lost, PERIOD),
      comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      periods: 1,
      missing: TreatMissingData.NOT_BREACHING,
      says: 'EventBridge could deliver an event neither to its target nor to the dead-letter queue.',
      paragraph: 'events-are-lost',
    },
  ];
};

/**
 * Rules of the default bus are measured by name alone, others by bus and name.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
const lostEvents = ({ rule, eventBusName }: WatchedRule): Metric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName: 'InvocationsFailedToBeSentToDlq',
    dimensionsMap:
      eventBusName === undefined
        ? { RuleName: rule.ruleName }
        : // CloudFormation's Ref of such a rule is "bus|rule"; its ARN ends with rule/<bus>/<rule>.
          { EventBusName: eventBusName, RuleName: Fn.select(2, Fn.split('/', rule.ruleArn)) },
    statistic: Stats.SUM,
    period: PERIOD,
  });
