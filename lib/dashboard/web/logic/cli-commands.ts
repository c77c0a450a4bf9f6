import type { JobRecord } from '../../../domain/record.ts';

interface CliCommand {
  readonly label: string;
  readonly command: string;
}

const NEEDS_NO_QUOTES = /^[\w@%+=:,./-]+$/;

/** A word as a POSIX shell takes it: as it is, or in single quotes. */
export const shellWord = (word: string): string =>
  NEEDS_NO_QUOTES.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

const command = (...words: readonly string[]): string => words.map(shellWord).join(' ');

/** Where the job writes below its output location. */
export const outputFolder = ({ job_id, output_data_config }: JobRecord): string | undefined =>
  output_data_config?.s3_uri === undefined
    ? undefined
    : `${output_data_config.s3_uri.replace(/\/+$/, '')}/model-customization-job-${job_id}/`;

type Candidate = readonly [label: string, words: readonly (string | undefined)[]];

/** AWS CLI commands about a job, those that make sense in its state. */
export const cliCommands = (job: JobRecord): CliCommand[] => {
  const bedrock = (action: string, option: string, value: string | undefined) => [
    'aws',
    'bedrock',
    action,
    option,
    value,
    '--region',
    job.region,
  ];
  const running = job.status === 'InProgress';
  const candidates: readonly Candidate[] = [
    ['Describe the job', bedrock('get-model-customization-job', '--job-identifier', job.job_arn)],
    ['List its tags', bedrock('list-tags-for-resource', '--resource-arn', job.job_arn)],
    ['Stop it', bedrock('stop-model-customization-job', '--job-identifier', running ? job.job_arn : undefined)],
    ['Describe the model it made', bedrock('get-custom-model', '--model-identifier', job.output_model_arn)],
    ['Look at the training data', ['aws', 's3', 'ls', job.training_data_config?.s3_uri, '--region', job.region]],
    ['List its output', ['aws', 's3', 'ls', outputFolder(job), '--recursive', '--region', job.region]],
  ];
  return candidates.flatMap(([label, words]) =>
    words.every((word) => word !== undefined) ? [{ label, command: command(...words) }] : [],
  );
};
