import type { Alarm, MissingData } from './alarm.ts';

interface MetricProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}
interface AlarmProperties extends MetricProperties {
  readonly AlarmDescription: string;
  readonly Statistic: string;
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData?: MissingData;
  readonly Metrics?: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly Period?: number;
    readonly MetricStat?: { readonly Metric: MetricProperties; readonly Period: number; readonly Stat: string };
  }[];
}

/** A template as far as alarms go. */
export interface AlarmTemplate {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;
}

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** What a dimension's value refers to: the logical id without its hash, in which a name would come at the deployment. */
const nameOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const text = JSON.stringify(value);
  const [, id] = /"(?:Ref":"|Fn::GetAtt":\[")(\w+?)(?:[0-9A-F]{8})?"/.exec(text) ?? [];
  if (id === undefined) throw new Error(`Not a reference: ${text}`);
  return id;
};

const seriesOf = ({ Namespace, MetricName, Dimensions = [] }: MetricProperties) => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, nameOf(Value)])),
});

const QUERY =
  /^SELECT MAX\((?<name>\w+)\) FROM SCHEMA\("(?<namespace>\w+)", service, (?<by>\w+)\) WHERE service = '(?<service>[^']+)' GROUP BY \k<by> ORDER BY MAX\(\) DESC$/;

/** What an alarm watches: one metric, a metric by the values of a dimension, or a sum in which silence counts as 0. */
const watchedBy = (
  id: string,
  alarm: AlarmProperties,
): Pick<Alarm, 'metrics' | 'periodMs' | 'fillsWithZero' | 'by'> => {
  const { Metrics } = alarm;
  if (Metrics === undefined) {
    const metrics = [{ series: seriesOf(alarm), statistic: alarm.Statistic }];
    return { metrics, periodMs: alarm.Period * 1000, fillsWithZero: false };
  }
  const stats = Metrics.flatMap(({ Id, MetricStat }) => (MetricStat ? [{ id: Id, ...MetricStat }] : []));
  const expression = Metrics.find(({ Expression }) => Expression !== undefined)?.Expression;
  const { name = '', namespace = '', service = '', by } = QUERY.exec(expression ?? '')?.groups ?? {};
  if (by !== undefined) {
    const metrics = [{ series: { namespace, name, dimensions: { service } }, statistic: 'Maximum' }];
    return { metrics, periodMs: (Metrics[0]?.Period ?? 0) * 1000, fillsWithZero: false, by };
  }
  const sum = stats.map((metric) => `FILL(${metric.id}, 0)`).join(' + ');
  if (expression !== sum) throw new Error(`${id}: the evaluator knows "${sum}" alone, not "${String(expression)}".`);
  return {
    metrics: stats.map(({ Metric, Stat }) => ({ series: seriesOf(Metric), statistic: Stat })),
    periodMs: (stats[0]?.Period ?? 0) * 1000,
    fillsWithZero: true,
  };
};

/** The alarms of a template by the middle of their names, in its order. */
export const alarmsOf = (template: AlarmTemplate): readonly Alarm[] =>
  Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
    .map(([id, { Properties }]) => {
      const alarm = Properties as AlarmProperties;
      const breaks = COMPARISONS[alarm.ComparisonOperator];
      if (breaks === undefined) throw new Error(`${id}: the evaluator does not know ${alarm.ComparisonOperator}.`);
      return {
        name: id.replace(/^.*?Alarms(.+?)[0-9A-F]{8}$/, '$1'),
        paragraph: alarm.AlarmDescription.split('runbook.md#')[1] ?? '',
        ...watchedBy(id, alarm),
        evaluationPeriods: alarm.EvaluationPeriods,
        datapointsToAlarm: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
        missing: alarm.TreatMissingData ?? 'missing',
        breaks: (value: number) => breaks(value, alarm.Threshold),
      };
    });
