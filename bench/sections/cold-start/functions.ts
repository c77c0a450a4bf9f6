import { ENV, METRIC_NAMESPACE } from '../../../lib/contract.ts';
import { formatScope } from '../../../lib/domain/identity.ts';
import { sqsEvent } from '../../../test/support/sqs-event.ts';
import { streamEvent, writeOf } from '../../../test/support/stream-event.ts';
import { detailOf, newRecord } from '../../../test/support/transition-details.ts';
import { eventOf } from '../../../test/support/transition-events.ts';
import { JOB_ARN, SCOPE, stateChange } from '../../support/answers.ts';

/** A function as it ships, the event of its first invocation, and what it answers when it did its work. */
export interface Invoked {
  readonly name: string;
  readonly event: unknown;
  readonly isDone: (answer: unknown) => boolean;
}

const noFailures = (answer: unknown): boolean =>
  (answer as { batchItemFailures?: readonly unknown[] }).batchItemFailures?.length === 0;

const record = newRecord('fine-tuning-completed');

export const FUNCTIONS: readonly Invoked[] = [
  { name: 'track-job', event: sqsEvent(stateChange(JOB_ARN)), isDone: noFailures },
  {
    name: 'reconcile-jobs',
    event: { sweep: 'active' },
    isDone: (answer) => Array.isArray(answer) && answer.length > 0,
  },
  { name: 'publish-transitions', event: streamEvent(writeOf(undefined, record)), isDone: noFailures },
  { name: 'notify-transition', event: eventOf(detailOf(record)), isDone: (answer) => answer === undefined },
];

/** What Lambda and the stack set. */
export const environmentOf = (url: string, home: string): NodeJS.ProcessEnv => ({
  HOME: home,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_REGION: SCOPE.region,
  AWS_DEFAULT_REGION: SCOPE.region,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_SESSION_TOKEN: 'bench',
  AWS_ENDPOINT_URL: url,
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
  POWERTOOLS_LOG_LEVEL: 'INFO',
  [ENV.jobsTable]: 'jobs',
  [ENV.sweepsTable]: 'sweeps',
  [ENV.scopes]: formatScope(SCOPE),
  [ENV.transitionsBus]: 'default',
  [ENV.notificationsTopic]: `arn:aws:sns:${SCOPE.region}:${SCOPE.accountId}:topic`,
});
