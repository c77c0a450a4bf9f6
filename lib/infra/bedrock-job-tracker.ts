import { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { PARAMETER, PARAMETER_PREFIX } from '../contract.ts';
import { type BedrockAccess } from './bedrock-access.ts';
import { allowServices } from './encryption.ts';
import { JobEvents } from './job-events.ts';
import { HubBus } from './hub-bus.ts';
import type { BedrockJobTrackerProps } from './props.ts';
import { ReconcileJobs } from './reconcile-jobs.ts';
import { withDefaults } from './settings.ts';
import { JobsTable, SweepsTable } from './tables.ts';
import { TRACK_JOB_TIMEOUT, TrackJob } from './track-job.ts';
import { trackedScopes } from './tracked-scopes.ts';
import { InvalidPropsError, problemsOf } from './validate-props.ts';

/**
 * Keeps every Amazon Bedrock model customization job of the stack's account and Region as a record in DynamoDB:
 * seconds after Bedrock's event, and after the next sweep when the event was lost.
 *
 * Idle it costs well under a dollar a month: about 9,000 short invocations and index queries, and the polls of an
 * empty queue. Nothing is billed by the hour.
 *
 * @throws InvalidPropsError at synthesis, listing everything that is wrong with the props
 */
export class BedrockJobTracker extends Construct {
  /** The job records; described for readers in docs/table.md. */
  readonly jobsTable: JobsTable;
  /** The state of sweeps; nothing but the tracker reads it. */
  readonly sweepsTable: SweepsTable;
  /** Events about jobs on their way to track-job. */
  readonly jobEventsQueue: Queue;
  /** Events that track-job gave up on. Redrive them once the reason is gone. */
  readonly jobEventsDeadLetterQueue: Queue;
  /** Events that EventBridge could not put into the queue. */
  readonly undeliveredEventsQueue: Queue;
  /** Sweeps that EventBridge Scheduler could not start. */
  readonly undeliveredSweepsQueue: Queue;
  readonly trackJobFunction: Function;
  readonly reconcileJobsFunction: Function;

  /** Where spokes forward events to; absent where only the stack's own account and Region is tracked. */
  readonly hubBus?: EventBus;

  constructor(scope: Construct, id: string, props: BedrockJobTrackerProps = {}) {
    super(scope, id);
    const home = { account: Stack.of(this).account, region: Stack.of(this).region };
    const problems = problemsOf(props, home);
    if (problems.length > 0) throw new InvalidPropsError(problems);
    const settings = withDefaults(props);
    const access: BedrockAccess = { ...settings, scopes: trackedScopes(settings.scopes, home) };
    if (settings.encryptionKey !== undefined) allowServices(this, settings.encryptionKey);

    this.jobsTable = new JobsTable(this, 'JobsTable', settings);
    this.sweepsTable = new SweepsTable(this, 'SweepsTable', settings);
    const { jobsTable, sweepsTable } = this;

    if (access.scopes.some(({ isHome }) => !isHome))
      this.hubBus = new HubBus(this, 'Hub', { ...settings, ...access }).bus;
    const jobEvents = new JobEvents(this, 'JobEvents', {
      settings,
      buses: { default: access.scopes.some(({ isHome }) => isHome), hub: this.hubBus },
      consumerTimeout: TRACK_JOB_TIMEOUT,
    });
    this.jobEventsQueue = jobEvents.queue;
    this.jobEventsDeadLetterQueue = jobEvents.deadLetterQueue;
    this.undeliveredEventsQueue = jobEvents.undeliveredQueue;

    const trackJob = new TrackJob(this, 'TrackJob', {
      settings,
      access,
      jobsTable,
      jobEvents: this.jobEventsQueue,
      maxConcurrency: settings.maxConcurrency,
    });
    this.trackJobFunction = trackJob.function;

    const reconcileJobs = new ReconcileJobs(this, 'ReconcileJobs', {
      ...settings,
      settings,
      access,
      jobsTable,
      sweepsTable,
    });
    this.reconcileJobsFunction = reconcileJobs.function;
    this.undeliveredSweepsQueue = reconcileJobs.undeliveredQueue;

    this.publishTable(settings.parameterPrefix);
  }

  /** The roles that read Bedrock, and that other accounts' spokes let in. */
  get readerRoleArns(): string[] {
    return [this.trackJobFunction, this.reconcileJobsFunction].flatMap(({ role }) => role?.roleArn ?? []);
  }

  /**
   * Lets a function or role read the records: get them by key and query every index. A function also gets the
   * variable that names the table.
   */
  grantReadJobs(grantee: IGrantable): Grant {
    return this.jobsTable.grantReading(grantee);
  }

  /** By parameters other stacks find the table without a CloudFormation export, which would pin it. */
  private publishTable(prefix: string): void {
    new StringParameter(this, 'JobsTableNameParameter', {
      parameterName: underPrefix(PARAMETER.jobsTableName, prefix),
      description: 'Name of the table of Amazon Bedrock model customization jobs',
      stringValue: this.jobsTable.tableName,
    });
    new StringParameter(this, 'JobsTableArnParameter', {
      parameterName: underPrefix(PARAMETER.jobsTableArn, prefix),
      description: 'ARN of the table of Amazon Bedrock model customization jobs',
      stringValue: this.jobsTable.tableArn,
    });
  }
}

const underPrefix = (name: string, prefix: string): string => prefix + name.slice(PARAMETER_PREFIX.length);
