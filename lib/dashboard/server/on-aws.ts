import type { BedrockClient } from '@aws-sdk/client-bedrock';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { getRecords } from '../../operator/batch-get.ts';
import { readLossCurves, type LossCurves } from '../../operator/loss-curves/index.ts';
import type { JobRecord } from '../../domain/record.ts';
import { bedrockActions } from './bedrock-actions.ts';
import type { DashboardDependencies, DataOfRecord } from './dependencies.ts';

/** Reads what lineage needs of up to 100 records. Needs dynamodb:BatchGetItem. */
export const recordReader =
  (dynamoDb: DynamoDBDocumentClient, tableName: string): DashboardDependencies['readRecords'] =>
  async (jobArns) =>
    (await getRecords(jobArns, {
      dynamoDb,
      tableName,
      attributes: ['job_arn', 'training_data_config'],
    })) as unknown as DataOfRecord[];

/** The clients of AWS that the dashboard works with. */
export interface DashboardClients {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly bedrock: (region: string) => BedrockClient;
  /** Where it follows redirects between Regions, it is asked for one job at a time. */
  readonly s3: (region: string) => S3Client;
}

/** Does one after the other: the SDK does not follow redirects for two requests at once. */
const inTurn = <T, A>(work: (arg: A) => Promise<T>): ((arg: A) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (arg) => {
    const mine = last.then(() => work(arg));
    last = mine.catch(() => undefined);
    return mine;
  };
};

/** What the dashboard does besides reading lists, on AWS. */
export const onAws = (
  { dynamoDb, bedrock, s3 }: DashboardClients,
  tableName: string,
): Pick<DashboardDependencies, 'readRecords' | 'lossCurves' | 'actions'> => ({
  readRecords: recordReader(dynamoDb, tableName),
  lossCurves: inTurn((job: JobRecord): Promise<LossCurves> => readLossCurves(s3(job.region), job)),
  actions: bedrockActions(bedrock),
});
