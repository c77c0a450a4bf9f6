import type { Duration } from 'aws-cdk-lib';
import {
  MathExpression,
  type ComparisonOperator,
  type IMetric,
  type TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { camelCase } from '../watched.ts';

/** An alarm before it is made: one threshold, and one metric where one can say it (ADR 0024). */
export interface AlarmDefinition {
  /** Id of the construct; what operators see as the middle of the alarm's name. */
  readonly id: string;
  readonly metric: IMetric;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** How many periods are looked at. */
  readonly periods: number;
  /** How many of them must breach. @default - all */
  readonly breachingPeriods?: number;
  /** What a period without data says. Each definition gives the reason. */
  readonly missing: TreatMissingData;
  /** What happened, as a sentence. */
  readonly says: string;
  /** The anchor of its paragraph in docs/runbook.md. */
  readonly paragraph: string;
}

/** The sum of metrics of which AWS reports no count of zero. Costs as an alarm on each of them. */
export const sumOf = (metrics: readonly (readonly [name: string, metric: IMetric])[], period: Duration): IMetric => {
  const named = metrics.map(([name, metric]): [string, IMetric] => [camelCase(name), metric]);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(named),
    period,
  });
};

export const RUNBOOK = 'docs/runbook.md';

/** The alarm's description: what happened, and where it stands what to do. */
export const describeAlarm = ({ says, paragraph }: AlarmDefinition): string => `${says} See ${RUNBOOK}#${paragraph}`;
