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

interface Entry {
  /** The name under the default prefix. */
  readonly name: string;
  readonly value: string | readonly string[];
  readonly description: string;
}

/**
 * By parameters other stacks, services and the command line find the tracker without a CloudFormation export, which
 * would pin it. All are of the standard tier, which is free and holds 4 KB: five URLs of queues take 0.8 KB, and with
 * the longest names the settings 3.6 and the outputs 3.4.
 */
export function addParameters(tracker: BedrockJobTracker, props: ParametersProps): void {
  for (const [id, { name, value, description }] of Object.entries(entriesOf(tracker, props))) {
    const parameterName = parameterUnder(props.settings.parameterPrefix, name);
    // The CDK cannot tell by a prefix that is a token.
    const common = { parameterName, simpleName: false, description };
    if (typeof value === 'string') new StringParameter(tracker, id, { ...common, stringValue: value });
    else new StringListParameter(tracker, id, { ...common, stringListValue: [...value] });
  }
}

const tableEntries = (kind: RecordKind, { tableName, tableArn }: ITable): Readonly<Record<string, Entry>> => ({
  [`${pascalCase(kind)}TableNameParameter`]: {
    name: PARAMETER[`${kind}TableName`],
    value: tableName,
    description: `Name of the ${kind} table`,
  },
  [`${pascalCase(kind)}TableArnParameter`]: {
    name: PARAMETER[`${kind}TableArn`],
    value: tableArn,
    description: `ARN of the ${kind} table`,
  },
});

/** By logical id: CloudFormation would make a parameter anew under another one. */
const entriesOf = (tracker: BedrockJobTracker, props: ParametersProps): Readonly<Record<string, Entry>> => ({
  ...tableEntries('jobs', tracker.jobsTable),
  ...(tracker.modelsTable && tableEntries('models', tracker.modelsTable)),
  JobEventsDeadLetterQueueArnParameter: {
    name: PARAMETER.jobEventsDeadLetterQueueArn,
    value: tracker.jobEventsDeadLetterQueue.queueArn,
    description: 'ARN of the dead-letter queue that bedrock-jobs redrive empties',
  },
  TrackedScopesParameter: {
    name: PARAMETER.trackedScopes,
    value: props.knownScopes,
    description:
      'Tracked accounts and Regions, each account id and Region joined by #; * for those that the sweeps table has',
  },
  SweepsTableNameParameter: {
    name: PARAMETER.sweepsTableName,
    value: tracker.sweepsTable.tableName,
    description: 'Name of the table with the state of the sweeps',
  },
  WatchedQueueUrlsParameter: {
    name: PARAMETER.watchedQueueUrls,
    value: Object.values(watchedQueuesOf(tracker)).map(({ queueUrl }) => queueUrl),
    description: 'URLs of the queues that are empty unless something is wrong',
  },
  ReconcileJobsFunctionNameParameter: {
    name: PARAMETER.reconcileJobsFunctionName,
    value: tracker.reconcileJobsFunction.functionName,
    description: 'Name of the function that sweeps',
  },
  TransitionsBusArnParameter: {
    name: PARAMETER.transitionsBusArn,
    value: tracker.transitionsBus.eventBusArn,
    description: 'ARN of the event bus that transitions are published on',
  },
  SettingsParameter: {
    name: PARAMETER.settings,
    value: Stack.of(tracker).toJsonString(settingsOf(tracker, props)),
    description: 'Version, schedules and names of the parts, as JSON',
  },
  OutputsParameter: {
    name: PARAMETER.outputs,
    // Lines, because a shell reads them without another program. A parameter for each would be 16 more resources.
    value: outputsOf(tracker)
      // It has a parameter of its own, and with the longest names the lines would be more than the 4 KB.
      .filter(([name]) => name !== OUTPUT.modelsTableArn)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
    description: 'The outputs, each a line: name=value. The runbook reads it',
  },
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
