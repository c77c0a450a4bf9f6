import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { pascalCase, present, type WatchedFunctions } from '../watched.ts';
import type { AlarmDefinition } from './definition.ts';

/** Everything here is tried again by itself, so one failure is no news; the second one is. */
const ERRORS = 2;
const ERROR_WINDOW = Duration.minutes(15);

/**
 * Functions whose failure has no other alarm. A sweep that fails has a heartbeat and a completeness, and what cannot be
 * notified ends in its queue.
 */
const WATCHED_FOR_ERRORS: ReadonlySet<string> = new Set<keyof WatchedFunctions>(['trackJob', 'publishTransitions']);

/** Errors and throttles of functions. */
export const functionAlarms = ({ functions }: { readonly functions: WatchedFunctions }): AlarmDefinition[] =>
  present<IFunction>({ ...functions }).flatMap(([name, fn]) => [
    ...(WATCHED_FOR_ERRORS.has(name) ? [errors(name, fn)] : []),
    throttles(name, fn),
  ]);

const errors = (name: string, fn: IFunction): AlarmDefinition => ({
  id: `${pascalCase(name)}Errors`,
  metric: fn.metricErrors({ period: ERROR_WINDOW, statistic: Stats.SUM }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  threshold: ERRORS,
  periods: 1,
  // A function that is not invoked does not fail.
  missing: TreatMissingData.NOT_BREACHING,
  says: `${kebabCase(name)} failed ${ERRORS} times or more within ${ERROR_WINDOW.toHumanString()}.`,
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

const kebabCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
