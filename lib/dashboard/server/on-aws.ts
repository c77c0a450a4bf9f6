import { StopModelCustomizationJobCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-bedrock';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createLike } from '../../operator/again.ts';
import type { AwsClients } from '../../operator/clients.ts';
import { getRecords } from '../../operator/batch-get.ts';
import { checkRequest } from '../../operator/data/check-data.ts';
import { findingsOf } from '../../operator/data/words.ts';
import { type LossCurves, readLossCurves } from '../../operator/loss-curves/index.ts';
import type { JobRecord } from '../../domain/record.ts';
import { RUN_ATTRIBUTES } from '../../domain/run.ts';
import type { DashboardDependencies, DataOfRecord, JobActions } from './dependencies.ts';

/** Reads what lineage and runs need of up to 100 records. Needs dynamodb:BatchGetItem. */
export const recordReader =
  (dynamoDb: DynamoDBDocumentClient, tableName: string): DashboardDependencies['readRecords'] =>
  async (jobArns, onCost) =>
    (await getRecords(jobArns, {
      dynamoDb,
      tableName,
      attributes: ['job_arn', ...RUN_ATTRIBUTES],
      ...(onCost && { onCost }),
    })) as unknown as DataOfRecord[];

/** The AWS clients that the dashboard works with. */
interface DashboardClients extends Pick<AwsClients, 'bedrock' | 's3'> {
  readonly dynamoDb: DynamoDBDocumentClient;
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

/** Stops, tags and creates jobs with the client of their Region: one call each. */
const bedrockActions = (clientOf: AwsClients['bedrock']): JobActions => ({
  stop: async ({ job_arn, region }) => {
    await clientOf(region).send(new StopModelCustomizationJobCommand({ jobIdentifier: job_arn }));
  },
  tag: async ({ job_arn, region }, tags) => {
    const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
    await clientOf(region).send(new TagResourceCommand({ resourceARN: job_arn, tags: list }));
  },
  untag: async ({ job_arn, region }, keys) => {
    await clientOf(region).send(new UntagResourceCommand({ resourceARN: job_arn, tagKeys: [...keys] }));
  },
  createLike: async ({ region }, like) => {
    const { jobArn, request } = await createLike(clientOf(region), like);
    return { jobArn, jobName: request.jobName };
  },
});

/** What the dashboard does besides reading lists, on AWS. */
export const onAws = (
  { dynamoDb, bedrock, s3 }: DashboardClients,
  tableName: string,
): Pick<DashboardDependencies, 'readRecords' | 'lossCurves' | 'checkData' | 'actions'> => ({
  readRecords: recordReader(dynamoDb, tableName),
  lossCurves: inTurn((job: JobRecord): Promise<LossCurves> => readLossCurves(s3(job.region), job)),
  checkData: async (request, { region, isLocal, signal }) =>
    findingsOf(request, await checkRequest(request, isLocal, { s3: () => Promise.resolve(s3(region)), signal })),
  actions: bedrockActions(bedrock),
});
