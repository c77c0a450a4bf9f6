import type { ComparisonOperator, IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';

/** An alarm before it is made. One metric and one threshold each: no metric math, no composite alarms (ADR 0014). */
export interface AlarmDefinition {
  /** Id of the construct; what operators see as the middle of the alarm's name. */
  readonly id: string;
  readonly metric: IMetric;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** How many periods in a row must breach. */
  readonly periods: number;
  /** What a period without data says. Each definition gives the reason. */
  readonly missing: TreatMissingData;
  /** What happened, as a sentence. */
  readonly says: string;
  /** The anchor of its paragraph in docs/runbook.md. */
  readonly paragraph: string;
}

export const RUNBOOK = 'docs/runbook.md';

/** The alarm's description: what happened, and where it stands what to do. */
export const describeAlarm = ({ says, paragraph }: AlarmDefinition): string => `${says} See ${RUNBOOK}#${paragraph}`;
