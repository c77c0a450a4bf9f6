import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  type AlarmDefinition,
  deliveryAlarms,
  describeAlarm,
  functionAlarms,
  queueAlarms,
  tableAlarm,
} from './aws-alarms.ts';
import { eventAlarms, sweepAlarms, type SweepAlarmsProps } from './tracking-alarms.ts';
import type { WatchedParts } from './watched.ts';

export interface TrackerAlarmsProps extends WatchedParts, SweepAlarmsProps {
  /**
   * Where alarms go when they begin and when they end. An encrypted topic's key must let CloudWatch use it.
   * @default - nowhere: the alarms are seen on the dashboard and in the console
   */
  readonly topic?: ITopic | undefined;
}

/**
 * The alarms of a tracker: about every failure that the tracker does not mend by itself within minutes. The
 * description of each says what happened and names its paragraph in docs/runbook.md.
 *
 * An alarm costs $0.10 a month (us-east-1), the first ten of an account nothing.
 */
export class TrackerAlarms extends Construct {
  /** Every alarm, in the order of the runbook. */
  readonly alarms: readonly Alarm[];

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
    this.alarms = definitions.map((definition) => this.create(definition, props.topic));
  }

  private create(definition: AlarmDefinition, topic: ITopic | undefined): Alarm {
    const alarm = new Alarm(this, definition.id, {
      alarmDescription: describeAlarm(definition),
      metric: definition.metric,
      comparisonOperator: definition.comparison,
      threshold: definition.threshold,
      evaluationPeriods: definition.periods,
      ...(definition.breachingPeriods !== undefined && { datapointsToAlarm: definition.breachingPeriods }),
      treatMissingData: definition.missing,
    });
    if (topic) {
      const action = new SnsAction(topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    return alarm;
  }
}
