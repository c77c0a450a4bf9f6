import { GetCommand, QueryCommand, type DynamoDBDocumentClient, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { INDEX, JOBS_TABLE } from '../contract.ts';
import type { JobRecord } from '../domain/record.ts';
import { formatScope, type Scope } from '../domain/scope.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** What every index of the jobs table carries of a record. */
export type JobSummary = Pick<
  JobRecord,
  (typeof JOBS_TABLE.projected)[number] | 'job_arn' | 'status' | 'creation_time' | 'last_modified_time'
>;

/** Which jobs to list. */
export interface ListJobsRequest {
  /** The account and Region of the jobs. */
  readonly scope: Scope;
  /** At most this many jobs, 1 to 1000. @default 100 */
  readonly limit?: number;
  /** Where an earlier answer of the same request ended. */
  readonly cursor?: string;
}

/** One page of jobs. */
export interface JobsPage {
  /** Newest first. */
  readonly jobs: readonly JobSummary[];
  /** Present where there is more: hand it back for the next page. */
  readonly cursor?: string;
}

/** The records, for readers. Needs dynamodb:GetItem on the table and dynamodb:Query on its indexes. */
export interface JobsClient {
  /** One record with its transitions by full ARN, or undefined. A consistent read: one read unit for each 4 KB. */
  getJob(jobArn: string): Promise<JobRecord | undefined>;
  /**
   * The jobs of one account and Region, newest first, from the index `by-scope`: half a read unit for each 4 KB, about
   * seven jobs. The index may lag behind by moments. Throws BAD_CURSOR for a cursor of another request, or none at all.
   */
  listJobs(request: ListJobsRequest): Promise<JobsPage>;
}

const DEFAULT_LIMIT = 100;

export const listJobsInput = (tableName: string, { scope, limit, cursor }: ListJobsRequest): QueryCommandInput => {
  const { partitionKey, sortKey } = JOBS_TABLE.indexes[INDEX.byScope];
  const partition = formatScope(scope);
  const keys = [JOBS_TABLE.partitionKey, partitionKey, sortKey];
  return {
    TableName: tableName,
    IndexName: INDEX.byScope,
    KeyConditionExpression: '#scope = :scope',
    ExpressionAttributeNames: { '#scope': partitionKey },
    ExpressionAttributeValues: { ':scope': partition },
    ScanIndexForward: false,
    Limit: limit ?? DEFAULT_LIMIT,
    ...(cursor === undefined ? {} : { ExclusiveStartKey: decodeCursor(cursor, keys, { [partitionKey]: partition }) }),
  };
};

/** Reads the table by a document client of the caller's own, so that Region, endpoint and credentials are the caller's. */
export const createJobsClient = (client: DynamoDBDocumentClient, tableName: string): JobsClient => ({
  async getJob(jobArn) {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: { [JOBS_TABLE.partitionKey]: jobArn }, ConsistentRead: true }),
    );
    return Item as JobRecord | undefined;
  },
  async listJobs(request) {
    const { Items, LastEvaluatedKey } = await client.send(new QueryCommand(listJobsInput(tableName, request)));
    return {
      jobs: (Items ?? []) as JobSummary[],
      ...(LastEvaluatedKey === undefined ? {} : { cursor: encodeCursor(LastEvaluatedKey) }),
    };
  },
});
