/** Jobs of the simulated Bedrock, which tells nobody about them: no event leaves unless a check puts it. */
import {
  CreateModelCustomizationJobCommand,
  GetModelCustomizationJobCommand,
  StopModelCustomizationJobCommand,
  type BedrockClient,
} from '@aws-sdk/client-bedrock';
import { bedrock, stack } from './aws.ts';

export interface CreatedJob {
  readonly arn: string;
  readonly name: string;
}

/** Names are unique also where checks are run again on a stack that is kept for that. */
const run = Date.now().toString(36);
let created = 0;

export const createJob = async (
  tags: Readonly<Record<string, string>> = {},
  client: BedrockClient = bedrock,
): Promise<CreatedJob> => {
  created += 1;
  const name = `stack-${run}-${created}`;
  const { jobArn } = await client.send(
    new CreateModelCustomizationJobCommand({
      jobName: name,
      customModelName: `${name}-model`,
      roleArn: `arn:aws:iam::${stack.account}:role/BedrockCustomizationRole`,
      baseModelIdentifier: 'amazon.nova-micro-v1:0:128k',
      customizationType: 'FINE_TUNING',
      hyperParameters: { epochCount: '2' },
      trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' },
      outputDataConfig: { s3Uri: 's3://acme-output/' },
      jobTags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    }),
  );
  if (jobArn === undefined) throw new Error(`Bedrock created ${name} without an ARN.`);
  return { arn: jobArn, name };
};

/** Several at once, as ARNs. */
export const createJobs = async (count: number): Promise<CreatedJob[]> => {
  const jobs: CreatedJob[] = [];
  while (jobs.length < count) jobs.push(await createJob());
  return jobs;
};

const control = async (method: string, path: string, body: object): Promise<void> => {
  const answer = await fetch(`${stack.bedrockUrl}/_simulator${path}`, { method, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`The simulator refused ${path}: ${await answer.text()}`);
};

/** Ends a job at once. */
export const endJob = (arn: string, status: 'Completed' | 'Failed' | 'Stopped', failureMessage?: string) =>
  control('POST', `/jobs/${encodeURIComponent(arn)}`, { status, failureMessage });

export const stopJob = (arn: string) => bedrock.send(new StopModelCustomizationJobCommand({ jobIdentifier: arn }));

/** What Bedrock answers about a job. */
export const getJob = (arn: string) => bedrock.send(new GetModelCustomizationJobCommand({ jobIdentifier: arn }));

/** Sets what goes wrong in Bedrock; `{}` is nothing. */
export const setFaults = (faults: object) => control('PUT', '/faults', faults);
