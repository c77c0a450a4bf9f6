import { Duration, Stack, Tokenization } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type IRole, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  ENV,
  type EventSource,
  INDEX,
  MODEL_INDEX,
  type ReconcileRequest,
  type SweepKind,
  type TrackerSettings,
} from '../contract.ts';
import { acknowledge } from './acknowledge.ts';
import { grantReadings, LIST, READ, type BedrockAccess } from './bedrock-access.ts';
import { grantKey } from './encryption.ts';
import { schedulerRole } from './eventbridge.ts';
import { sweepPeriods, type SweepPeriods } from './operations/alarm-rules.ts';
import { pascalCase } from './operations/watched.ts';
import { undeliveredQueue } from './queues.ts';
import type { RecordTables, SweepsTable } from './tables.ts';
import { trackerFunction, type TrackerFunctionSettings } from './tracker-function.ts';

export interface ReconcileJobsProps extends RecordTables, SweepPeriods {
  readonly settings: TrackerFunctionSettings;
  readonly access: BedrockAccess;
  readonly sweepsTable: SweepsTable;
  readonly idleAfter: Duration;
  readonly schedulesEnabled: boolean;
  readonly tagRefreshWindow: Duration;
  /** UUIDs of the event source mappings whose state active sweeps look at. */
  readonly eventSourceMappings: TrackerSettings['eventSourceMappings'];
}

interface SweepSchedule {
  readonly sweep: SweepKind;
  readonly every: Duration;
  readonly enabled: boolean;
  readonly role: IRole;
}

/** The function that compares Bedrock's list with the records, and the schedules that start it. */
export class ReconcileJobs extends Construct {
  readonly function: Function;
  /** Sweeps that EventBridge Scheduler could not start. */
  readonly undeliveredQueue: Queue;
  /** Of the group that the schedules have for themselves, so that its metrics tell of them alone. */
  readonly scheduleGroupName: string;

  constructor(scope: Construct, id: string, props: ReconcileJobsProps) {
    super(scope, id);
    this.function = trackerFunction(this, {
      ...props.settings,
      name: 'reconcile-jobs',
      description: `Finds the jobs${props.modelsTable ? ' and models' : ''} whose records differ from Bedrock, and brings them up to date`,
      // Lambda's longest: a full sweep saves its watermark before the end, and the next one goes on from there.
      timeout: Duration.minutes(15),
    });
    this.configureFunction(props);
    this.undeliveredQueue = undeliveredQueue(this, 'UndeliveredQueue', props.settings);
    // Made anew where the group is: a schedule cannot change its group, and its role admits only one (ADR 0041).
    const sweeps = new Construct(this, 'Sweeps');
    // CloudFormation names it: the CDK's own name would be the same in every stack of one template.
    const group = new CfnScheduleGroup(sweeps, 'Group');
    this.scheduleGroupName = group.ref;
    const { encryptionKey } = props.settings;
    const target = {
      enabled: props.schedulesEnabled,
      role: this.schedulerRole(sweeps, group.attrArn, encryptionKey),
    };
    for (const [sweep, every] of Object.entries(sweepPeriods(props))) {
      if (every) this.addSchedule(sweeps, pascalCase(sweep), { sweep: sweep as SweepKind, every, ...target });
    }
  }

  private configureFunction(props: ReconcileJobsProps): void {
    const { access, jobsTable, modelsTable, sweepsTable, tagRefreshWindow, idleAfter } = props;
    const { usage } = sweepPeriods(props);
    const lists = [...LIST.jobs, ...(modelsTable ? [...LIST.models, ...LIST.serving] : []), ...(usage ? LIST.use : [])];
    this.function.addEnvironment(ENV.tagRefreshDays, tagRefreshWindow.toDays().toString());
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

  private addSchedule(scope: Construct, id: string, { sweep, every, enabled, role }: SweepSchedule): void {
    // Written out: constructs of schedules came with aws-cdk-lib 2.185.
    new CfnSchedule(new Construct(scope, id), 'Resource', {
      description: `Starts the ${sweep} sweep`,
      state: enabled ? 'ENABLED' : 'DISABLED',
      // A rate without a start date starts at once, so the backfill does not wait for a clock, and trackers of many
      // accounts do not all sweep at midnight.
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
      scheduleExpression: Schedule.rate(every).expressionString,
      scheduleExpressionTimezone: 'Etc/UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      groupName: this.scheduleGroupName,
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ sweep } satisfies ReconcileRequest),
        deadLetterConfig: { arn: this.undeliveredQueue.queueArn },
        retryPolicy: {
          maximumRetryAttempts: 185,
          // Until the next one is due; Scheduler's longest is a day.
          maximumEventAgeInSeconds: Math.min(every.toSeconds(), Duration.days(1).toSeconds()),
        },
      },
    });
  }
}
