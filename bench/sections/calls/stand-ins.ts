/** What peers do, after their sources, where they themselves cannot be installed. */
import {
  BedrockClient,
  GetModelCustomizationJobCommand,
  ListTagsForResourceCommand,
  paginateListModelCustomizationJobs,
  type ModelCustomizationJobSummary,
} from '@aws-sdk/client-bedrock';
import pMap from 'p-map';

export interface Collected {
  readonly jobs: number;
  readonly seconds: number;
}

/** Lists in pages of the service's own size, then asks of each job what it is and what its tags are. */
const collect = async (url: string, concurrency: number, active: boolean): Promise<Collected> => {
  const client = new BedrockClient({ endpoint: url });
  const started = performance.now();
  const listed: ModelCustomizationJobSummary[] = [];
  for await (const page of paginateListModelCustomizationJobs(
    { client },
    active ? { statusEquals: 'InProgress' } : {},
  )) {
    listed.push(...(page.modelCustomizationJobSummaries ?? []));
  }
  await pMap(
    listed,
    async ({ jobArn, jobName }) => {
      await client.send(new GetModelCustomizationJobCommand({ jobIdentifier: jobName }));
      await client.send(new ListTagsForResourceCommand({ resourceARN: jobArn }));
    },
    { concurrency },
  );
  client.destroy();
  return { jobs: listed.length, seconds: (performance.now() - started) / 1_000 };
};

/** As AwsBedrockModelCustomizationJob of fix_plugin_aws.resource.bedrock: all jobs, each time. */
export const collectAll = (url: string): Promise<Collected> => collect(url, 2, false);

/** As BedrockModelCustomizationJob of c7n.resources.bedrock: only jobs in progress, one after the other. */
export const collectActive = (url: string): Promise<Collected> => collect(url, 1, true);
