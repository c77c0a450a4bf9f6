import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { JOBS_TABLE } from '../../contract.ts';
import type { DashboardDependencies, DataOfRecord } from './dependencies.ts';

/** DynamoDB answers 16 MB at most and hands back the rest; records of the largest size are read in this many answers. */
const MAX_ROUNDS = 4;

/** Reads what lineage needs of up to 100 records: half a read unit for each 4 KB of each. Needs dynamodb:BatchGetItem. */
export const recordReader =
  (client: DynamoDBDocumentClient, tableName: string): DashboardDependencies['readRecords'] =>
  async (jobArns) => {
    const records: DataOfRecord[] = [];
    let keys: Record<string, unknown>[] = jobArns.map((jobArn) => ({ [JOBS_TABLE.partitionKey]: jobArn }));
    for (let round = 0; round < MAX_ROUNDS && keys.length > 0; round += 1) {
      const request = { Keys: keys, ProjectionExpression: 'job_arn, training_data_config' };
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({ RequestItems: { [tableName]: request } }),
      );
      records.push(...((Responses?.[tableName] ?? []) as DataOfRecord[]));
      keys = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return records;
  };
