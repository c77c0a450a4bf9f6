import { Duration, RemovalPolicy, type StackProps } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import { PARAMETER_PREFIX } from '../../contract.ts';
import type { AlarmThresholds } from './alarm-thresholds.ts';
import { arnProblems } from './places.ts';
import { STACK_NAME, type BedrockJobTrackerStackProps, type TrackedScopes } from './props.ts';
import type { Home } from './tracked-scopes.ts';
import { DEFAULTS, InvalidPropsError, JOB_ENDS, LOG_LEVELS, problemsOf, TABLE_NAME } from './validate-props.ts';

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
  /** What it is for: an entry of docs/configuration.md. */
  readonly what: string;
  /** What the key takes, as the second half of "it takes …". */
  readonly takes: string;
  /** Where the props' own default does not say it: as it could be given, or in brackets what applies instead. */
  readonly default?: string | undefined;
  /** The value, or undefined when the text is not understood. */
  readonly parse: (text: string) => unknown;
}

/** Sets the value of its own name, unless it says which. */
type Own = Omit<Setting, 'sets'> & Partial<Setting>;

const matching =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.test(text) ? text : undefined;
const parseNumber = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);
const parseList = (text: string): string[] | undefined => {
  const items = text.split(',').map((item) => item.trim());
  return items.includes('') ? undefined : items;
};
const parseThresholds = (text: string): AlarmThresholds | undefined => {
  const pairs = text.split(',').map((each) => /^\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(each));
  return pairs.every((pair) => pair !== null)
    ? Object.fromEntries(pairs.map(([, name = '', threshold]) => [name, { threshold: Number(threshold) }]))
    : undefined;
};

type Described = readonly [what: string, standard?: string];
const setting = (parse: Setting['parse'], takes: string, ...[what, standard]: Described): Own => ({
  what,
  takes,
  default: standard,
  parse,
});
const text = (takes: string, ...of: Described): Own => setting(matching(/./), takes, ...of);
const names = (items: string, ...of: Described): Own => setting(parseList, `${items}, separated by commas`, ...of);
const whole = (...of: Described): Own => setting(parseNumber, 'a whole number', ...of);
const choice = (choices: Readonly<Record<string, unknown>>, what: string): Own =>
  setting(
    (text) => (Object.hasOwn(choices, text) ? choices[text] : undefined),
    Object.keys(choices).join(' or '),
    what,
  );
const flag = (what: string): Own => choice({ true: true, false: false }, what);
const period =
  (unit: 'minutes' | 'hours' | 'days') =>
  (sets: keyof Values, ...of: Described): Own => {
    const parse = (text: string) => {
      const amount = parseNumber(text);
      return amount === undefined ? undefined : Duration[unit](amount);
    };
    return { sets, ...setting(parse, `a whole number of ${unit}`, ...of) };
  };
const [minutes, hours, days] = [period('minutes'), period('hours'), period('days')];

const stackName: Setting = {
  sets: 'stackName',
  what: 'Name of the stack',
  takes: 'a letter, then up to 127 letters, digits and hyphens',
  default: STACK_NAME,
  parse: matching(/^[A-Za-z][A-Za-z0-9-]{0,127}$/),
};

const SETTINGS: Readonly<Record<string, Own>> = {
  accounts: names('account ids', 'Accounts to track', "(the stack's)"),
  regions: names('names of Regions', 'Regions to track, in each of the accounts', "(the stack's)"),
  spokeExternalId: text('a text', 'External id that spokes require; needed if other accounts have some'),
  organizationId: text(
    'the id of an organization',
    'Organization whose accounts may have spokes, which register themselves',
  ),
  spokeAccounts: names('account ids', 'Accounts that may have spokes, which register themselves'),
  knownRegions: names('names of Regions', 'Regions with Bedrock that this version does not know yet'),
  activeSweepMinutes: minutes('activeSweepEvery', 'Minutes between sweeps of a scope with active jobs, at least 1'),
  idleSweepMinutes: minutes(
    'idleSweepEvery',
    'Minutes between sweeps of a scope without active jobs',
    '(60 in a hub, else `activeSweepMinutes`)',
  ),
  emptySweepMinutes: minutes(
    'emptySweepEvery',
    'Minutes between sweeps of a scope that never had a job',
    '(1440 in a hub, else `activeSweepMinutes`)',
  ),
  fullSweepHours: hours('fullSweepEvery', 'Hours between full sweeps, not less than between active sweeps'),
  releaseAfterHours: hours(
    'releaseAfter',
    'Hours of silence after which a scope that `accounts` does not name is released, at least 2',
  ),
  sweepConcurrency: whole('Scopes that a hub sweeps at once, 2 to 1000'),
  tagRefreshDays: days(
    'tagRefreshWindow',
    "How long after a job's last change full sweeps compare its tags; 0 never compares them",
    '(30 without a trail, else 0)',
  ),
  models: flag('Track custom models and what serves them'),
  modelSweepMinutes: minutes('modelSweepEvery', 'Minutes between sweeps of models, at least 1'),
  modelUsage: flag('Measure the use of models once a day, by CloudWatch'),
  idleAfterDays: days('idleAfter', 'Days without use after which a deployment or throughput is idle, 1 to 455'),
  schedulesEnabled: flag('Start sweeps on schedule; `false` for a tracker that waits for its turn'),
  maxConcurrency: whole('Concurrent invocations of `track-job`, 2 to 1000'),
  transitionsBusArn: text('an ARN', 'Event bus that transitions are published on', '(the default bus)'),
  redactFailureMessages: flag('Leave failure messages out of events and notifications'),
  notifyEmails: {
    alias: 'notifications.emails',
    ...names('e-mail addresses', 'Addresses that get an e-mail when a job ends'),
  },
  notifyStatuses: {
    alias: 'notifications.statuses',
    ...names('statuses', 'Statuses to notify of; creates the topic even without addresses', JOB_ENDS.join(',')),
  },
  notifyIdleModels: {
    alias: 'notifications.idleModels',
    ...flag('Notify when a deployment or throughput becomes idle; creates the topic even without addresses'),
    default: 'false',
  },
  alarms: flag('Create the alarms'),
  alarmTopicArn: text('an ARN', 'SNS topic that gets the alarms'),
  runbookUrl: text(
    'an address without #',
    'Address of the runbook that alarms link to',
    '(the public page of this version)',
  ),
  alarmThresholds: setting(
    parseThresholds,
    'alarms with a number each, such as trackJobErrors=5,activeSweepIncomplete=90',
    'Values from which on [alarms](#alarms) ring',
    '(those below)',
  ),
  longRunningHours: hours('longRunningAfter', 'Hours after which a running job raises an alarm'),
  dashboard: flag('Create the CloudWatch dashboard'),
  memorySize: whole('MB of memory of each function'),
  reservedConcurrentExecutions: whole(
    'Concurrency that Lambda keeps for each function, and its limit; at least `maxConcurrency`',
    '(none reserved)',
  ),
  vpcId: text(
    'the id of a VPC',
    'VPC that the functions connect to: see [In a VPC](#in-a-vpc)',
    "(Lambda's own network)",
  ),
  subnetIds: names('ids of subnets', 'Private subnets of `vpcId`; needed with it'),
  securityGroupIds: names(
    'ids of security groups',
    'Security groups of the functions in `vpcId`',
    '(a new one: HTTPS out, nothing in)',
  ),
  logGroupName: text(
    'the name of a log group',
    'Existing log group of the class Standard for all functions',
    '(a new one for each function)',
  ),
  logRetentionDays: { ...whole('How long CloudWatch keeps the logs'), sets: 'logRetention' },
  logLevel: setting(
    (given) => LOG_LEVELS.find((level) => level === given.toUpperCase()),
    `one of ${LOG_LEVELS.join(', ')}`,
    'Lowest level that the functions log',
  ),
  tracing: flag('Trace the functions with AWS X-Ray'),
  encryptionKeyArn: text(
    'an ARN',
    "KMS key for tables, queues, logs, the notification topic and the functions' variables",
    '(AWS managed keys)',
  ),
  jobsTableName: setting(
    matching(TABLE_NAME),
    "a table's name: 3 to 255 letters, digits and _.-",
    'Existing jobs table to continue with',
    '(a new table)',
  ),
  tableName: text(
    'a name',
    'Physical name of the jobs table; that of models adds `-models`. **Another name replaces them by empty ones**',
    '(CloudFormation makes one)',
  ),
  removalPolicy: choice(
    { retain: RemovalPolicy.RETAIN, destroy: RemovalPolicy.DESTROY },
    'What happens to the tables of records with the stack; `destroy` needs `deletionProtection=false`',
  ),
  deletionProtection: flag('Let DynamoDB refuse to delete the tables of records'),
  pointInTimeRecovery: flag('Keep the tables restorable to any second of the last 35 days'),
  parameterPrefix: text('a path', 'Path of the SSM parameters; another path also needs a `stackName`'),
};

/** The default of a prop as its key takes it: a period in the unit at the end of the key. */
function standardOf(key: string, sets: string): string | undefined {
  const value = (DEFAULTS as Readonly<Record<string, unknown>>)[sets] as
    Duration | string | number | boolean | undefined;
  if (!(value instanceof Duration)) return value?.toString();
  if (key.endsWith('Minutes')) return value.toMinutes().toString();
  return (key.endsWith('Hours') ? value.toHours() : value.toDays()).toString();
}

/**
 * The keys of the CDK context that the app reads: `npx cdk deploy -c activeSweepMinutes=10`, or under "context" in
 * cdk.json.
 */
export const CONTEXT_SETTINGS: Readonly<Record<string, Setting>> = {
  ...Object.fromEntries(
    Object.entries(SETTINGS).map(([key, { sets = key as keyof Values, default: standard, ...each }]) => [
      key,
      { ...each, sets, default: standard ?? standardOf(key, sets) },
    ]),
  ),
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
