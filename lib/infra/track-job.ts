import { Duration, Names } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { MODEL_INDEX } from '../contract.ts';
import { grantReadings, LIST, READ, type BedrockAccess } from './bedrock-access.ts';
import { grantKey } from './encryption.ts';
import type { RecordTables } from './tables.ts';
import { trackerFunction, type TrackerFunctionSettings } from './tracker-function.ts';

/** A batch of ten jobs takes two Bedrock calls each, side by side: seconds, minutes only under heavy throttling. */
export const TRACK_JOB_TIMEOUT = Duration.minutes(1);

export interface TrackJobProps extends RecordTables {
  readonly settings: TrackerFunctionSettings;
  readonly access: BedrockAccess;
  readonly jobEvents: IQueue;
  readonly maxConcurrency: number;
}

/** The function that turns events into records: each message leads to a look at a job or a model, and one write. */
export class TrackJob extends Construct {
  readonly function: Function;
  /** Id of the event source mapping by which Lambda reads the queue. */
  readonly mappingId: string;

  constructor(scope: Construct, id: string, props: TrackJobProps) {
    super(scope, id);
    this.function = trackerFunction(this, {
      ...props.settings,
      name: 'track-job',
      description: `Brings the record of each job${props.modelsTable ? ' or model' : ''} that an event named up to date`,
      timeout: TRACK_JOB_TIMEOUT,
    });
    const { access, jobsTable, modelsTable } = props;
    const ofModels = modelsTable && { ...READ.model, ...READ.serving, '*': LIST.serving };
    grantReadings(this.function, access, { ...READ.job, ...ofModels });
    jobsTable.grantTracking(this.function);
    modelsTable?.grantTracking(this.function);
    modelsTable?.grantQueries(this.function, MODEL_INDEX.byModelName);
    this.mappingId = this.followQueue(props);
    acknowledge(this.function, {
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'Lambda takes no failure destination for SQS: the queue has a dead-letter queue.',
    });
  }

  /** Not by SqsEventSource, which lets the function use the queue's key without naming SQS. */
  private followQueue({ jobEvents, maxConcurrency }: TrackJobProps): string {
    this.function.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'sqs:ReceiveMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueUrl',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
        ],
        resources: [jobEvents.queueArn],
      }),
    );
    if (jobEvents.encryptionMasterKey !== undefined) {
      grantKey(jobEvents.encryptionMasterKey, this.function, 'receive', ['sqs']);
    }
    // The id that SqsEventSource gives: under another one an update would make a second mapping beside the first.
    const mapping = this.function.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(jobEvents.node)}`, {
      eventSourceArn: jobEvents.queueArn,
      batchSize: 10,
      // One message that fails goes back to the queue alone.
      reportBatchItemFailures: true,
      // Bounds the calls to Bedrock, which throttles by account and Region.
      maxConcurrency,
    });
    return mapping.eventSourceMappingId;
  }
}
