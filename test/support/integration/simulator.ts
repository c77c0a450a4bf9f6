import { afterEach } from '@jest/globals';
import {
  BedrockClient,
  CreateModelCustomizationJobCommand,
  type CreateModelCustomizationJobCommandInput,
  GetModelCustomizationJobCommand,
  ListModelCustomizationJobsCommand,
  type ListModelCustomizationJobsCommandInput,
  ListTagsForResourceCommand,
  StopModelCustomizationJobCommand,
  type Tag,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-bedrock';
import { type BedrockSimulator, type SimulatorOptions, startBedrockSimulator } from '../../../lib/simulator/index.ts';
import { VirtualClock } from '../../../lib/simulator/clock.ts';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A simulator that is closed when the test ends. */
export const start = async (options: SimulatorOptions = {}): Promise<BedrockSimulator> => {
  const simulator = await startBedrockSimulator({ failureRate: 0, ...options });
  cleanUps.push(() => simulator.close());
  return simulator;
};

/** The same on a clock that only the test moves, with its calls: jobs live at real speed. */
export const startStill = async (options: SimulatorOptions = {}) => {
  const time = new VirtualClock();
  const simulator = await start({ speed: 1, clock: time, ...options });
  return { simulator, time, ...callsOf(clientOf(simulator)), steer: steer(simulator) };
};

/** The real SDK client, without retries: each call is one request. */
export const clientOf = (
  { url }: Pick<BedrockSimulator, 'url'>,
  accountId = 'AKIAEXAMPLE',
  region = 'us-east-1',
): BedrockClient => {
  const credentials = { accessKeyId: accountId, secretAccessKey: 'secret' };
  const client = new BedrockClient({ endpoint: url, region, credentials, maxAttempts: 1 });
  cleanUps.push(() => {
    client.destroy();
  });
  return client;
};

/** A client's calls in short. */
export const callsOf = (client: BedrockClient) => {
  const page = (input: ListModelCustomizationJobsCommandInput = {}) =>
    client.send(new ListModelCustomizationJobsCommand(input));
  return {
    client,
    page,
    create: (jobName: string, more: Partial<CreateModelCustomizationJobCommandInput> = {}) =>
      client.send(new CreateModelCustomizationJobCommand(jobInput(jobName, more))),
    get: (jobIdentifier?: string) => client.send(new GetModelCustomizationJobCommand({ jobIdentifier })),
    list: async (input?: ListModelCustomizationJobsCommandInput) =>
      (await page(input)).modelCustomizationJobSummaries ?? [],
    stop: (jobIdentifier?: string) => client.send(new StopModelCustomizationJobCommand({ jobIdentifier })),
    tagsOf: async (resourceARN?: string) =>
      (await client.send(new ListTagsForResourceCommand({ resourceARN }))).tags ?? [],
    tag: (resourceARN: string | undefined, tags: Tag[]) => client.send(new TagResourceCommand({ resourceARN, tags })),
    untag: (resourceARN: string | undefined, tagKeys: string[]) =>
      client.send(new UntagResourceCommand({ resourceARN, tagKeys })),
  };
};

const steer =
  ({ url }: BedrockSimulator) =>
  (job: string, status: string, more: object = {}) =>
    fetch(`${url}/_simulator/jobs/${job}`, { method: 'POST', body: JSON.stringify({ status, ...more }) });

/** The smallest valid request. */
export const jobInput = (
  jobName: string,
  more: Partial<CreateModelCustomizationJobCommandInput> = {},
): CreateModelCustomizationJobCommandInput => ({
  jobName,
  customModelName: `${jobName}-model`,
  roleArn: 'arn:aws:iam::123456789012:role/BedrockCustomizationRole',
  baseModelIdentifier: 'amazon.nova-lite-v1:0:300k',
  trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' },
  outputDataConfig: { s3Uri: 's3://acme-output/' },
  ...more,
});

/** What a call rejects with; undefined where it succeeds. */
export const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );
