import { Aws, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { StringListParameter, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { OUTPUT, PARAMETER, parameterUnder, VERSION, type TrackerSettings } from '../contract.ts';
import type { BedrockJobTracker } from './bedrock-job-tracker.ts';
import { outputsOf } from './outputs.ts';
import type { RecordKind } from './read-access.ts';
import { sweepPeriods } from './operations/alarm-rules.ts';
import { pascalCase, watchedQueuesOf } from './operations/watched.ts';
import type { Settings } from './props/validate-props.ts';
import { scopePeriods } from './props/sweep-periods.ts';

export interface ParametersProps {
  readonly settings: Settings;
  /** As readers parse them. */
  readonly knownScopes: readonly string[];
  readonly eventSourceMappings: TrackerSettings['eventSourceMappings'];
}

/** The name under the default prefix, the value and a description. */
type Entry = readonly [name: string, value: string | readonly string[], description: string];

/**
 * By parameters other stacks, services and the command line find the tracker without a CloudFormation export, which
 * would pin it. All are of the standard tier, which is free and holds 4 KB: five URLs of queues take 0.8 KB, and with
 * the longest names the settings 3.6 and the outputs 3.4.
 */
export function addParameters(tracker: BedrockJobTracker, props: ParametersProps): void {
  for (const [id, [name, value, description]] of Object.entries(entriesOf(tracker, props))) {
    const parameterName = parameterUnder(props.settings.parameterPrefix, name);
    // The CDK cannot tell by a prefix that is a token.
    const common = { parameterName, simpleName: false, description };
    if (typeof value === 'string') new StringParameter(tracker, id, { ...common, stringValue: value });
    else new StringListParameter(tracker, id, { ...common, stringListValue: [...value] });
  }
}

const tableEntries = (kind: RecordKind, { tableName, tableArn }: ITable): Readonly<Record<string, Entry>> => ({
  [`${pascalCase(kind)}TableNameParameter`]: [PARAMETER[`${kind}TableName`], tableName, `Name of the ${kind} table`],
  [`${pascalCase(kind)}TableArnParameter`]: [PARAMETER[`${kind}TableArn`], tableArn, `ARN of the ${kind} table`],
});

/** By logical id: CloudFormation would make a parameter anew under another one. */
const entriesOf = (tracker: BedrockJobTracker, props: ParametersProps): Readonly<Record<string, Entry>> => ({
  ...tableEntries('jobs', tracker.jobsTable),
  ...(tracker.modelsTable && tableEntries('models', tracker.modelsTable)),
  JobEventsDeadLetterQueueArnParameter: [
    PARAMETER.jobEventsDeadLetterQueueArn,
    tracker.jobEventsDeadLetterQueue.queueArn,
    'ARN of the dead-letter queue that bedrock-jobs redrive empties',
  ],
  TrackedScopesParameter: [
    PARAMETER.trackedScopes,
    props.knownScopes,
    'Tracked accounts and Regions, each account id and Region joined by #; * for those that the sweeps table has',
  ],
  SweepsTableNameParameter: [
    PARAMETER.sweepsTableName,
    tracker.sweepsTable.tableName,
    'Name of the table with the state of the sweeps',
  ],
  WatchedQueueUrlsParameter: [
    PARAMETER.watchedQueueUrls,
    Object.values(watchedQueuesOf(tracker)).map(({ queueUrl }) => queueUrl),
    'URLs of the queues that are empty unless something is wrong',
  ],
  ReconcileJobsFunctionNameParameter: [
    PARAMETER.reconcileJobsFunctionName,
    tracker.reconcileJobsFunction.functionName,
    'Name of the function that sweeps',
  ],
  TransitionsBusArnParameter: [
    PARAMETER.transitionsBusArn,
    tracker.transitionsBus.eventBusArn,
    'ARN of the event bus that transitions are published on',
  ],
  SettingsParameter: [
    PARAMETER.settings,
    Stack.of(tracker).toJsonString(settingsOf(tracker, props)),
    'Version, schedules and names of the parts, as JSON',
  ],
  OutputsParameter: [
    PARAMETER.outputs,
    // Lines, because a shell reads them without another program. A parameter for each would be 16 more resources.
    outputsOf(tracker)
      // It has a parameter of its own, and with the longest names the lines would be more than the 4 KB.
      .filter(([name]) => name !== OUTPUT.modelsTableArn)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
    'The outputs, each a line: name=value. The runbook reads it',
  ],
});

/** Where they differ from active sweeps. */
const periodsOf = (settings: Settings, isHub: boolean) => {
  const { active, ...others } = scopePeriods(settings, isHub);
  const given = Object.entries(others).filter(([, every]) => every.toMinutes() !== active.toMinutes());
  return Object.fromEntries(given.map(([state, every]) => [`${state}SweepMinutes`, every.toMinutes()]));
};

const settingsOf = (
  tracker: BedrockJobTracker,
  { settings, eventSourceMappings }: ParametersProps,
): TrackerSettings => {
  const { notificationsTopic, notifyTransitionFunction } = tracker;
  const { models, usage } = sweepPeriods(settings);
  return {
    version: VERSION,
    stackName: Aws.STACK_NAME,
    activeSweepMinutes: settings.activeSweepEvery.toMinutes(),
    ...periodsOf(settings, tracker.hubBus !== undefined),
    ...(tracker.hubBus && { releaseAfterHours: settings.releaseAfter.toHours() }),
    fullSweepMinutes: settings.fullSweepEvery.toMinutes(),
    ...(models && { modelSweepMinutes: models.toMinutes() }),
    ...(usage && { idleAfterDays: settings.idleAfter.toDays() }),
    ...(settings.tagRefreshWindow && { tagRefreshDays: settings.tagRefreshWindow.toDays() }),
    longRunningMinutes: settings.longRunningAfter.toMinutes(),
    functionNames: {
      trackJob: tracker.trackJobFunction.functionName,
      publishTransitions: tracker.publishTransitionsFunction.functionName,
      ...(notifyTransitionFunction && { notifyTransition: notifyTransitionFunction.functionName }),
    },
    eventSourceMappings,
    jobEventsQueueUrl: tracker.jobEventsQueue.queueUrl,
    ruleArns: tracker.rules.map(({ ruleArn }) => ruleArn),
    scheduleGroupName: tracker.scheduleGroupName,
    ...(!settings.schedulesEnabled && { schedulesEnabled: false }),
    transitionsBusArn: tracker.transitionsBus.eventBusArn,
    ...(notificationsTopic && { notificationsTopicArn: notificationsTopic.topicArn }),
    runbookUrl: settings.runbookUrl,
  };
};
