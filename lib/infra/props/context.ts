import { Duration, RemovalPolicy, type StackProps } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import { PARAMETER_PREFIX } from '../../contract.ts';
import { arnProblems } from './places.ts';
import { LOG_LEVELS, STACK_NAME, type BedrockJobTrackerStackProps, type TrackedScopes } from './props.ts';
import type { Home } from './tracked-scopes.ts';
import { InvalidPropsError, problemsOf } from './validate-props.ts';

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
  /** What the key takes, as the second half of "it takes …". */
  readonly takes: string;
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
const stackName: Setting = {
  sets: 'stackName',
  takes: 'a letter, then up to 127 letters, digits and hyphens',
  parse: (text) => (/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(text) ? text : undefined),
};
const names = (what: string) => ({ takes: `${what}, separated by commas`, parse: list });

/**
 * The keys of the CDK context that the app reads: `npx cdk deploy -c activeSweepMinutes=10`, or under "context" in
 * cdk.json.
 */
export const CONTEXT_SETTINGS: Readonly<Record<string, Setting>> = {
  accounts: { sets: 'accounts', ...names('account ids') },
  regions: { sets: 'regions', ...names('names of Regions') },
  spokeExternalId: { sets: 'spokeExternalId', takes: 'a text', parse: asIs },
  organizationId: { sets: 'organizationId', takes: 'the id of an organization', parse: asIs },
  knownRegions: { sets: 'knownRegions', ...names('names of Regions') },
  activeSweepMinutes: {
    sets: 'activeSweepEvery',
    takes: 'a whole number of minutes',
    parse: period((amount) => Duration.minutes(amount)),
  },
  fullSweepHours: {
    sets: 'fullSweepEvery',
    takes: 'a whole number of hours',
    parse: period((amount) => Duration.hours(amount)),
  },
  tagRefreshDays: {
    sets: 'tagRefreshWindow',
    takes: 'a whole number of days',
    parse: period((amount) => Duration.days(amount)),
  },
  maxConcurrency: { sets: 'maxConcurrency', ...count },
  transitionsBusArn: { sets: 'transitionsBusArn', takes: 'an ARN', parse: asIs },
  redactFailureMessages: { sets: 'redactFailureMessages', ...flag },
  notifyEmails: { sets: 'notifyEmails', alias: 'notifications.emails', ...names('e-mail addresses') },
  notifyStatuses: { sets: 'notifyStatuses', alias: 'notifications.statuses', ...names('statuses') },
  alarms: { sets: 'alarms', ...flag },
  alarmTopicArn: { sets: 'alarmTopicArn', takes: 'an ARN', parse: asIs },
  longRunningHours: {
    sets: 'longRunningAfter',
    takes: 'a whole number of hours',
    parse: period((amount) => Duration.hours(amount)),
  },
  dashboard: { sets: 'dashboard', ...flag },
  logRetentionDays: { sets: 'logRetention', takes: 'a number of days', parse: number },
  logLevel: {
    sets: 'logLevel',
    takes: `one of ${LOG_LEVELS.join(', ')}`,
    parse: (text) => LOG_LEVELS.find((level) => level === text.toUpperCase()),
  },
  tracing: { sets: 'tracing', ...flag },
  encryptionKeyArn: { sets: 'encryptionKeyArn', takes: 'an ARN', parse: asIs },
  jobsTableName: {
    sets: 'jobsTableName',
    takes: "a table's name: 3 to 255 letters, digits and _.-",
    parse: (text) => (/^[\w.-]{3,255}$/.test(text) ? text : undefined),
  },
  removalPolicy: {
    sets: 'removalPolicy',
    takes: 'retain or destroy',
    parse: choice({ retain: RemovalPolicy.RETAIN, destroy: RemovalPolicy.DESTROY }),
  },
  deletionProtection: { sets: 'deletionProtection', ...flag },
  pointInTimeRecovery: { sets: 'pointInTimeRecovery', ...flag },
  parameterPrefix: { sets: 'parameterPrefix', takes: 'a path', parse: asIs },
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
        `${key} is ${text === undefined ? 'no text and no list of them' : `"${shortened(text)}"`}: it takes ${takes}`,
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
