import { Duration, Stack } from 'aws-cdk-lib';
import { EventBus, Rule, Schedule as EventsSchedule } from 'aws-cdk-lib/aws-events';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { TrackerMetrics } from '../../lib/infra/operations/metrics.ts';
import { makeApp } from './support.ts';

export const makeWatchedStack = (): Stack => new Stack(makeApp(), 'Watched');

const fn = (stack: Stack, id: string) =>
  new Function(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => undefined;'),
  });

/** A tracker with every part there is, as alarms and dashboard see it. */
export const watchedParts = (stack: Stack) => ({
  metrics: new TrackerMetrics('bedrock-job-tracker'),
  jobEventsQueue: new Queue(stack, 'JobEvents'),
  queues: {
    jobEventsDeadLetters: new Queue(stack, 'DeadLetters'),
    undeliveredEvents: new Queue(stack, 'UndeliveredEvents'),
    undeliveredSweeps: new Queue(stack, 'UndeliveredSweeps'),
    undeliveredTransitions: new Queue(stack, 'UndeliveredTransitions'),
    undeliveredNotifications: new Queue(stack, 'UndeliveredNotifications'),
  },
  functions: {
    trackJob: fn(stack, 'TrackJob'),
    reconcileJobs: fn(stack, 'ReconcileJobs'),
    publishTransitions: fn(stack, 'PublishTransitions'),
    notifyTransition: fn(stack, 'NotifyTransition'),
  },
  rules: {
    StateChange: { rule: rule(stack, 'StateChangeRule') },
    Notify: { rule: rule(stack, 'NotifyRule', new EventBus(stack, 'Bus')), eventBusName: 'transitions' },
  },
  jobsTable: { tableName: 'jobs' },
});

const rule = (stack: Stack, id: string, eventBus?: EventBus) =>
  eventBus
    ? new Rule(stack, id, { eventBus, eventPattern: { source: ['bedrock-job-tracker'] } })
    : new Rule(stack, id, { schedule: EventsSchedule.rate(Duration.days(1)) });

export const STANDARD = {
  activeSweepEvery: Duration.minutes(5),
  fullSweepEvery: Duration.days(1),
  longRunningAfter: Duration.days(2),
};
