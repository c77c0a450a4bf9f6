import { afterEach } from '@jest/globals';
import { BedrockClient, type CreateModelCustomizationJobCommandInput } from '@aws-sdk/client-bedrock';
import { type BedrockSimulator, type SimulatorOptions, startBedrockSimulator } from '../../../lib/simulator/index.ts';
import { VirtualClock } from '../../../lib/simulator/clock.ts';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A simulator that the test's end closes. */
export const start = async (options: SimulatorOptions = {}): Promise<BedrockSimulator> => {
  const simulator = await startBedrockSimulator({ failureRate: 0, ...options });
  cleanUps.push(() => simulator.close());
  return simulator;
};

/** The same on a clock that only the test moves: jobs live at real speed. */
export const startStill = async (options: SimulatorOptions = {}) => {
  const time = new VirtualClock();
  const simulator = await start({ speed: 1, clock: time, ...options });
  return { simulator, time, client: clientOf(simulator) };
};

/** The real SDK client, without retries: each call is one request. */
export const clientOf = ({ url }: BedrockSimulator, accountId = 'AKIAEXAMPLE', region = 'us-east-1'): BedrockClient => {
  const credentials = { accessKeyId: accountId, secretAccessKey: 'secret' };
  const client = new BedrockClient({ endpoint: url, region, credentials, maxAttempts: 1 });
  cleanUps.push(() => {
    client.destroy();
  });
  return client;
};

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

/** Waits until `look` gives something; the test's own time limit ends it otherwise. */
export const until = async <Found>(look: () => Promise<Found | undefined> | Found | undefined): Promise<Found> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
};
