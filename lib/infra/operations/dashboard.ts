import { Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, TextWidget, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { RUNBOOK } from './alarms/definition.ts';
import { jobGraphs, machineryGraphs, trackingGraphs } from './dashboard/graphs.ts';
import type { WatchedParts } from './watched.ts';

export interface TrackerDashboardProps extends WatchedParts {
  /** The alarms whose state stands above the graphs. */
  readonly alarms: readonly IAlarm[];
  /**
   * Where the runbook can be opened, such as its page in your fork of the repository.
   * @default - the dashboard names the paragraphs of docs/runbook.md without links
   */
  readonly runbookUrl?: string | undefined;
}

/** What an operator looks for first; each names its paragraph of the runbook. */
const QUESTIONS = [
  ['An alarm rings', 'alarms'],
  ['Events are stuck', 'a-stuck-dead-letter-queue'],
  ['A scope is denied', 'an-access-denied-scope'],
  ['Events were lost', 'an-event-storm-that-was-lost'],
] as const;

/**
 * One screen for operators: alarms, jobs, what the tracker does about them, and what it runs on. Its last day is shown
 * first.
 *
 * A dashboard costs $3 a month; the first three of an account with up to 50 metrics each are free, and docs/cost.md counts
 * this one's.
 */
export class TrackerDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: TrackerDashboardProps) {
    super(scope, id);
    this.dashboard = new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.days(1),
      widgets: [
        [
          new TextWidget({ width: 8, height: 4, markdown: introduction(props) }),
          ...(props.alarms.length > 0
            ? [new AlarmStatusWidget({ title: 'Alarms', width: 16, height: 4, alarms: [...props.alarms] })]
            : []),
        ],
        jobGraphs(props.metrics),
        trackingGraphs(props.metrics),
        machineryGraphs(props),
      ],
    });
  }
}

const introduction = ({ metrics, runbookUrl }: TrackerDashboardProps): string =>
  [
    `# Bedrock job tracker (${metrics.serviceName})`,
    ...QUESTIONS.map(([question, anchor]) => {
      const place = `${RUNBOOK}#${anchor}`;
      return `- ${question}: ${runbookUrl === undefined ? `\`${place}\`` : `[${place}](${runbookUrl}#${anchor})`}`;
    }),
  ].join('\n');
