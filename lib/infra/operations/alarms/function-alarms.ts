import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { pascalCase, present, type WatchedFunctions } from '../watched.ts';
import type { AlarmDefinition } from './definition.ts';
import { longestPeriod } from './heartbeat.ts';

/** Everything here is tried again by itself, so one failure is no news; the second one is. */
const ERRORS = 2;
const ERROR_WINDOW = Duration.minutes(15);

/** DynamoDB keeps a stream for 24 hours. Transitions that are late by this much have stopped to move. */
const ITERATOR_AGE = Duration.minutes(15);

export interface FunctionAlarmsProps {
  readonly functions: WatchedFunctions;
  readonly activeSweepEvery: Duration;
}

/** Errors and throttles of each function, and how far the reader of the stream is behind. */
export const functionAlarms = ({ functions, activeSweepEvery }: FunctionAlarmsProps): AlarmDefinition[] => [
  ...present<IFunction>({ ...functions }).flatMap(([name, fn]) => [
    // Two sweeps that fail one after the other must fall into one window.
    errors(name, fn, name === 'reconcileJobs' ? sweepsErrorWindow(activeSweepEvery) : ERROR_WINDOW),
    throttles(name, fn),
  ]),
  ...(functions.publishTransitions ? [iteratorAge(functions.publishTransitions)] : []),
];

const sweepsErrorWindow = (activeSweepEvery: Duration): Duration =>
  longestPeriod(Duration.minutes(Math.max(ERROR_WINDOW.toMinutes(), 3 * activeSweepEvery.toMinutes())));

const errors = (name: string, fn: IFunction, window: Duration): AlarmDefinition => ({
  id: `${pascalCase(name)}Errors`,
  metric: fn.metricErrors({ period: window, statistic: Stats.SUM }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  threshold: ERRORS,
  periods: 1,
  // A function that is not invoked does not fail.
  missing: TreatMissingData.NOT_BREACHING,
  says: `${kebabCase(name)} failed ${ERRORS} times or more within ${window.toHumanString()}.`,
  paragraph: 'a-function-fails',
});

const throttles = (name: string, fn: IFunction): AlarmDefinition => ({
  id: `${pascalCase(name)}Throttles`,
  metric: fn.metricThrottles({ period: Duration.minutes(5), statistic: Stats.SUM }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  threshold: 1,
  periods: 3,
  missing: TreatMissingData.NOT_BREACHING,
  says: `Lambda has refused to run ${kebabCase(name)} for 15 minutes: the account has no concurrency left.`,
  paragraph: 'a-function-is-throttled',
});

const iteratorAge = (fn: IFunction): AlarmDefinition => ({
  id: 'PublishTransitionsBehind',
  metric: fn.metric('IteratorAge', { period: Duration.minutes(5), statistic: Stats.MAXIMUM }),
  comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
  threshold: ITERATOR_AGE.toMilliseconds(),
  periods: 1,
  // Without a change of the table there is nothing to read, and nothing to be late with.
  missing: TreatMissingData.NOT_BREACHING,
  says: `publish-transitions is more than ${ITERATOR_AGE.toHumanString()} behind the jobs table.`,
  paragraph: 'transitions-are-late',
});

const kebabCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
