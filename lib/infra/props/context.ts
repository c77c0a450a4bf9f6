import { Duration, RemovalPolicy, type StackProps } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import { PARAMETER_PREFIX } from '../../contract.ts';
import type { AlarmThresholds } from './alarm-thresholds.ts';
import { arnProblems } from './places.ts';
import { STACK_NAME, type BedrockJobTrackerStackProps, type TrackedScopes } from './props.ts';
import type { Home } from './tracked-scopes.ts';
import { InvalidPropsError, JOB_ENDS, LOG_LEVELS, problemsOf, TABLE_NAME } from './validate-props.ts';

/** What the context can say: the props with the lists of nested ones in reach of the command line. */
type Values = Omit<BedrockJobTrackerStackProps, 'scopes' | 'notifications'> & {
  readonly accounts?: string[];
  readonly regions?: string[];
  readonly notifyEmails?: string[];
  readonly notifyStatuses?: string[];
  readonly notifyIdleModels?: boolean;
  readonly jobsTableName?: string;
};

/** The stack's props, and what is to be looked up before there is a stack. */
export type ContextProps = BedrockJobTrackerStackProps & Pick<Values, 'jobsTableName'>;

/** One key of the CDK context: which value it sets, and how its text reads. */
interface Setting {
  readonly sets: keyof Values;
  /** What problems call it, where that is not the name of the value. */
  readonly alias?: string;
  /** What it is for: a row of docs/configuration.md. */
  readonly what: string;
  /** What the key takes, as the second half of "it takes …". */
  readonly takes: string;
  /** The default: as it could be given, or in brackets what applies instead. */
  readonly default?: string;
  /** The value, or undefined when the text is not understood. */
  readonly parse: (text: string) => unknown;
}

const number = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);
const list = (text: string): string[] | undefined => {
  const items = text.split(',').map((item) => item.trim());
  return items.includes('') ? undefined : items;
};
const matching =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.test(text) ? text : undefined;
const choice = <T>(choices: Readonly<Record<string, T>>) => ({
  takes: Object.keys(choices).join(' or '),
  parse: (text: string): T | undefined => (Object.hasOwn(choices, text) ? choices[text] : undefined),
});
const period = (unit: 'minutes' | 'hours' | 'days') => ({
  takes: `a whole number of ${unit}`,
  parse: (text: string) => {
    const amount = number(text);
    return amount === undefined ? undefined : Duration[unit](amount);
  },
});
const text = (takes: string) => ({ takes, parse: matching(/./) });
const names = (of: string) => ({ takes: `${of}, separated by commas`, parse: list });
const thresholds = (text: string): AlarmThresholds | undefined => {
  const pairs = text.split(',').map((each) => /^\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(each));
  return pairs.every((pair) => pair !== null)
    ? Object.fromEntries(pairs.map(([, name = '', threshold]) => [name, { threshold: Number(threshold) }]))
    : undefined;
};
const flag = choice({ true: true, false: false });
const stackName: Setting = {
  sets: 'stackName',
  what: 'Name of the stack',
  takes: 'a letter, then up to 127 letters, digits and hyphens',
  default: STACK_NAME,
  parse: matching(/^[A-Za-z][A-Za-z0-9-]{0,127}$/),
};

/** Keys that set the value of their own name, unless they say which. */
const SETTINGS: Readonly<Record<string, Omit<Setting, 'sets'> & Partial<Setting>>> = {
  accounts: { what: 'Accounts to track', ...names('account ids'), default: "(the stack's)" },
  regions: {
    what: 'Regions to track, in each of the accounts',
    ...names('names of Regions'),
    default: "(the stack's)",
  },
  spokeExternalId: { what: 'External id that spokes require; needed if other accounts have some', ...text('a text') },
  organizationId: {
    what: 'Organization whose accounts may have spokes, which register themselves',
    ...text('the id of an organization'),
  },
  spokeAccounts: { what: 'Accounts that may have spokes, which register themselves', ...names('account ids') },
  knownRegions: { what: 'Regions with Bedrock that this version does not know yet', ...names('names of Regions') },
  activeSweepMinutes: {
    sets: 'activeSweepEvery',
    what: 'Minutes between sweeps of a scope with active jobs, at least 1',
    ...period('minutes'),
    default: '5',
  },
  idleSweepMinutes: {
    sets: 'idleSweepEvery',
    what: 'Minutes between sweeps of a scope without active jobs',
    ...period('minutes'),
    default: '(60 in a hub, else `activeSweepMinutes`)',
  },
  emptySweepMinutes: {
    sets: 'emptySweepEvery',
    what: 'Minutes between sweeps of a scope that never had a job',
    ...period('minutes'),
    default: '(1440 in a hub, else `activeSweepMinutes`)',
  },
  fullSweepHours: {
    sets: 'fullSweepEvery',
    what: 'Hours between full sweeps, not less than between active sweeps',
    ...period('hours'),
    default: '24',
  },
  releaseAfterHours: {
    sets: 'releaseAfter',
    what: 'Hours of silence after which a scope that `accounts` does not name is released, at least 2',
    ...period('hours'),
    default: '24',
  },
  sweepConcurrency: {
    what: 'Scopes that a hub sweeps at once, 2 to 1000',
    takes: 'a whole number',
    default: '20',
    parse: number,
  },
  tagRefreshDays: {
    sets: 'tagRefreshWindow',
    what: "How long after a job's last change full sweeps compare its tags; 0 never compares them",
    ...period('days'),
    default: '(30 without a trail, else 0)',
  },
  models: { what: 'Track custom models and what serves them', ...flag, default: 'true' },
  modelSweepMinutes: {
    sets: 'modelSweepEvery',
    what: 'Minutes between sweeps of models, at least 1',
    ...period('minutes'),
    default: '60',
  },
  modelUsage: { what: 'Measure the use of models once a day, by CloudWatch', ...flag, default: 'true' },
  idleAfterDays: {
    sets: 'idleAfter',
    what: 'Days without use after which a deployment or throughput is idle, 1 to 455',
    ...period('days'),
    default: '14',
  },
  schedulesEnabled: {
    what: 'Start sweeps on schedule; `false` for a tracker that waits for its turn',
    ...flag,
    default: 'true',
  },
  maxConcurrency: {
    what: 'Concurrent invocations of `track-job`, 2 to 1000',
    takes: 'a whole number',
    default: '5',
    parse: number,
  },
  transitionsBusArn: {
    what: 'Event bus that transitions are published on',
    ...text('an ARN'),
    default: '(the default bus)',
  },
  redactFailureMessages: {
    what: 'Leave failure messages out of events and notifications',
    ...flag,
    default: 'false',
  },
  notifyEmails: {
    alias: 'notifications.emails',
    what: 'Addresses that get an e-mail when a job ends',
    ...names('e-mail addresses'),
  },
  notifyStatuses: {
    alias: 'notifications.statuses',
    what: 'Statuses to notify of; creates the topic even without addresses',
    ...names('statuses'),
    default: JOB_ENDS.join(','),
  },
  notifyIdleModels: {
    alias: 'notifications.idleModels',
    what: 'Notify when a deployment or throughput becomes idle; creates the topic even without addresses',
    ...flag,
    default: 'false',
  },
  alarms: { what: 'Create the alarms', ...flag, default: 'true' },
  alarmTopicArn: { what: 'SNS topic that gets the alarms', ...text('an ARN') },
  runbookUrl: {
    what: 'Address of the runbook that alarms link to',
    ...text('an address without #'),
    default: '(the public page of this version)',
  },
  alarmThresholds: {
    what: 'Values from which on [alarms](#alarms) ring',
    takes: 'alarms with a number each, such as trackJobErrors=5,activeSweepIncomplete=90',
    default: '(those below)',
    parse: thresholds,
  },
  longRunningHours: {
    sets: 'longRunningAfter',
    what: 'Hours after which a running job raises an alarm',
    ...period('hours'),
    default: '48',
  },
  dashboard: { what: 'Create the CloudWatch dashboard', ...flag, default: 'true' },
  memorySize: { what: 'MB of memory of each function', takes: 'a whole number', default: '512', parse: number },
  reservedConcurrentExecutions: {
    what: 'Concurrency that Lambda keeps for each function, and its limit; at least `maxConcurrency`',
    takes: 'a whole number',
    default: '(none reserved)',
    parse: number,
  },
  vpcId: {
    what: 'VPC that the functions connect to: see [In a VPC](#in-a-vpc)',
    ...text('the id of a VPC'),
    default: "(Lambda's own network)",
  },
  subnetIds: { what: 'Private subnets of `vpcId`; needed with it', ...names('ids of subnets') },
  securityGroupIds: {
    what: 'Security groups of the functions in `vpcId`',
    ...names('ids of security groups'),
    default: '(a new one: HTTPS out, nothing in)',
  },
  logGroupName: {
    what: 'Existing log group of the class Standard for all functions',
    ...text('the name of a log group'),
    default: '(a new one for each function)',
  },
  logRetentionDays: {
    sets: 'logRetention',
    what: 'How long CloudWatch keeps the logs',
    takes: 'a number of days',
    default: '90',
    parse: number,
  },
  logLevel: {
    what: 'Lowest level that the functions log',
    takes: `one of ${LOG_LEVELS.join(', ')}`,
    default: 'INFO',
    parse: (given) => LOG_LEVELS.find((level) => level === given.toUpperCase()),
  },
  tracing: { what: 'Trace the functions with AWS X-Ray', ...flag, default: 'false' },
  encryptionKeyArn: {
    what: "KMS key for tables, queues, logs, the notification topic and the functions' variables",
    ...text('an ARN'),
    default: '(AWS managed keys)',
  },
  jobsTableName: {
    what: 'Existing jobs table to continue with',
    takes: "a table's name: 3 to 255 letters, digits and _.-",
    default: '(a new table)',
    parse: matching(TABLE_NAME),
  },
  tableName: {
    what: 'Physical name of the jobs table; that of models adds `-models`. **Another name replaces them by empty ones**',
    ...text('a name'),
    default: '(CloudFormation makes one)',
  },
  removalPolicy: {
    what: 'What happens to the tables of records with the stack; `destroy` needs `deletionProtection=false`',
    ...choice({ retain: RemovalPolicy.RETAIN, destroy: RemovalPolicy.DESTROY }),
    default: 'retain',
  },
  deletionProtection: { what: 'Let DynamoDB refuse to delete the tables of records', ...flag, default: 'true' },
  pointInTimeRecovery: {
    what: 'Keep the tables restorable to any second of the last 35 days',
    ...flag,
    default: 'true',
  },
  parameterPrefix: {
    what: 'Path of the SSM parameters; another path also needs a `stackName`',
    ...text('a path'),
    default: PARAMETER_PREFIX,
  },
};

/**
 * The keys of the CDK context that the app reads: `npx cdk deploy -c activeSweepMinutes=10`, or under "context" in
 * cdk.json.
 */
export const CONTEXT_SETTINGS: Readonly<Record<string, Setting>> = {
  ...Object.fromEntries(Object.entries(SETTINGS).map(([key, each]) => [key, { sets: key as keyof Values, ...each }])),
  stackName,
};

/**
 * The stack's props as the CDK context gives them; what it does not name keeps its default.
 *
 * @param home where the stack is deployed; tokens where that is not known
 * @throws InvalidPropsError listing everything that is wrong, in the words of the context
 */
export function propsFromContext(node: Node, home: Home): ContextProps {
  const { values, problems } = valuesOf(node, CONTEXT_SETTINGS);
  const props = propsOf(values);
  problems.push(...overwritingProblems(node, props));
  problems.push(...[...problemsOf(props, home), ...arnProblems(props, home)].map(inWordsOfTheContext));
  if (problems.length > 0) throw new InvalidPropsError(problems);
  return props;
}

/**
 * The spoke's props as the CDK context gives them: its name, so that an account and Region can have one for each hub.
 *
 * @throws InvalidPropsError where that is not the name of a stack
 */
export function spokePropsFromContext(node: Node): StackProps {
  const { values, problems } = valuesOf(node, { stackName });
  if (problems.length > 0) throw new InvalidPropsError(problems);
  return values;
}

function valuesOf(
  node: Node,
  settings: Readonly<Record<string, Setting>>,
): { readonly values: Values; readonly problems: string[] } {
  const problems: string[] = [];
  const values: [string, unknown][] = [];
  for (const [key, { sets, takes, parse }] of Object.entries(settings)) {
    const given: unknown = node.tryGetContext(key);
    if (given === undefined || given === null) continue;
    const text = textOf(given);
    const value = text === undefined ? undefined : parse(text);
    if (value === undefined)
      problems.push(
        `${key} is ${text === undefined ? 'not a text or a list of texts' : `"${shortened(text)}"`}: it takes ${takes}`,
      );
    else values.push([sets, value]);
  }
  return { values: Object.fromEntries(values), problems };
}

/** The default stack would become the other tracker: its parameters, and with them its readers, would lose the first. */
function overwritingProblems(node: Node, { parameterPrefix }: BedrockJobTrackerStackProps): string[] {
  const named: unknown = node.tryGetContext('stackName');
  if (parameterPrefix === undefined || parameterPrefix === PARAMETER_PREFIX || (named ?? undefined) !== undefined) {
    return [];
  }
  return [
    `parameterPrefix is "${shortened(parameterPrefix)}" without a stackName: it would overwrite the tracker of the stack ` +
      `${STACK_NAME}. Give a second tracker a stackName of its own, or stackName=${STACK_NAME} to change the first`,
  ];
}

/** What it takes stands behind what was given, and is to be read. */
const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** Text from the command line, but numbers, booleans and lists of them from cdk.json; undefined for what has parts of its own. */
function textOf(given: unknown): string | undefined {
  if (!Array.isArray(given)) return scalarOf(given);
  const items = given.map(scalarOf);
  return items.every((item) => item !== undefined) ? items.join(',') : undefined;
}

const scalarOf = (given: unknown): string | undefined => {
  if (typeof given === 'string') return given.trim();
  return typeof given === 'object' ? undefined : JSON.stringify(given);
};

function propsOf({
  accounts,
  regions,
  notifyEmails,
  notifyStatuses,
  notifyIdleModels,
  ...values
}: Values): ContextProps {
  const scopes: TrackedScopes = {
    ...(accounts !== undefined && { accounts }),
    ...(regions !== undefined && { regions }),
  };
  const notifications = {
    ...(notifyEmails !== undefined && { emails: notifyEmails }),
    ...(notifyStatuses !== undefined && { statuses: notifyStatuses }),
    ...(notifyIdleModels === true && { idleModels: true }),
  };
  return {
    ...values,
    ...(Object.keys(scopes).length > 0 && { scopes: [scopes] }),
    ...(Object.keys(notifications).length > 0 && { notifications }),
  };
}

const inWordsOfTheContext = (problem: string): string =>
  Object.entries(CONTEXT_SETTINGS)
    .reduce((text, [key, { sets, alias }]) => text.replaceAll(alias ?? sets, key), problem)
    .replace(/^scopes names/, 'accounts and regions name')
    .replace(/^scopes\b/, 'accounts and regions');
