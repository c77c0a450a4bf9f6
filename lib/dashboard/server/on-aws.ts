import type { BedrockClient } from '@aws-sdk/client-bedrock';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readLossCurves, type LossCurves } from '../../adapters/loss-curves.ts';
import type { JobRecord } from '../../domain/record.ts';
import { bedrockActions } from './bedrock-actions.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { recordReader } from './read-records.ts';

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
