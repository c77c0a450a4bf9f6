import { Duration } from 'aws-cdk-lib';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MODEL_INDEX } from '../contract.ts';
import { grantReadings, LIST, READ, type BedrockAccess } from './bedrock-access.ts';
import type { Settings } from './props/validate-props.ts';
import { readQueue } from './queues.ts';
import type { RecordTables, SweepsTable } from './tables.ts';
import { trackerFunction } from './tracker-function.ts';

/** A batch of ten jobs takes two Bedrock calls each, side by side: seconds, minutes only under heavy throttling. */
export const TRACK_JOB_TIMEOUT = Duration.minutes(1);

export interface TrackJobProps extends RecordTables {
  readonly settings: Settings;
  readonly access: BedrockAccess;
  readonly sweepsTable: SweepsTable;
  readonly jobEvents: IQueue;
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
    const { access, jobsTable, modelsTable, settings } = props;
    const ofModels = modelsTable && { ...READ.model, ...READ.serving, '*': LIST.serving };
    grantReadings(this.function, access, { ...READ.job, ...ofModels });
    jobsTable.grantTracking(this.function);
    modelsTable?.grantTracking(this.function);
    modelsTable?.grantQueries(this.function, MODEL_INDEX.byModelName);
    props.sweepsTable.grantHearing(this.function);
    this.mappingId = readQueue(this.function, props.jobEvents, {
      batchSize: 10,
      // In a hub most messages are heartbeats, which cost a fourth so.
      ...(access.spokes && { maxBatchingWindow: Duration.seconds(5) }),
      maxConcurrency: settings.maxConcurrency,
    });
  }
}
