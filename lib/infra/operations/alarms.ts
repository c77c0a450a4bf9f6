import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { deliveryAlarms, functionAlarms, queueAlarms, tableAlarm } from './aws-alarms.ts';
import { eventAlarms, sweepAlarms, type SweepAlarmsProps } from './tracking-alarms.ts';
import type { WatchedParts } from './watched.ts';

/** An alarm before it is made: one threshold, and one metric where one can say it (ADR 0024). */
export interface AlarmDefinition {
  /** Id of the construct; what operators see as the middle of the alarm's name. */
  readonly id: string;
  readonly metric: IMetric;
  /** @default - at or above the threshold */
  readonly comparison?: ComparisonOperator;
  /** @default 1 */
  readonly threshold?: number;
  /** How many periods are looked at. @default 1 */
  readonly periods?: number;
  /** How many of them must breach. @default - all */
  readonly breachingPeriods?: number;
  /** What a period without data says. @default - that all is well: nothing happened, so nothing failed */
  readonly missing?: TreatMissingData;
  /** What happened, as a sentence. */
  readonly says: string;
  /** The anchor of its paragraph in docs/runbook.md. */
  readonly paragraph: string;
}

export interface TrackerAlarmsProps extends WatchedParts, SweepAlarmsProps {
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
      ...sweepAlarms(props),
      ...eventAlarms(props),
      tableAlarm(props.jobsTable),
    ];
    this.alarms = definitions.map((definition) => this.create(definition, props));
  }

  private create(definition: AlarmDefinition, { topic, runbookUrl }: TrackerAlarmsProps): Alarm {
    const alarm = new Alarm(this, definition.id, {
      alarmDescription: `${definition.says} See ${runbookUrl}#${definition.paragraph}`,
      metric: definition.metric,
      comparisonOperator: definition.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: definition.threshold ?? 1,
      evaluationPeriods: definition.periods ?? 1,
      ...(definition.breachingPeriods !== undefined && { datapointsToAlarm: definition.breachingPeriods }),
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
