import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import { LOG_LEVELS, type BedrockJobTrackerProps } from './props.ts';
import { InvalidPropsError, problemsOf } from './validate-props.ts';

/** One key of the CDK context: which prop it sets, and how its text reads. */
interface Setting {
  readonly prop: keyof BedrockJobTrackerProps;
  /** What the key takes, as the second half of "it takes …". */
  readonly takes: string;
  /** The prop's value, or undefined when the text is not understood. */
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
const flag = { takes: 'true or false', parse: choice({ true: true, false: false }) };

/**
 * The keys of the CDK context that the app reads: `npx cdk deploy -c activeSweepMinutes=10`, or under "context" in
 * cdk.json.
 */
export const CONTEXT_SETTINGS: Readonly<Record<string, Setting>> = {
  activeSweepMinutes: {
    prop: 'activeSweepEvery',
    takes: 'a whole number of minutes',
    parse: period((amount) => Duration.minutes(amount)),
  },
  fullSweepHours: {
    prop: 'fullSweepEvery',
    takes: 'a whole number of hours',
    parse: period((amount) => Duration.hours(amount)),
  },
  tagRefreshDays: {
    prop: 'tagRefreshWindow',
    takes: 'a whole number of days',
    parse: period((amount) => Duration.days(amount)),
  },
  maxConcurrency: { prop: 'maxConcurrency', takes: 'a whole number', parse: number },
  logRetentionDays: { prop: 'logRetention', takes: 'a number of days', parse: number },
  logLevel: {
    prop: 'logLevel',
    takes: `one of ${LOG_LEVELS.join(', ')}`,
    parse: (text) => LOG_LEVELS.find((level) => level === text.toUpperCase()),
  },
  removalPolicy: {
    prop: 'removalPolicy',
    takes: 'retain or destroy',
    parse: choice({ retain: RemovalPolicy.RETAIN, destroy: RemovalPolicy.DESTROY }),
  },
  deletionProtection: { prop: 'deletionProtection', ...flag },
  pointInTimeRecovery: { prop: 'pointInTimeRecovery', ...flag },
  parameterPrefix: { prop: 'parameterPrefix', takes: 'a path', parse: (text) => text },
};

/**
 * The tracker's props as the CDK context gives them; what it does not name keeps its default.
 *
 * @throws InvalidPropsError listing everything that is wrong, in the words of the context
 */
export function propsFromContext(node: Node): BedrockJobTrackerProps {
  const problems: string[] = [];
  const values: [string, unknown][] = [];
  for (const [key, { prop, takes, parse }] of Object.entries(CONTEXT_SETTINGS)) {
    const given: unknown = node.tryGetContext(key);
    if (given === undefined || given === null) continue;
    // Text from the command line, but numbers and booleans from cdk.json.
    const text = typeof given === 'string' ? given.trim() : JSON.stringify(given);
    const value = parse(text);
    if (value === undefined) problems.push(`${key} is "${text}": it takes ${takes}`);
    else values.push([prop, value]);
  }
  const props = Object.fromEntries(values) as BedrockJobTrackerProps;
  problems.push(...problemsOf(props).map(inWordsOfTheContext));
  if (problems.length > 0) throw new InvalidPropsError(problems);
  return props;
}

const inWordsOfTheContext = (problem: string): string =>
  Object.entries(CONTEXT_SETTINGS).reduce((text, [key, { prop }]) => text.replaceAll(prop, key), problem);
