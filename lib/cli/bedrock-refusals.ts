import { inOneLine } from '../operator/aws-sentences.ts';
import { TrackerError } from '../domain/errors.ts';
import { asSentence } from '../domain/text.ts';
import { visible } from './output/values.ts';

/** What Bedrock was asked to do. */
export interface BedrockCall {
  readonly operation: 'Create' | 'Stop' | 'Tag' | 'Untag' | 'ListTags' | 'Get';
  /** The job's name or ARN. */
  readonly job: string;
  readonly region: string;
}

const TAKEN = /name.*(?:in use|already exists|taken)|(?:in use|already exists).*name/i;
const NOT_ASSUMED = /assume/i;

const denied = (said: string, { operation, region }: BedrockCall): string | undefined =>
  operation === 'Create' && said.includes('iam:PassRole')
    ? `You may not pass the job's role to Bedrock in ${region}: your own identity needs iam:PassRole on it, besides ` +
      `bedrock:CreateModelCustomizationJob. AWS says: ${said}`
    : undefined;

const conflict = (said: string, { operation, job, region }: BedrockCall): string =>
  operation === 'Create'
    ? `Bedrock in ${region} has an earlier request that conflicts with ${job}: ${said} A token stands for one request: ` +
      'give what changed a job name of its own, and leave out --client-request-token.'
    : `Bedrock refused to change ${job} in ${region} now: ${said}`;

const invalid = (said: string, { operation, job, region }: BedrockCall): string => {
  if (operation === 'Create' && TAKEN.test(said)) {
    return (
      `Bedrock in ${region} refused ${job}: ${said} Bedrock keeps every job, so a job's name is taken for good, and a ` +
      "model's while there is such a model: choose other names. The same command as before finds its job only with " +
      'the same token, thus the same content.'
    );
  }
  if (operation === 'Create' && NOT_ASSUMED.test(said)) {
    return (
      `Bedrock in ${region} refused ${job}: ${said} The role's trust policy has to let bedrock.amazonaws.com assume it, ` +
      'and the role has to be there for some seconds.'
    );
  }
  return `Bedrock in ${region} refused ${job}: ${said}`;
};

const missing = (said: string, { operation, job, region }: BedrockCall): TrackerError =>
  operation === 'Create'
    ? new TrackerError('AWS_REFUSED', `Bedrock in ${region} misses something that ${job} names: ${said}`)
    : new TrackerError(
        'JOB_NOT_FOUND',
        `Bedrock knows no customization job ${job} in ${region}. Give its full ARN where it is of another Region.`,
      );

/** The sentence for what Bedrock says of this very call, undefined where any call could be refused so. */
const sentence = (name: string, said: string, call: BedrockCall): string | undefined => {
  switch (name) {
    case 'AccessDeniedException':
      return denied(said, call);
    case 'ServiceQuotaExceededException':
      return (
        `Bedrock in ${call.region} takes no further job now: ${said} Wait until another one has ended ` +
        '(bedrock-jobs list --active), or ask for a higher quota in the Service Quotas console.'
      );
    case 'TooManyTagsException':
      return `${call.job} cannot have so many tags: ${said} Remove some with bedrock-jobs untag, or give fewer.`;
    case 'ConflictException':
      return conflict(said, call);
    case 'ValidationException':
      return invalid(said, call);
    default:
      return undefined;
  }
};

/** What a person can do about Bedrock's refusal of a call; errors that any call can meet come back as they are. */
export const refusalOf = (error: unknown, { job, ...rest }: BedrockCall): unknown => {
  if (!(error instanceof Error) || error instanceof TrackerError) return error;
  const call = { job: visible(job), ...rest };
  const said = asSentence(visible(inOneLine(error.message)) || error.name);
  if (error.name === 'ResourceNotFoundException') return missing(said, call);
  const text = sentence(error.name, said, call);
  return text === undefined ? error : new TrackerError('AWS_REFUSED', text, { cause: error });
};

/** Sends a call to Bedrock, and throws its refusal in a sentence. */
export const asking = async <Answer>(call: BedrockCall, send: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await send();
  } catch (error) {
    throw refusalOf(error, call);
  }
};
