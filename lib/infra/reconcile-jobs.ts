import { Duration, Stack, Tokenization } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type IRole, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { type Queue, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV, type EventSource, INDEX, MODEL_INDEX, type ReconcileRequest, type TrackerSettings } from '../contract.ts';
import { acknowledge } from './acknowledge.ts';
import { grantReadings, LIST, READ, type BedrockAccess } from './bedrock-access.ts';
import { grantKey } from './encryption.ts';
import { schedulerRole } from './eventbridge.ts';
import { sweepPeriods } from './operations/alarm-rules.ts';
import { scopeNames } from './props/tracked-scopes.ts';
import type { Settings } from './props/validate-props.ts';
import { deadLetterQueue, readQueue, secureQueue, undeliveredQueue } from './queues.ts';
import type { RecordTables, SweepsTable } from './tables.ts';
import { trackerFunction } from './tracker-function.ts';

export interface ReconcileJobsProps extends RecordTables {
  readonly settings: Settings;
  readonly access: BedrockAccess;
  readonly sweepsTable: SweepsTable;
  /** UUIDs of the event source mappings whose state it looks at. */
  readonly eventSourceMappings: TrackerSettings['eventSourceMappings'];
}

/** Lambda's longest: a full sweep saves its watermark before the end, and the next one goes on from there. */
const TIMEOUT = Duration.minutes(15);

/** The function that compares Bedrock's list with the records, and the schedule that starts it. */
export class ReconcileJobs extends Construct {
  readonly function: Function;
  /** In a hub a message for each scope to sweep. */
  readonly queue: Queue | undefined;
  /** Sweeps that could not be started. */
  readonly undeliveredQueue: Queue;
  /** Of the group that the schedule has for itself, so that its metrics tell of it alone. */
  readonly scheduleGroupName: string;

  constructor(scope: Construct, id: string, props: ReconcileJobsProps) {
    super(scope, id);
    this.function = trackerFunction(this, {
      ...props.settings,
      name: 'reconcile-jobs',
      description: `Finds the jobs${props.modelsTable ? ' and models' : ''} whose records differ from Bedrock, and brings them up to date`,
      timeout: TIMEOUT,
    });
    this.configureFunction(props);
    this.undeliveredQueue = this.queueOfUndelivered(props);
    this.queue = props.access.spokes && this.addQueue(props.settings);
    // Made anew where the group is: a schedule cannot change its group, and its role admits only one (ADR 0041).
    const sweeps = new Construct(this, 'Sweeps');
    // CloudFormation names it: the CDK's own name would be the same in every stack of one template.
    const group = new CfnScheduleGroup(sweeps, 'Group');
    this.scheduleGroupName = group.ref;
    this.addSchedule(sweeps, this.schedulerRole(sweeps, group.attrArn, props.settings.encryptionKey), props.settings);
  }

  private configureFunction(props: ReconcileJobsProps): void {
    const { settings, access, jobsTable, modelsTable, sweepsTable } = props;
    const { tagRefreshWindow, idleAfter } = settings;
    const { usage } = sweepPeriods(settings);
    const lists = [...LIST.jobs, ...(modelsTable ? [...LIST.models, ...LIST.serving] : []), ...(usage ? LIST.use : [])];
    if (access.scopes.length > 0) this.function.addEnvironment(ENV.scopes, scopeNames(access.scopes).join(','));
    if (tagRefreshWindow) this.function.addEnvironment(ENV.tagRefreshDays, tagRefreshWindow.toDays().toString());
    grantReadings(this.function, access, { ...READ.job, ...(modelsTable && READ.model), '*': lists });
    jobsTable.grantTracking(this.function);
    jobsTable.grantQueries(this.function, INDEX.active, INDEX.byScope);
    modelsTable?.grantTracking(this.function);
    modelsTable?.grantQueries(this.function, MODEL_INDEX.serving, MODEL_INDEX.byScope);
    if (usage) this.function.addEnvironment(ENV.idleAfterDays, Tokenization.stringifyNumber(idleAfter.toDays()));
    sweepsTable.grantSweeping(this.function);
    this.watchSources(props.eventSourceMappings);
    this.function.configureAsyncInvoke({
      // The next sweep is the retry: it does all that this one did not. Lambda's own retries would run beside it.
      retryAttempts: 0,
      // A sweep that Lambda could not start for an hour (throttled by the account's concurrency) has had successors.
      maxEventAge: Duration.hours(1),
    });
    acknowledge(this.function, {
      id: 'Serverless-LambdaAsyncFailureDestination',
      reason: 'A failed sweep holds nothing to keep: the next one repeats it, and an alarm tells of it.',
    });
  }

  /** What EventBridge Scheduler gives up on, and in a hub what the function failed on too. */
  private queueOfUndelivered({ settings, access }: ReconcileJobsProps): Queue {
    const id = 'UndeliveredQueue';
    return access.spokes === undefined
      ? undeliveredQueue(this, id, settings)
      : deadLetterQueue(this, id, settings, { redrivePermission: RedrivePermission.ALLOW_ALL });
  }

  private addQueue(settings: Settings): Queue {
    const queue = secureQueue(this, 'Queue', settings, {
      // The next sweeps of these scopes are in the queue by then.
      retentionPeriod: Duration.hours(1),
      // Lambda takes no less than the function's timeout. A sweep that dies is repeated by the schedule, as it is claimed.
      visibilityTimeout: TIMEOUT,
      deadLetterQueue: { queue: this.undeliveredQueue, maxReceiveCount: 3 },
    });
    readQueue(this.function, queue, { batchSize: 1, maxConcurrency: settings.sweepConcurrency });
    this.function.addEnvironment(ENV.sweepsQueue, queue.queueUrl);
    this.function.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
    if (settings.encryptionKey !== undefined) grantKey(settings.encryptionKey, this.function, 'send', ['sqs']);
    return queue;
  }

  private watchSources({ jobEvents, ...streams }: ReconcileJobsProps['eventSourceMappings']): void {
    const sources = { 'job-events': [jobEvents], transitions: Object.values(streams) } satisfies Record<
      EventSource,
      string[]
    >;
    const named = Object.entries(sources).map(([source, ids]) => `${source}=${ids.join('+')}`);
    this.function.addEnvironment(ENV.eventSources, named.join(','));
    const { partition, region, account } = Stack.of(this);
    this.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:GetEventSourceMapping'],
        resources: Object.values(sources)
          .flat()
          .map((id) => `arn:${partition}:lambda:${region}:${account}:event-source-mapping:${id}`),
      }),
    );
  }

  /** Named here, as LambdaInvoke's own role may invoke every version and alias of the function. */
  private schedulerRole(scope: Construct, scheduleGroupArn: string, encryptionKey: IKey | undefined): Role {
    const role = schedulerRole(scope, scheduleGroupArn, {
      StartSweeps: [
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] }),
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.undeliveredQueue.queueArn] }),
      ],
    });
    if (encryptionKey !== undefined) grantKey(encryptionKey, role, 'send', ['sqs']);
    return role;
  }

  private addSchedule(scope: Construct, role: IRole, { activeSweepEvery, schedulesEnabled }: Settings): void {
    // Written out: constructs of schedules came with aws-cdk-lib 2.185.
    new CfnSchedule(new Construct(scope, 'Active'), 'Resource', {
      description: 'Starts the sweeps that are due',
      state: schedulesEnabled ? 'ENABLED' : 'DISABLED',
      // A rate without a start date starts at once, so the backfill does not wait for a clock, and trackers of many
      // accounts do not all sweep at midnight.
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
      scheduleExpression: Schedule.rate(activeSweepEvery).expressionString,
      scheduleExpressionTimezone: 'Etc/UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      groupName: this.scheduleGroupName,
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ sweep: 'due' } satisfies ReconcileRequest),
        deadLetterConfig: { arn: this.undeliveredQueue.queueArn },
        retryPolicy: {
          maximumRetryAttempts: 185,
          // Until the next one is due; Scheduler's longest is a day.
          maximumEventAgeInSeconds: Math.min(activeSweepEvery.toSeconds(), Duration.days(1).toSeconds()),
        },
      },
    });
  }
}
