import { Duration, Validations } from 'aws-cdk-lib';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { grantGetJobs, type BedrockAccess } from './bedrock-access.ts';
import type { JobsTable } from './tables.ts';
import { trackerFunction, type TrackerFunctionSettings } from './tracker-function.ts';

/** A batch of ten jobs takes two Bedrock calls each, side by side: seconds, minutes only under heavy throttling. */
export const TRACK_JOB_TIMEOUT = Duration.minutes(1);

export interface TrackJobProps {
  readonly settings: TrackerFunctionSettings;
  readonly access: BedrockAccess;
  readonly jobsTable: JobsTable;
  readonly jobEvents: IQueue;
  readonly maxConcurrency: number;
}

/** The function that turns events into records: each message leads to GetModelCustomizationJob and one write. */
export class TrackJob extends Construct {
  readonly function: Function;
  /** Id of the event source mapping by which Lambda reads the queue. */
  readonly mappingId: string;

  constructor(scope: Construct, id: string, props: TrackJobProps) {
    super(scope, id);
    this.function = trackerFunction(this, {
      ...props.settings,
      name: 'track-job',
      description: 'Brings the record of each job that an event named up to date',
      timeout: TRACK_JOB_TIMEOUT,
    });
    grantGetJobs(this.function, props.access);
    props.jobsTable.grantTracking(this.function);
    const source = new SqsEventSource(props.jobEvents, {
      batchSize: 10,
      // One message that fails goes back to the queue alone.
      reportBatchItemFailures: true,
      // Bounds the calls to Bedrock, which throttles by account and Region.
      maxConcurrency: props.maxConcurrency,
    });
    this.function.addEventSource(source);
    this.mappingId = source.eventSourceMappingId;
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason: 'Lambda takes no failure destination for SQS: the queue has a dead-letter queue.',
    });
  }
}
