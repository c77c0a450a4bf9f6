import type { JobRecord } from '../../../domain/record.ts';

/** A word for a POSIX shell: as it is, or in single quotes. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Where the job writes, below its output location. */
export const outputFolder = ({ job_id, output_data_config }: JobRecord): string | undefined =>
  output_data_config?.s3_uri === undefined
    ? undefined
    : `${output_data_config.s3_uri.replace(/\/+$/, '')}/model-customization-job-${job_id}/`;

/** AWS CLI commands about a job, as far as its state allows them. */
export const cliCommands = (job: JobRecord): { readonly label: string; readonly command: string }[] => {
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
      ? [{ label, command: ['aws', ...words, '--region', job.region].map(shellWord).join(' ') }]
      : [],
  );
};
