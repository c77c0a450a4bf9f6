import { DescribeEventBusCommand, DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetEventSourceMappingCommand, GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { PARAMETER, RUNBOOK_URL, VERSION, type TrackerSettings } from '../../../contract.ts';
import { pluralize } from '../../../domain/text.ts';
import { type Check, type DeployedPatient, doesNotHold, type Finding, holds, some } from '../check.ts';

/** One sentence for each part that is not as deployed, or that all are. */
const fromProblems = (problems: readonly string[], well: string): Finding =>
  problems.length === 0 ? holds(well) : doesNotHold(problems.join(' '));

/** A deployment of the same template would not restore it: CloudFormation compares templates alone. */
const revert = ({ runbookUrl = RUNBOOK_URL }: TrackerSettings): string =>
  `Revert it: see ${runbookUrl}#revert-manual-changes`;

const versions = ({ settings }: DeployedPatient): Promise<Finding> =>
  Promise.resolve(
    settings.version === VERSION
      ? holds(VERSION)
      : doesNotHold(
          `The stack ${settings.stackName} has version ${settings.version}, this command ${VERSION}. Use the same package for both.`,
        ),
  );

const functions = async ({ settings, clients, tracker }: DeployedPatient): Promise<Finding> => {
  const names = [
    ...Object.values(settings.functionNames),
    await tracker.parameter(PARAMETER.reconcileJobsFunctionName),
  ];
  const problems = await Promise.all(
    names.map(async (FunctionName) => {
      const {
        State,
        StateReason = '',
        LastUpdateStatus,
      } = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      if (State === 'Failed' || LastUpdateStatus === 'Failed')
        return [`${FunctionName} cannot start (${StateReason || 'its last update failed'}).`];
      return [];
    }),
  );
  return fromProblems(problems.flat(), `${pluralize(names.length, 'function')} can be invoked`);
};

/** `arn:…:rule/<name>`, or `arn:…:rule/<bus>/<name>`: a bus may have slashes in its name. */
export const ruleOf = (arn: string): { readonly Name: string; readonly EventBusName?: string } => {
  const [, ...parts] = arn.split('/');
  const Name = parts.pop() ?? '';
  return parts.length === 0 ? { Name } : { EventBusName: parts.join('/'), Name };
};

const rules = async ({ settings, clients: { events } }: DeployedPatient): Promise<Finding> => {
  const problems = await Promise.all(
    settings.ruleArns.map(async (arn) => {
      const { Name, EventBusName } = ruleOf(arn);
      const bus = EventBusName === undefined ? {} : { EventBusName };
      const onBus = EventBusName === undefined ? '' : ` --event-bus-name ${EventBusName}`;
      const [{ State }, { Targets = [] }] = await Promise.all([
        events.send(new DescribeRuleCommand({ Name, ...bus })),
        events.send(new ListTargetsByRuleCommand({ Rule: Name, ...bus })),
      ]);
      return [
        ...(State === 'DISABLED'
          ? [`The rule ${Name} is disabled: aws events enable-rule --name ${Name}${onBus}`]
          : []),
        ...(Targets.length === 0 ? [`The rule ${Name} has no target. ${revert(settings)}`] : []),
        ...(Targets.some(({ DeadLetterConfig }) => DeadLetterConfig?.Arn === undefined)
          ? [`A target of the rule ${Name} has no dead-letter queue. ${revert(settings)}`]
          : []),
      ];
    }),
  );
  return fromProblems(problems.flat(), `${pluralize(settings.ruleArns.length, 'rule')} enabled with a target`);
};

const mappings = async ({ settings, clients: { lambda } }: DeployedPatient): Promise<Finding> => {
  const ids = Object.entries(settings.eventSourceMappings);
  const problems = await Promise.all(
    ids.map(async ([name, UUID]) => {
      const { State = '?', LastProcessingResult = '' } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
      if (/^Disabl/.test(State))
        return [`The mapping of ${name} is ${State}: aws lambda update-event-source-mapping --enabled --uuid ${UUID}`];
      return /^PROBLEM/.test(LastProcessingResult)
        ? [`The mapping of ${name} reports "${LastProcessingResult}": see the function's log.`]
        : [];
    }),
  );
  return fromProblems(problems.flat(), `${pluralize(ids.length, 'mapping')} enabled`);
};

const schedules = async ({ settings, clients: { scheduler } }: DeployedPatient): Promise<Finding> => {
  if (settings.schedulesEnabled === false) {
    return doesNotHold('Switched off: deploy the stack without schedulesEnabled=false to start sweeps.');
  }
  const { scheduleGroupName: GroupName } = settings;
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ GroupName }));
  const disabled = Schedules.filter(({ State }) => State !== 'ENABLED').map(({ Name = '?' }) => Name);
  if (disabled.length > 0)
    return doesNotHold(`Disabled in the group ${GroupName}: ${some(disabled)}. ${revert(settings)}`);
  if (Schedules.length === 0) return doesNotHold(`The group ${GroupName} has no schedule. ${revert(settings)}`);
  return holds(`${pluralize(Schedules.length, 'schedule')} enabled`);
};

/** What a working function has taken in seconds: more is a queue that nobody reads, or a flood. */
const MOST_WAITING = 100;

const queue = async ({ settings, clients: { sqs } }: DeployedPatient): Promise<Finding> => {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await sqs().send(
    new GetQueueAttributesCommand({ QueueUrl: settings.jobEventsQueueUrl, AttributeNames: [...names] }),
  );
  const [waiting = 0, taken = 0] = names.map((name) => Number(Attributes?.[name] ?? 0));
  const what = `${pluralize(waiting, 'message')} waiting, ${taken} being tracked`;
  return waiting > MOST_WAITING
    ? doesNotHold(
        `${what}: track-job is behind, or does not read the queue. See its log, and the event source mappings.`,
      )
    : holds(what);
};

/** The account and Region of an ARN. */
const placeOf = (arn = ''): string => arn.split(':').slice(3, 5).join(':');

const bus = async ({ settings, clients: { events } }: DeployedPatient): Promise<Finding> => {
  const arn = settings.transitionsBusArn;
  // By name where that is enough, as emulators know no other way.
  const isHere = placeOf(arn) === placeOf(settings.ruleArns[0]);
  const { Name = '?' } = await events.send(
    new DescribeEventBusCommand({ Name: isHere ? arn.slice(arn.indexOf('/') + 1) : arn }),
  );
  return holds(Name);
};

const told = async ({ settings, clients: { sns } }: DeployedPatient): Promise<Finding> => {
  if (settings.notificationsTopicArn === undefined) return holds('not asked for');
  const { Subscriptions = [] } = await sns.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: settings.notificationsTopicArn }),
  );
  const confirmed = Subscriptions.filter(({ SubscriptionArn = '' }) => SubscriptionArn.startsWith('arn:')).length;
  if (confirmed > 0) return holds(pluralize(confirmed, 'confirmed subscription'));
  return doesNotHold(
    `None of ${pluralize(Subscriptions.length, 'subscription')} is confirmed: follow the link in AWS's first mail, or subscribe.`,
  );
};

/** The parts of the stack, as its settings name them. */
export const DEPLOYMENT_CHECKS: readonly Check[] = [
  { id: 'versions', title: 'Stack and command have the same version', needs: 'deployment', run: versions },
  { id: 'functions', title: 'Functions can be invoked', needs: 'deployment', run: functions },
  { id: 'rules', title: 'Rules are enabled and have targets', needs: 'deployment', run: rules },
  { id: 'mappings', title: 'Functions read the queue and the stream', needs: 'deployment', run: mappings },
  { id: 'schedules', title: 'Schedules of sweeps are enabled', needs: 'deployment', run: schedules },
  { id: 'queue', title: 'The queue of events is read', needs: 'deployment', run: queue },
  { id: 'bus', title: 'The bus of transitions exists', needs: 'deployment', run: bus },
  { id: 'notifications', title: 'Transition notifications have a subscriber', needs: 'deployment', run: told },
];
