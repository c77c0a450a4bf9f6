import { Duration } from 'aws-cdk-lib';
import { type EventPattern, type IEventBus, type IRuleTarget, Match, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { StartingPosition, type Function } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV, MODEL_TRANSITION_DETAIL_TYPE, TRANSITION_DETAIL_TYPE, TRANSITION_EVENT_SOURCE } from '../contract.ts';
import { grantKey } from './encryption.ts';
import { putEvents } from './eventbridge.ts';
import { InvalidPropsError, type Settings, statusProblems } from './props/validate-props.ts';
import { undeliveredQueue } from './queues.ts';
import type { RecordTable, RecordTables } from './tables.ts';
import { trackerFunction } from './tracker-function.ts';

export interface PublishTransitionsProps extends RecordTables {
  readonly settings: Settings;
  /** Where transitions are published. */
  readonly bus: IEventBus;
}

/**
 * The function that reads the streams of the tables of records and puts one event on the bus for each transition.
 *
 * Custom events cost $1 a million in us-east-1, and a job has about six transitions.
 */
export class PublishTransitions extends Construct {
  readonly function: Function;
  /**
   * What Lambda gave up on: not the writes themselves, but where they lie in the stream, which keeps them for 24 hours.
   */
  readonly failedQueue: Queue;
  /** Ids of the event source mappings by which Lambda reads the streams. */
  readonly mappings: { readonly transitions: string; readonly modelTransitions?: string };

  constructor(scope: Construct, id: string, props: PublishTransitionsProps) {
    super(scope, id);
    this.function = trackerFunction(this, {
      ...props.settings,
      name: 'publish-transitions',
      description: `Publishes an event for each transition that a write of the jobs${props.modelsTable ? ' or models' : ''} table added`,
      timeout: Duration.minutes(1),
    });
    this.function.addEnvironment(ENV.transitionsBus, props.bus.eventBusArn);
    if (props.settings.redactFailureMessages) this.function.addEnvironment(ENV.redactFailureMessages, 'true');
    this.failedQueue = undeliveredQueue(
      this,
      'FailedQueue',
      props.settings,
      'writes whose transitions went unpublished',
    );
    this.grant(props);
    this.mappings = {
      transitions: this.followStream('Stream', props.jobsTable),
      ...(props.modelsTable && { modelTransitions: this.followStream('ModelStream', props.modelsTable) }),
    };
  }

  private grant({ settings, jobsTable, modelsTable, bus }: PublishTransitionsProps): void {
    const statements = [
      // What Lambda asks a stream's reader for. IAM's reference knows no resource type for ListStreams, but the event
      // source mapping names the stream and lists none, so that no permission for every stream is given.
      // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
      new PolicyStatement({
        actions: [
          'dynamodb:DescribeStream',
          'dynamodb:GetRecords',
          'dynamodb:GetShardIterator',
          'dynamodb:ListStreams',
        ],
        resources: [jobsTable.tableStreamArn, ...(modelsTable ? [modelsTable.tableStreamArn] : [])],
      }),
      putEvents(bus.eventBusArn, TRANSITION_EVENT_SOURCE, [
        TRANSITION_DETAIL_TYPE,
        ...(modelsTable ? [MODEL_TRANSITION_DETAIL_TYPE] : []),
      ]),
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.failedQueue.queueArn] }),
    ];
    for (const statement of statements) this.function.addToRolePolicy(statement);
    const { encryptionKey } = settings;
    if (encryptionKey === undefined) return;
    grantKey(encryptionKey, this.function, 'read', ['dynamodb']);
    grantKey(encryptionKey, this.function, 'send', ['sqs']);
  }

  /** Not by DynamoEventSource and SqsDlq: they may list every stream of the account, and read the queue's attributes. */
  private followStream(id: string, { tableStreamArn }: RecordTable): string {
    return this.function.addEventSourceMapping(id, {
      eventSourceArn: tableStreamArn,
      // From the beginning: the backfill of a new tracker may be faster than the mapping is made.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // One: a job's writes come in their order, and a burst is a few hundred writes, which is seconds.
      parallelizationFactor: 1,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // Each attempt publishes again what follows the failed write in its batch, so there are few. With the client's own
      // retries they outlast minutes of throttling.
      retryAttempts: 10,
      // Half of what the stream keeps, so that there are 12 hours left to look at what was given up on.
      maxRecordAge: Duration.hours(12),
      onFailure: { bind: () => ({ destination: this.failedQueue.queueArn }) },
    }).eventSourceMappingId;
  }
}

/** A target for transitions, and which of them it gets. */
export interface TransitionTargetProps {
  /** Where the events go. Give it a dead-letter queue: EventBridge gives up after 24 hours. */
  readonly target: IRuleTarget;
  /**
   * Transitions to these statuses, such as `['Completed', 'Failed']`. Unknown statuses are accepted.
   * @default - every status
   */
  readonly statuses?: string[];
  /**
   * Includes transitions of sub-tasks (validation, data processing, training).
   * @default false
   */
  readonly subTasks?: boolean;
  /**
   * Transitions of models, deployments and provisioned throughputs, and between Used and Idle, in place of those of jobs.
   * @default false
   */
  readonly models?: boolean;
  /**
   * Includes what the first sweep of an account and Region finds: years of jobs at once.
   * @default false
   */
  readonly backfill?: boolean;
}

/** Selects transitions. */
export type TransitionFilter = Omit<TransitionTargetProps, 'target'>;

const transitionPattern = ({
  statuses,
  subTasks = false,
  models = false,
  backfill = false,
}: TransitionFilter): EventPattern => {
  const detail: Record<string, unknown> = {
    ...(statuses !== undefined && { to: [...new Set(statuses)] }),
    // The job's own transitions carry no task; of a model the change between Used and Idle does.
    ...(!subTasks && !models && { task: Match.doesNotExist() }),
    ...(!backfill && { via: Match.anythingBut('backfill') }),
  };
  return {
    source: [TRANSITION_EVENT_SOURCE],
    detailType: [models ? MODEL_TRANSITION_DETAIL_TYPE : TRANSITION_DETAIL_TYPE],
    ...(Object.keys(detail).length > 0 && { detail }),
  };
};

/** A rule on the bus of transitions that hands those of a filter to a target. */
export const transitionRule = (
  scope: Construct,
  id: string,
  props: TransitionTargetProps & { readonly bus: IEventBus; readonly description?: string },
): Rule => {
  const problems = statusProblems('statuses', props.statuses, 'every status');
  if (problems.length > 0) throw new InvalidPropsError(problems);
  return new Rule(scope, id, {
    description: props.description ?? 'Transitions of model customization jobs',
    eventBus: props.bus,
    eventPattern: transitionPattern(props),
    targets: [props.target],
  });
};
