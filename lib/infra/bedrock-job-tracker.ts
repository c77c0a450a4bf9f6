import { Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, type IEventBus, type Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { MetricName } from '../contract.ts';
import type { BedrockAccess } from './bedrock-access.ts';
import { allowServices } from './encryption.ts';
import { HubBus } from './hub/hub-bus.ts';
import { JobEvents } from './job-events.ts';
import { trackerMetric, type TrackerMetricOptions } from './operations/metrics.ts';
import { Notifications } from './notifications.ts';
import { addOperations } from './operations/index.ts';
import { addParameters } from './parameters.ts';
import { ruleProblems } from './props/places.ts';
import type { BedrockJobTrackerProps } from './props/props.ts';
import { PublishTransitions, transitionRule, type TransitionTargetProps } from './transitions.ts';
import { ReconcileJobs } from './reconcile-jobs.ts';
import { InvalidPropsError, JOB_ENDS, problemsOf, type Settings, withDefaults } from './props/validate-props.ts';
import { JobsTable, SweepsTable } from './tables.ts';
import { TRACK_JOB_TIMEOUT, TrackJob } from './track-job.ts';
import { scopeNames, trackedScopes } from './props/tracked-scopes.ts';

/**
 * Keeps every Amazon Bedrock model customization job of the tracked scopes (by default the stack's account and Region)
 * as a record in DynamoDB: seconds after Bedrock's event, and after the next sweep when the event was lost. Publishes
 * each transition as an event.
 *
 * What it costs is in docs/cost.md.
 *
 * @throws InvalidPropsError at synthesis, listing everything that is wrong with the props
 */
export class BedrockJobTracker extends Construct {
  /** The job records; described for readers in docs/table.md. */
  readonly jobsTable: JobsTable;
  /** The state of sweeps; nothing but the tracker reads it. */
  readonly sweepsTable: SweepsTable;
  /** Where transitions are published; described for subscribers in docs/events.md. */
  readonly transitionsBus: IEventBus;
  /** How people are told of transitions: topic, function and queue. Only where the prop `notifications` is given. */
  readonly notifications?: Notifications;
  /** Where spokes forward events to; only where more than the stack's own account and Region is tracked. */
  readonly hubBus?: EventBus;
  /** The parameter `HubId` of spokes; only where there is a `hubBus`. */
  readonly hubId?: string;
  /** Events about jobs on their way to track-job. */
  readonly jobEventsQueue: Queue;
  /** Events that track-job gave up on. Redrive them once the reason is gone. */
  readonly jobEventsDeadLetterQueue: Queue;
  /** Events that EventBridge could not put into the queue. */
  readonly undeliveredEventsQueue: Queue;
  /** Sweeps that EventBridge Scheduler could not start. */
  readonly undeliveredSweepsQueue: Queue;
  /** Where in the table's stream publish-transitions gave up. */
  readonly undeliveredTransitionsQueue: Queue;
  /** Turns events into records. */
  readonly trackJobFunction: Function;
  /** Sweeps. */
  readonly reconcileJobsFunction: Function;
  /** Turns writes of the table into events. */
  readonly publishTransitionsFunction: Function;
  /** The group of the two schedules that start sweeps. */
  readonly scheduleGroupName: string;
  private readonly serviceName: string;

  constructor(scope: Construct, id: string, props: BedrockJobTrackerProps = {}) {
    super(scope, id);
    const home = { account: Stack.of(this).account, region: Stack.of(this).region };
    const problems = problemsOf(props, home);
    if (problems.length > 0) throw new InvalidPropsError(problems);
    const settings = withDefaults(props);
    const scopes = trackedScopes(settings.scopes, home);
    const hub = scopes.some(({ isHome }) => !isHome) ? new HubBus(this, 'Hub', { ...settings, scopes }) : undefined;
    if (hub !== undefined) [this.hubBus, this.hubId] = [hub.bus, hub.hubId];
    const access: BedrockAccess = { ...settings, scopes, ...(hub !== undefined && { hubId: hub.hubId }) };
    if (settings.encryptionKey !== undefined) allowServices(this, settings.encryptionKey);
    this.serviceName = settings.serviceName;

    this.jobsTable = new JobsTable(this, 'JobsTable', { ...settings, scopeNames: scopeNames(access.scopes) });
    this.sweepsTable = new SweepsTable(this, 'SweepsTable', settings);
    const { jobsTable, sweepsTable } = this;

    const jobEvents = new JobEvents(this, 'JobEvents', {
      settings,
      buses: { default: access.scopes.some(({ isHome }) => isHome), hub: this.hubBus },
      consumerTimeout: TRACK_JOB_TIMEOUT,
    });
    this.jobEventsQueue = jobEvents.queue;
    this.jobEventsDeadLetterQueue = jobEvents.deadLetterQueue;
    this.undeliveredEventsQueue = jobEvents.undeliveredQueue;

    const { maxConcurrency } = settings;
    const trackJob = new TrackJob(this, 'TrackJob', {
      settings,
      access,
      jobsTable,
      jobEvents: jobEvents.queue,
      maxConcurrency,
    });
    this.trackJobFunction = trackJob.function;
    this.transitionsBus = settings.transitionsBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    const bus = this.transitionsBus;
    const publish = new PublishTransitions(this, 'PublishTransitions', { settings, jobsTable, bus });
    this.publishTransitionsFunction = publish.function;
    this.undeliveredTransitionsQueue = publish.failedQueue;

    const reconcileJobs = new ReconcileJobs(this, 'ReconcileJobs', {
      ...settings,
      settings,
      access,
      jobsTable,
      sweepsTable,
      eventSources: { 'job-events': trackJob.mappingId, transitions: publish.mappingId },
    });
    this.reconcileJobsFunction = reconcileJobs.function;
    this.undeliveredSweepsQueue = reconcileJobs.undeliveredQueue;
    this.scheduleGroupName = reconcileJobs.scheduleGroup.scheduleGroupName;

    const notifications = this.addNotifications(settings, bus);
    if (notifications !== undefined) this.notifications = notifications;

    addOperations(this, { settings, rules: jobEvents.rules });
    addParameters(this, {
      settings,
      scopes: access.scopes,
      eventSourceMappings: { jobEvents: trackJob.mappingId, transitions: publish.mappingId },
      rules: Object.values(jobEvents.rules),
    });
  }

  /** The roles that read Bedrock, and that other accounts' spokes let in. */
  get readerRoleArns(): string[] {
    return [this.trackJobFunction, this.reconcileJobsFunction].flatMap(({ role }) => role?.roleArn ?? []);
  }

  /**
   * Lets a function or role read the records: get them by key and query every index. A function also gets the
   * variables that name the table and the tracked scopes, by which the client finds both.
   */
  grantReadJobs(grantee: IGrantable): Grant {
    return this.jobsTable.grantReading(grantee);
  }

  /**
   * Adds a rule that sends transitions to a target: a queue, a function, a state machine, an API. By default it sends
   * status changes of jobs, without sub-tasks, from now on. Delivery is at least once and unordered: see docs/events.md.
   */
  addTransitionTarget(id: string, props: TransitionTargetProps): Rule {
    const problems = ruleProblems('transitionsBus', this.transitionsBus.env, Stack.of(this));
    if (problems.length > 0) throw new InvalidPropsError(problems);
    const description = 'Transitions of model customization jobs';
    return transitionRule(this, id, { ...props, bus: this.transitionsBus, description });
  }

  /**
   * One of the metrics of docs/metrics.md, for graphs and alarms of your own: `tracker.metric(METRIC.activeJobs)`. The
   * options win over the period of 5 minutes and the statistic of that page. CloudWatch does not add up dimensions: to
   * show all outcomes or operations, put a metric for each into the graph.
   *
   * @throws TypeError where the metric needs a dimension that the options do not give
   */
  metric(name: MetricName, options: TrackerMetricOptions = {}): Metric {
    return trackerMetric(this.serviceName, name, options);
  }

  private addNotifications(settings: Settings, bus: IEventBus): Notifications | undefined {
    if (settings.notifications === undefined) return undefined;
    const { statuses = JOB_ENDS, emails = [] } = settings.notifications;
    return new Notifications(this, 'Notifications', { settings, bus, statuses, emails });
  }
}
