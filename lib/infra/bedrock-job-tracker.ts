import { Stack } from 'aws-cdk-lib';
import type { Dashboard, IAlarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { EventBus, type IEventBus, type IRule, type Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV, REGISTERED_SCOPES } from '../contract.ts';
import type { BedrockAccess } from './bedrock-access.ts';
import { allowServices } from './encryption.ts';
import { HubBus } from './hub/hub-bus.ts';
import { JobEvents } from './job-events.ts';
import { inNetwork } from './network.ts';
import { trackerMetric, type TrackerMetricOptions } from './operations/metrics.ts';
import { Notifications } from './notifications.ts';
import { addOperations } from './operations/index.ts';
import { pascalCase } from './operations/watched.ts';
import { addParameters } from './parameters.ts';
import { targetProblems } from './props/places.ts';
import type { BedrockJobTrackerProps } from './props/props.ts';
import { PublishTransitions, transitionRule, type TransitionTargetProps } from './transitions.ts';
import { grantReading, type RecordKind } from './read-access.ts';
import { ReconcileJobs } from './reconcile-jobs.ts';
import { InvalidPropsError, JOB_ENDS, problemsOf, type Settings, withDefaults } from './props/validate-props.ts';
import { RecordTable, type RecordTables, SweepsTable } from './tables.ts';
import { TRACK_JOB_TIMEOUT, TrackJob } from './track-job.ts';
import { DeployedTracker, type DeployedTrackerProps, type IBedrockJobTracker } from './tracker.ts';
import { sweepMinutes } from './props/sweep-periods.ts';
import { scopeNames, spokeOwners, trackedScopes } from './props/tracked-scopes.ts';

/**
 * Keeps every Amazon Bedrock model customization job of the tracked scopes (by default the stack's account and Region)
 * as a record in DynamoDB: seconds after Bedrock's event, and after the next sweep when the event was lost. Publishes
 * each transition as an event.
 *
 * What it costs is in docs/cost.md.
 *
 * @throws InvalidPropsError at synthesis, listing everything that is wrong with the props
 */
export class BedrockJobTracker extends Construct implements IBedrockJobTracker {
  /**
   * Finds a tracker that another stack or repository deployed in the same account and Region, by its SSM parameters.
   * CloudFormation reads them with each deployment, so the tracker has to be deployed first.
   *
   * @throws InvalidPropsError where the prefix is not the path of a parameter
   */
  static fromParameterPrefix(scope: Construct, id: string, props: DeployedTrackerProps = {}): IBedrockJobTracker {
    return new DeployedTracker(scope, id, props);
  }

  /** The job records; described for readers in docs/table.md. */
  readonly jobsTable: ITable;
  /** The model records; not where the prop `models` is false. */
  readonly modelsTable?: ITable;
  /** The state of sweeps; nothing but the tracker reads it. */
  readonly sweepsTable: ITable;
  /** Where transitions are published; described for subscribers in docs/events.md. */
  readonly transitionsBus: IEventBus;
  /** Where spokes forward events to; only where other accounts or Regions may have spokes. */
  readonly hubBus?: IEventBus;
  /** The parameter `HubId` of spokes; only where there is a `hubBus`. */
  readonly hubId?: string;
  /** Events about jobs on their way to track-job. */
  readonly jobEventsQueue: IQueue;
  /** Events that track-job gave up on. Redrive them once the reason is gone. */
  readonly jobEventsDeadLetterQueue: IQueue;
  /** Events that EventBridge could not put into the queue. */
  readonly undeliveredEventsQueue: IQueue;
  /** A message for each scope that is about to be swept; only where there is a `hubBus`. */
  readonly sweepsQueue?: IQueue;
  /** Sweeps that could not be started. */
  readonly undeliveredSweepsQueue: IQueue;
  /** Where in the table's stream publish-transitions gave up. */
  readonly undeliveredTransitionsQueue: IQueue;
  /** Notifications that failed. Only where the prop `notifications` is given. */
  readonly undeliveredNotificationsQueue?: IQueue;
  /** Turns events into records. */
  readonly trackJobFunction: IFunction;
  /** Sweeps. */
  readonly reconcileJobsFunction: IFunction;
  /** Turns writes of the table into events. */
  readonly publishTransitionsFunction: IFunction;
  /** Writes the notifications. Only where the prop `notifications` is given. */
  readonly notifyTransitionFunction?: IFunction;
  /** The functions' security groups; empty outside of a VPC. */
  readonly securityGroups: ISecurityGroup[];
  /** The functions' log groups. */
  readonly logGroups: ILogGroup[];
  /** Gets the notifications: subscribe anything that SNS delivers to. Only where the prop `notifications` is given. */
  readonly notificationsTopic?: ITopic;
  /** The rules that bring events in, and those for notifications. */
  readonly rules: IRule[];
  /** Name of the group of the schedule that starts sweeps. */
  readonly scheduleGroupName: string;
  /** The alarms, in the order of docs/runbook.md; empty where the prop `alarms` is false. */
  readonly alarms: IAlarm[];
  /** Not where the prop `dashboard` is false. */
  readonly dashboard?: Dashboard;
  private readonly serviceName: string;
  private readonly tables: RecordTables;

  constructor(scope: Construct, id: string, props: BedrockJobTrackerProps = {}) {
    super(scope, id);
    const home = { account: Stack.of(this).account, region: Stack.of(this).region };
    const problems = [...problemsOf(props, home), ...this.twinProblems(withDefaults(props))];
    if (problems.length > 0) throw new InvalidPropsError(problems);
    const settings = inNetwork(this, withDefaults(props));
    this.serviceName = settings.serviceName;
    const scopes = trackedScopes(settings.scopes, home);
    const owners = spokeOwners(settings, home);
    const hub = owners && new HubBus(this, 'Hub', owners);
    if (hub !== undefined) [this.hubBus, this.hubId] = [hub.bus as IEventBus, hub.hubId];
    const { spokeExternalId: externalId } = settings;
    const access: BedrockAccess = {
      scopes,
      ...(hub && { spokes: { ...owners, externalId, hubId: hub.hubId } }),
    };
    const knownScopes = hub ? [REGISTERED_SCOPES] : scopeNames(scopes);
    if (settings.encryptionKey !== undefined) allowServices(this, settings.encryptionKey);
    this.securityGroups = settings.securityGroups ?? [];

    const tables = this.makeTables(settings, knownScopes);
    this.tables = tables;
    this.jobsTable = tables.jobsTable.table;
    if (tables.modelsTable !== undefined) this.modelsTable = tables.modelsTable.table;
    const sweepsTable = new SweepsTable(this, 'SweepsTable', {
      ...settings,
      // In a hub alone: other trackers have readers of the records only, and a name would replace their table.
      tableName: hub && settings.tableName,
      variables: {
        [ENV.sweepMinutes]: sweepMinutes(settings, hub !== undefined),
        [ENV.releaseAfterHours]: settings.releaseAfter.toHours().toString(),
      },
    });
    this.sweepsTable = sweepsTable as ITable;

    const jobEvents = new JobEvents(this, 'JobEvents', {
      settings,
      buses: { default: scopes.some(({ isHome }) => isHome), hub: hub?.bus },
      consumerTimeout: TRACK_JOB_TIMEOUT,
    });
    this.jobEventsQueue = jobEvents.queue;
    this.jobEventsDeadLetterQueue = jobEvents.deadLetterQueue;
    this.undeliveredEventsQueue = jobEvents.undeliveredQueue;

    const trackJob = new TrackJob(this, 'TrackJob', {
      settings,
      access,
      ...tables,
      sweepsTable,
      jobEvents: jobEvents.queue,
    });
    this.trackJobFunction = trackJob.function;
    this.transitionsBus = settings.transitionsBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    const bus = this.transitionsBus;
    const publish = new PublishTransitions(this, 'PublishTransitions', { settings, ...tables, bus });
    this.publishTransitionsFunction = publish.function;
    this.undeliveredTransitionsQueue = publish.failedQueue;

    const eventSourceMappings = { jobEvents: trackJob.mappingId, ...publish.mappings };
    const reconcileJobs = new ReconcileJobs(this, 'ReconcileJobs', {
      settings,
      access,
      ...tables,
      sweepsTable,
      eventSourceMappings,
    });
    this.reconcileJobsFunction = reconcileJobs.function;
    if (reconcileJobs.queue !== undefined) this.sweepsQueue = reconcileJobs.queue;
    this.undeliveredSweepsQueue = reconcileJobs.undeliveredQueue;
    this.scheduleGroupName = reconcileJobs.scheduleGroupName;

    const notifications = this.addNotifications(settings, bus);
    if (notifications !== undefined) {
      this.notificationsTopic = notifications.topic;
      this.notifyTransitionFunction = notifications.function;
      this.undeliveredNotificationsQueue = notifications.undeliveredQueue;
    }
    const makers = [trackJob, reconcileJobs, publish, ...(notifications ? [notifications] : [])];
    this.logGroups = makers.map((maker) => maker.function.logGroup);
    const rules = { ...jobEvents.rules, ...notifications?.rules };
    this.rules = Object.values(rules).map(({ rule }) => rule);

    const { alarms, dashboard } = addOperations(this, settings, rules);
    this.alarms = alarms;
    if (dashboard !== undefined) this.dashboard = dashboard;
    addParameters(this, { settings, knownScopes, eventSourceMappings });
  }

  /** The roles that read Bedrock, and that other accounts' spokes let in. */
  get readerRoleArns(): string[] {
    return [this.trackJobFunction, this.reconcileJobsFunction].flatMap(({ role }) => role?.roleArn ?? []);
  }

  /** Lets a function, role, account or organization read the records: {@link IBedrockJobTracker.grantReadJobs}. */
  grantReadJobs(grantee: IGrantable): Grant {
    return grantReading(grantee, this.tables.jobsTable, this.hubBus && this.sweepsTable);
  }

  /** Lets a function, role, account or organization read the models: {@link IBedrockJobTracker.grantReadModels}. */
  grantReadModels(grantee: IGrantable): Grant {
    const { modelsTable } = this.tables;
    if (modelsTable === undefined) throw new InvalidPropsError(['grantReadModels needs models, which is false']);
    return grantReading(grantee, modelsTable, this.hubBus && this.sweepsTable);
  }

  /** Adds a rule for transitions to a scope, also of another stack: {@link IBedrockJobTracker.addTransitionTarget}. */
  addTransitionTarget(scope: Construct, id: string, props: TransitionTargetProps): Rule {
    const problems = targetProblems(this.transitionsBus.env, Stack.of(this), Stack.of(scope));
    if (problems.length > 0) throw new InvalidPropsError(problems);
    return transitionRule(scope, id, { ...props, bus: this.transitionsBus });
  }

  /** One of the metrics of docs/metrics.md: {@link IBedrockJobTracker.metric}. */
  metric(name: string, options: TrackerMetricOptions = {}): Metric {
    return trackerMetric(this.serviceName, name, options);
  }

  /** CloudFormation would refuse the second one's parameters after it has made a protected table. */
  private twinProblems({ serviceName, parameterPrefix }: Settings): string[] {
    return Stack.of(this)
      .node.findAll()
      .filter((other) => other instanceof BedrockJobTracker && other.serviceName === serviceName)
      .map(
        ({ node }) => `parameterPrefix is "${parameterPrefix}", which ${node.path} has too: give each tracker its own`,
      );
  }

  private makeTables(settings: Settings, scopeNames: readonly string[]): RecordTables {
    const make = (kind: RecordKind) =>
      new RecordTable(this, `${pascalCase(kind)}Table`, {
        ...settings,
        kind,
        adopted: settings[`${kind}Table`],
        scopeNames,
      });
    return { jobsTable: make('jobs'), modelsTable: settings.models ? make('models') : undefined };
  }

  private addNotifications(settings: Settings, bus: IEventBus): Notifications | undefined {
    if (settings.notifications === undefined) return undefined;
    const { statuses = [...JOB_ENDS], emails = [], idleModels = false } = settings.notifications;
    return new Notifications(this, 'Notifications', { settings, bus, statuses, emails, idleModels });
  }
}
