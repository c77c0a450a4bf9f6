import { shellLine } from '../../../domain/command-text.ts';
import type { JobRecord } from '../../../domain/record.ts';

/** Where the job writes, below its output location. */
export const outputFolder = ({ job_id, output_data_config }: JobRecord): string | undefined =>
  output_data_config?.s3_uri === undefined
    ? undefined
    : `${output_data_config.s3_uri.replace(/\/+$/, '')}/model-customization-job-${job_id}/`;

/** The simulator takes any credentials; the access key is the account. */
const simulated = ({ account_id }: JobRecord, url: string) => ({
  before: `AWS_ACCESS_KEY_ID=${account_id} AWS_SECRET_ACCESS_KEY=local `,
  flags: ['--endpoint-url', url],
});

/** AWS CLI commands about a job, as far as its state allows them. `bedrockUrl` is the simulator's endpoint. */
export const cliCommands = (
  job: JobRecord,
  bedrockUrl?: string,
): { readonly label: string; readonly command: string }[] => {
  const { before, flags } = bedrockUrl === undefined ? { before: '', flags: [] } : simulated(job, bedrockUrl);
  const running = job.status === 'InProgress' ? job.job_arn : undefined;
  const candidates: readonly (readonly [label: string, ...words: (string | undefined)[]])[] = [
    ['Describe the job', 'bedrock', 'get-model-customization-job', '--job-identifier', job.job_arn],
    ['List its tags', 'bedrock', 'list-tags-for-resource', '--resource-arn', job.job_arn],
    ['Stop it', 'bedrock', 'stop-model-customization-job', '--job-identifier', running],
    ['Describe its model', 'bedrock', 'get-custom-model', '--model-identifier', job.output_model_arn],
    ['List the training data', 's3', 'ls', job.training_data_config?.s3_uri],
    ['List its output', 's3', 'ls', outputFolder(job), '--recursive'],
  ];
  return candidates.flatMap(([label, ...words]) =>
    words.every((word) => word !== undefined)
      ? [{ label, command: before + shellLine(['aws', ...words, '--region', job.region, ...flags]) }]
      : [],
  );
};
