import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { alarmRules, type AlarmName, type AlarmRule, type AlarmSettings } from './alarm-rules.ts';
import { deliveryAlarms, functionAlarms, queueAlarms, tableAlarm } from './aws-alarms.ts';
import { eventAlarms, scopeAlarms, sweepAlarms } from './tracking-alarms.ts';
import { pascalCase, type WatchedParts } from './watched.ts';

/** An alarm before it is made: one rule, and one metric where one can say it (ADR 0024). */
export interface AlarmDefinition {
  readonly name: AlarmName;
  readonly metric: (period: Duration) => IMetric;
  /** @default - at or above the threshold */
  readonly comparison?: ComparisonOperator;
  /** What a period without data says. @default - that all is well: nothing happened, so nothing failed */
  readonly missing?: TreatMissingData;
  /** What happened, as a sentence. */
  readonly says: string | ((rule: AlarmRule) => string);
  /** The anchor of its paragraph in docs/runbook.md. */
  readonly paragraph: string;
}

/** For how long a rule was breached, as the end of a sentence. */
export const duringOf = ({ period, periods, breachingPeriods }: AlarmRule): string =>
  breachingPeriods === periods
    ? `for ${Duration.minutes(period.toMinutes() * periods).toHumanString()}`
    : `in ${breachingPeriods} of ${periods} periods of ${period.toHumanString()}`;

export interface TrackerAlarmsProps extends WatchedParts, AlarmSettings {
  /**
   * Where alarms go when they begin and when they end. An encrypted topic's key must let CloudWatch use it.
   * @default - nowhere: the alarms are seen on the dashboard and in the console
   */
  readonly topic?: ITopic | undefined;
  /** Address of the runbook. */
  readonly runbookUrl: string;
}

/**
 * The alarms of a tracker: one for every failure that it does not recover from within minutes. Each description says
 * what happened and links to its paragraph of the runbook.
 *
 * An alarm costs $0.10 a month (us-east-1); the first ten of an account are free.
 */
export class TrackerAlarms extends Construct {
  /** Every alarm, in the order of the runbook. */
  readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: TrackerAlarmsProps) {
    super(scope, id);
    const definitions = [
      ...queueAlarms(props),
      ...deliveryAlarms(props),
      ...functionAlarms(props),
      ...sweepAlarms(props, props.longRunningAfter),
      ...scopeAlarms(props),
      ...eventAlarms(props.metric),
      tableAlarm(props),
    ];
    const rules = alarmRules(props);
    this.alarms = definitions.flatMap((definition) => {
      const rule = rules[definition.name];
      return rule === undefined ? [] : this.create(definition, rule, props);
    });
  }

  private create(definition: AlarmDefinition, rule: AlarmRule, { topic, runbookUrl }: TrackerAlarmsProps): Alarm {
    const { name, says } = definition;
    const { threshold, period, periods, breachingPeriods } = rule;
    const alarm = new Alarm(this, pascalCase(name), {
      alarmDescription: `${typeof says === 'string' ? says : says(rule)} See ${runbookUrl}#${definition.paragraph}`,
      metric: definition.metric(period),
      comparisonOperator: definition.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold,
      evaluationPeriods: periods,
      ...(breachingPeriods !== periods && { datapointsToAlarm: breachingPeriods }),
      treatMissingData: definition.missing ?? TreatMissingData.NOT_BREACHING,
    });
    if (topic) {
      const action = new SnsAction(topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    return alarm;
  }
}
