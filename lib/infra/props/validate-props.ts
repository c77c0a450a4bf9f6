import path from 'node:path';
import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { PARAMETER_PREFIX, RUNBOOK_URL } from '../../contract.ts';
import { oneLine } from '../../domain/text.ts';
import { alarmProblems } from './alarm-problems.ts';
import { functionProblems, rangeProblems } from './functions.ts';
import { placeOf, placeProblems } from './places.ts';
import type { BedrockJobTrackerProps, NotificationProps } from './props.ts';
import { periodProblems, sweepProblems, toMinutes } from './sweep-periods.ts';
import { scopeProblems, spokeOwners, type Home } from './tracked-scopes.ts';
import { serviceNameOf } from '../operations/metrics.ts';

/** The statuses with which a job ends: what people are told of unless they choose. */
export const JOB_ENDS: readonly string[] = ['Completed', 'Failed', 'Stopped'];

/** Log levels of the functions, as Powertools for AWS Lambda names them. */
export const LOG_LEVELS: readonly string[] = ['DEBUG', 'INFO', 'WARN', 'ERROR'];

/** The defaults of the props that have one whatever the others are. */
export const DEFAULTS = {
  scopes: [{}],
  alarms: true,
  alarmThresholds: {},
  longRunningAfter: Duration.days(2),
  dashboard: true,
  activeSweepEvery: Duration.minutes(5),
  fullSweepEvery: Duration.days(1),
  releaseAfter: Duration.days(1),
  sweepConcurrency: 20,
  models: true,
  modelSweepEvery: Duration.hours(1),
  modelUsage: true,
  idleAfter: Duration.days(14),
  schedulesEnabled: true,
  maxConcurrency: 5,
  memorySize: 512,
  logRetention: RetentionDays.THREE_MONTHS,
  logLevel: 'INFO',
  removalPolicy: RemovalPolicy.RETAIN,
  deletionProtection: true,
  pointInTimeRecovery: true,
  tracing: false,
  redactFailureMessages: false,
  parameterPrefix: PARAMETER_PREFIX,
  runbookUrl: RUNBOOK_URL,
  _codeDirectory: path.resolve(import.meta.dirname, '..', '..', '..', 'dist', 'lambdas'),
} as const satisfies BedrockJobTrackerProps;

/** The props with every default filled in. */
export type Settings = BedrockJobTrackerProps &
  // Not keyof DEFAULTS alone: the declarations leave out what is internal.
  Required<Pick<BedrockJobTrackerProps, keyof typeof DEFAULTS & keyof BedrockJobTrackerProps>> & {
    /** The dimension `service` of the tracker's metrics. */
    readonly serviceName: string;
  };

/** One invocation of those that are reserved starts the sweeps. */
const standardConcurrency = ({ functions, reservedConcurrentExecutions: all }: BedrockJobTrackerProps): number => {
  const reserved = functions?.reconcileJobs?.reservedConcurrentExecutions ?? all;
  const { sweepConcurrency: standard } = DEFAULTS;
  return reserved === undefined || Token.isUnresolved(reserved)
    ? standard
    : Math.max(2, Math.min(standard, reserved - 1));
};

/** Fills the defaults in; a prop that is there but undefined means its default too. */
export function withDefaults(props: BedrockJobTrackerProps): Settings {
  const given = Object.entries(props).filter(([, value]) => value !== undefined);
  const settings: Omit<Settings, 'serviceName'> = {
    ...DEFAULTS,
    sweepConcurrency: standardConcurrency(props),
    ...(Object.fromEntries(given) as BedrockJobTrackerProps),
  };
  return { ...settings, serviceName: serviceNameOf(settings.parameterPrefix) };
}

const MOST_LISTED = 50;
const LONGEST_LINE = 400;

/** The tracker's props, or the context they were read from, are wrong. The message lists every problem. */
export class InvalidPropsError extends Error {
  override readonly name = 'InvalidPropsError';
  readonly code = 'INVALID_TRACKER_PROPS';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? '1 setting is' : `${problems.length.toString()} settings are`;
    super(
      `Bedrock job tracker: ${count} wrong.\n${problems
        .slice(0, MOST_LISTED)
        .map((problem) => `  - ${oneLine(problem, LONGEST_LINE)}`)
        .join('\n')}`,
    );
    this.problems = problems;
  }
}

/** Lambda's limits for the maximum concurrency of an SQS event source. */
export const CONCURRENCY = [2, 1000] as const;

/** Parameter Store's characters; a path has at most 15 levels, and the parameter's own name is one. */
export const PARAMETER_PATH = /^(\/[A-Za-z0-9_.-]+){1,14}$/;

/** The retention periods that CloudWatch Logs knows, in days; 9999 stands for ever. */
const RETENTION_DAYS = Object.values(RetentionDays).filter((value) => typeof value === 'number');

/** What is wrong with the props and what they make of the defaults, one sentence each; empty when nothing is. */
export function problemsOf(props: BedrockJobTrackerProps, home: Home): string[] {
  const settings = withDefaults(props);
  return [
    ...scopeProblems(settings, home),
    ...sweepProblems(settings),
    ...(settings.tagRefreshWindow ? periodProblems('tagRefreshWindow', settings.tagRefreshWindow, 'Days', [0]) : []),
    ...modelProblems(props, settings),
    ...rangeProblems('maxConcurrency', settings.maxConcurrency, CONCURRENCY),
    ...rangeProblems('sweepConcurrency', settings.sweepConcurrency, CONCURRENCY),
    ...functionProblems(props, settings, spokeOwners(settings, home) !== undefined),
    ...choiceProblems('logRetention', settings.logRetention, RETENTION_DAYS),
    ...choiceProblems('logLevel', settings.logLevel, LOG_LEVELS),
    ...removalProblems(settings),
    ...adoptionProblems(settings, props),
    ...prefixProblems(settings.parameterPrefix),
    ...runbookProblems(settings.runbookUrl),
    ...longRunningProblems(settings.longRunningAfter, settings.activeSweepEvery),
    ...alarmProblems(settings),
    ...notificationProblems(settings.notifications),
    ...placeProblems(
      {
        alarmTopic: props.alarmTopic?.env,
        encryptionKey: props.encryptionKey?.env,
        // The CDK takes an imported table for one of the stack's own account and Region, whatever its ARN says.
        logGroup: props.logGroup?.env,
        jobsTable: placeOf(props.jobsTable?.tableArn) ?? props.jobsTable?.env,
        modelsTable: placeOf(props.modelsTable?.tableArn) ?? props.modelsTable?.env,
        transitionsBus: props.transitionsBus?.env,
      },
      home,
      { hasNotifications: props.notifications !== undefined },
    ),
  ];
}

/** What is wrong with how models are tracked, and which props have no effect without them. */
function modelProblems(props: BedrockJobTrackerProps, { models, modelUsage, ...settings }: Settings): string[] {
  const { modelSweepEvery, modelsTable, notifications } = props;
  // A parameter of a packaged template is always given.
  const idleAfter = props.idleAfter?.isUnresolved() === true ? undefined : props.idleAfter;
  const ofUse = { idleAfter, 'notifications.idleModels': notifications?.idleModels || undefined };
  const ofModels = { modelSweepEvery, modelsTable, modelUsage: props.modelUsage || undefined, ...ofUse };
  const without = (prop: string, given: object) =>
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => `${name} has no effect where ${prop} is false: leave one of them out`);
  if (!models) return without('models', ofModels);
  return [
    ...periodProblems('modelSweepEvery', settings.modelSweepEvery),
    // CloudWatch keeps use for 455 days: what is unused for longer cannot be told from unknown.
    ...(settings.idleAfter.isUnresolved() ? [] : periodProblems('idleAfter', settings.idleAfter, 'Days', [1, 455])),
    ...(modelUsage ? [] : without('modelUsage', ofUse)),
  ];
}

function choiceProblems<T extends string | number>(name: string, value: T, choices: readonly T[]): string[] {
  if (Token.isUnresolved(value) || choices.includes(value)) return [];
  return [`${name} is ${value.toString()}: it takes one of ${choices.join(', ')}`];
}

/** DynamoDB refuses to delete a protected table: the stack would get stuck where CloudFormation has to delete it. */
function removalProblems(settings: Settings): string[] {
  const { removalPolicy: policy, deletionProtection } = settings;
  if (!makesTable(settings) || policy === RemovalPolicy.RETAIN || !deletionProtection) return [];
  const stuck =
    policy === RemovalPolicy.DESTROY ? 'neither be deleted nor roll back its creation' : 'not roll back its creation';
  return [
    `removalPolicy is "${policy}" while deletionProtection is on: the stack could ${stuck}. Set deletionProtection to ` +
      'false, or leave removalPolicy out',
  ];
}

/** Names of DynamoDB's tables. */
export const TABLE_NAME = /^[\w.-]{3,255}$/;
/** What follows `tableName` in the names of the models table, and of a hub's sweeps table. */
export const SUFFIX = { models: '-models', sweeps: '-sweeps' } as const;

/** Whether a table of records is made here: what is adopted is kept by its owner's rules. */
const makesTable = ({ jobsTable, models, modelsTable }: Settings): boolean =>
  jobsTable === undefined || (models && modelsTable === undefined);

/** Why an imported table cannot be adopted. */
export const noStream = (prop: 'jobsTable' | 'modelsTable'): string =>
  `${prop} is imported without tableStreamArn: transitions are published from its stream`;

const hasNoEffect = (prop: string): string => `${prop} has no effect on an adopted jobsTable: leave it out`;

function adoptionProblems(settings: Settings, { removalPolicy, tableName }: BedrockJobTrackerProps): string[] {
  const isAdopted = settings.jobsTable !== undefined;
  const isName = (name: string) => TABLE_NAME.test(name) && TABLE_NAME.test(name + SUFFIX.models);
  return [
    ...(isAdopted || tableName === undefined || Token.isUnresolved(tableName) || isName(tableName)
      ? []
      : [
          `tableName is "${tableName}": DynamoDB takes 3 to 255 letters, digits and _.-, and the models table adds "-models"`,
        ]),
    ...(['jobsTable', 'modelsTable'] as const)
      .filter((prop) => settings[prop] !== undefined && settings[prop].tableStreamArn === undefined)
      .map(noStream),
    ...(removalPolicy !== undefined && !makesTable(settings) ? [hasNoEffect('removalPolicy')] : []),
    ...(tableName !== undefined && isAdopted ? [hasNoEffect('tableName')] : []),
  ];
}

/** What is wrong with the path of the parameters. */
export function prefixProblems(prefix: string): string[] {
  if (Token.isUnresolved(prefix)) return [];
  if (!PARAMETER_PATH.test(prefix)) {
    return [
      `parameterPrefix is "${prefix}": it takes a path like /team/bedrock-job-tracker, without a slash at its end`,
    ];
  }
  return /^\/(aws|ssm)/i.test(prefix) ? [`parameterPrefix is "${prefix}": AWS reserves /aws and /ssm`] : [];
}

/** An alarm's description holds 1,024 characters, and the settings in Parameter Store 4 KB. */
const LONGEST_ADDRESS = 450;
/** As it can stand in a text, in JSON and in a link of Markdown. */
const ADDRESS = /^https?:\/\/[\w.-]+(:\d+)?([/?][\w!$%&'()*+,./:;=?@~-]*)?$/;

function runbookProblems(address: string): string[] {
  if (Token.isUnresolved(address)) return [];
  if (address.length > LONGEST_ADDRESS) {
    return [`runbookUrl has ${address.length.toString()} characters: it takes at most ${LONGEST_ADDRESS.toString()}`];
  }
  if (ADDRESS.test(address)) return [];
  const why = address.includes('#')
    ? 'without "#", as each alarm adds its own paragraph'
    : 'with other characters as %20';
  return [`runbookUrl is "${address}": it takes an address like https://wiki.example.com/runbook, ${why}`];
}

function longRunningProblems(after: Duration, sweepEvery: Duration): string[] {
  const problems = periodProblems('longRunningAfter', after);
  if (problems.length > 0 || sweepEvery.isUnresolved() || toMinutes(after) > toMinutes(sweepEvery)) return problems;
  return [
    `longRunningAfter (${after.toHumanString()}) is not longer than activeSweepEvery (${sweepEvery.toHumanString()}): ` +
      'the age of jobs is measured by the active sweep',
  ];
}

/** https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1; the pattern alone exhausts the stack on megabytes. */
export const LONGEST_EMAIL = 254;
export const EMAIL = /^[^\s@,]+@[^\s@,]+$/;
const isEmail = (text: string): boolean => text.length <= LONGEST_EMAIL && EMAIL.test(text);

/**
 * What is wrong with the statuses of a filter: EventBridge refuses an empty list.
 *
 * @param standard which ones no list means
 */
export function statusProblems(name: string, statuses: readonly string[] | undefined, standard: string): string[] {
  if (statuses === undefined || Token.isUnresolved(statuses)) return [];
  if (statuses.length === 0) return [`${name} is empty: leave it out for ${standard}`];
  return statuses
    .filter((status) => !Token.isUnresolved(status) && !/^[A-Za-z]+$/.test(status))
    .map((status) => `${name} has "${status}": a status is a word such as ${JOB_ENDS.join(', ')}`);
}

function notificationProblems({ statuses, emails }: NotificationProps = {}): string[] {
  return [
    ...statusProblems('notifications.statuses', statuses, JOB_ENDS.join(', ')),
    ...(Token.isUnresolved(emails)
      ? ['notifications.emails must be known at synthesis: each address gets a subscription']
      : (emails ?? [])
          .filter((email) => !Token.isUnresolved(email) && !isEmail(email))
          .map((email) => `notifications.emails has "${email}": an address looks like team@example.com`)),
  ];
}
