import { Duration, RemovalPolicy, type StackProps } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import { PARAMETER_PREFIX } from '../../contract.ts';
import { arnProblems } from './places.ts';
import { LOG_LEVELS, STACK_NAME, type BedrockJobTrackerStackProps, type TrackedScopes } from './props.ts';
import type { Home } from './tracked-scopes.ts';
import { InvalidPropsError, JOB_ENDS, problemsOf } from './validate-props.ts';

/** What the context can say: the props with the lists of nested ones in reach of the command line. */
type Values = Omit<BedrockJobTrackerStackProps, 'scopes' | 'notifications'> & {
  readonly accounts?: readonly string[];
  readonly regions?: readonly string[];
  readonly notifyEmails?: readonly string[];
  readonly notifyStatuses?: readonly string[];
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
const period = (unit: (amount: number) => Duration) => (text: string) => {
  const amount = number(text);
  return amount === undefined ? undefined : unit(amount);
};
const choice =
  <T>(choices: Readonly<Record<string, T>>) =>
  (text: string): T | undefined =>
    Object.hasOwn(choices, text) ? choices[text] : undefined;
const list = (text: string): string[] | undefined => {
  const items = text.split(',').map((item) => item.trim());
  return items.includes('') ? undefined : items;
};
const asIs = (text: string): string | undefined => (text === '' ? undefined : text);
const flag = { takes: 'true or false', parse: choice({ true: true, false: false }) };
const count = { takes: 'a whole number', parse: number };
const names = (of: string) => ({ takes: `${of}, separated by commas`, parse: list });
const arn = { takes: 'an ARN', parse: asIs };
const stackName: Setting = {
  sets: 'stackName',
  what: 'Name of the stack',
  takes: 'a letter, then up to 127 letters, digits and hyphens',
  default: STACK_NAME,
  parse: (text) => (/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(text) ? text : undefined),
};

/**
 * The keys of the CDK context that the app reads: `npx cdk deploy -c activeSweepMinutes=10`, or under "context" in
 * cdk.json.
 */
export const CONTEXT_SETTINGS: Readonly<Record<string, Setting>> = {
  accounts: { sets: 'accounts', what: 'Accounts to track', default: "(the stack's)", ...names('account ids') },
  regions: {
    sets: 'regions',
    what: 'Regions to track, in each of the accounts',
    default: "(the stack's)",
    ...names('names of Regions'),
  },
  spokeExternalId: {
    sets: 'spokeExternalId',
    what: 'External id that spokes require; needed if `accounts` names other accounts',
    takes: 'a text',
    parse: asIs,
  },
  organizationId: {
    sets: 'organizationId',
    what: 'Organization whose accounts may forward events',
    takes: 'the id of an organization',
    default: '(only the `accounts`)',
    parse: asIs,
  },
  knownRegions: {
    sets: 'knownRegions',
    what: 'Regions with Bedrock that this version does not know yet',
    ...names('names of Regions'),
  },
  activeSweepMinutes: {
    sets: 'activeSweepEvery',
    what: 'Minutes between active sweeps, at least 1',
    takes: 'a whole number of minutes',
    default: '5',
    parse: period((amount) => Duration.minutes(amount)),
  },
  fullSweepHours: {
    sets: 'fullSweepEvery',
    what: 'Hours between full sweeps, not less than between active sweeps',
    takes: 'a whole number of hours',
    default: '24',
    parse: period((amount) => Duration.hours(amount)),
  },
  tagRefreshDays: {
    sets: 'tagRefreshWindow',
    what: "How long after a job's last change full sweeps compare its tags; 0 never compares them",
    takes: 'a whole number of days',
    default: '30',
    parse: period((amount) => Duration.days(amount)),
  },
  maxConcurrency: {
    sets: 'maxConcurrency',
    what: 'Concurrent invocations of `track-job`, 2 to 1000',
    default: '5',
    ...count,
  },
  transitionsBusArn: {
    sets: 'transitionsBusArn',
    what: 'Event bus that transitions are published on',
    default: '(the default bus)',
    ...arn,
  },
  redactFailureMessages: {
    sets: 'redactFailureMessages',
    what: 'Leave failure messages out of events and notifications',
    default: 'false',
    ...flag,
  },
  notifyEmails: {
    sets: 'notifyEmails',
    alias: 'notifications.emails',
    what: 'Addresses that get an e-mail when a job ends',
    ...names('e-mail addresses'),
  },
  notifyStatuses: {
    sets: 'notifyStatuses',
    alias: 'notifications.statuses',
    what: 'Statuses to notify of; creates the topic even without addresses',
    default: JOB_ENDS.join(','),
    ...names('statuses'),
  },
  alarms: { sets: 'alarms', what: 'Create the alarms', default: 'true', ...flag },
  alarmTopicArn: { sets: 'alarmTopicArn', what: 'SNS topic that gets the alarms', ...arn },
  longRunningHours: {
    sets: 'longRunningAfter',
    what: 'Hours after which a running job raises an alarm',
    takes: 'a whole number of hours',
    default: '48',
    parse: period((amount) => Duration.hours(amount)),
  },
  dashboard: { sets: 'dashboard', what: 'Create the CloudWatch dashboard', default: 'true', ...flag },
  logRetentionDays: {
    sets: 'logRetention',
    what: 'How long CloudWatch keeps the logs',
    takes: 'a number of days',
    default: '90',
    parse: number,
  },
  logLevel: {
    sets: 'logLevel',
    what: 'Lowest level that the functions log',
    takes: `one of ${LOG_LEVELS.join(', ')}`,
    default: 'INFO',
    parse: (text) => LOG_LEVELS.find((level) => level === text.toUpperCase()),
  },
  tracing: { sets: 'tracing', what: 'Trace the functions with AWS X-Ray', default: 'false', ...flag },
  encryptionKeyArn: {
    sets: 'encryptionKeyArn',
    what: 'KMS key for tables, queues, logs and the notification topic',
    default: '(AWS managed keys)',
    ...arn,
  },
  jobsTableName: {
    sets: 'jobsTableName',
    what: 'Existing jobs table to continue with',
    takes: "a table's name: 3 to 255 letters, digits and _.-",
    default: '(a new table)',
    parse: (text) => (/^[\w.-]{3,255}$/.test(text) ? text : undefined),
  },
  removalPolicy: {
    sets: 'removalPolicy',
    what: 'What happens to the jobs table with the stack; `destroy` needs `deletionProtection=false`',
    takes: 'retain or destroy',
    default: 'retain',
    parse: choice({ retain: RemovalPolicy.RETAIN, destroy: RemovalPolicy.DESTROY }),
  },
  deletionProtection: {
    sets: 'deletionProtection',
    what: 'Let DynamoDB refuse to delete the jobs table',
    default: 'true',
    ...flag,
  },
  pointInTimeRecovery: {
    sets: 'pointInTimeRecovery',
    what: 'Keep the tables restorable to any second of the last 35 days',
    default: 'true',
    ...flag,
  },
  parameterPrefix: {
    sets: 'parameterPrefix',
    what: 'Path of the SSM parameters; another path also needs a `stackName`',
    takes: 'a path',
    default: PARAMETER_PREFIX,
    parse: asIs,
  },
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

function propsOf({ accounts, regions, notifyEmails, notifyStatuses, ...values }: Values): ContextProps {
  const scopes: TrackedScopes = {
    ...(accounts !== undefined && { accounts }),
    ...(regions !== undefined && { regions }),
  };
  const notifications = {
    ...(notifyEmails !== undefined && { emails: notifyEmails }),
    ...(notifyStatuses !== undefined && { statuses: notifyStatuses }),
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
    .replace(/^scopes names/, 'accounts and regions name');
