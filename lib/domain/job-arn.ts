import type { Scope } from './scope.ts';

/** The parts of a full model customization job ARN. */
export interface JobArn extends Scope {
  readonly partition: string;
  readonly baseModelId: string;
  /** 12 characters of [a-z0-9]. */
  readonly jobId: string;
}

// The model's own pattern of ModelCustomizationJobArn (bedrock/2023-04-20), with its parts named as in JobArn.
const MODEL_ID =
  '[a-z0-9-]{1,63}[.][a-z0-9-]{1,63}(?:[a-z0-9-]{1,63}[.]){0,2}[a-z0-9-]{1,63}(?:[:][a-z0-9-]{1,63}){0,2}';
const FULL_ARN = new RegExp(
  '^arn:(?<partition>aws(?:-[^:]+)?):bedrock:(?<region>[a-z0-9-]{1,20}):(?<accountId>[0-9]{12})' +
    `:model-customization-job/(?<baseModelId>${MODEL_ID})/(?<jobId>[a-z0-9]{12})$`,
);
const ANY_JOB_ARN = /^arn:[^:]*:bedrock:[^:]*:[^:]*:model-customization-job\//;
const TRAILING_ID = /\/([a-z0-9]{12})$/;
const MAX_ARN_LENGTH = 1011;

/** The parts of an ARN that Bedrock accepts as a job identifier, or undefined for any other text. */
export const parseJobArn = (text: string): JobArn | undefined => {
  if (text.length > MAX_ARN_LENGTH) return undefined;
  const parts = FULL_ARN.exec(text)?.groups as JobArn | undefined;
  return parts && { ...parts };
};

/** True for anything that calls itself a job's ARN, the short form of Bedrock's documented events included. */
export const isJobArn = (text: string): boolean => ANY_JOB_ARN.test(text);

/** The 12 characters at the end of a full or short job ARN, or undefined. */
export const jobIdOf = (arn: string): string | undefined => TRAILING_ID.exec(arn)?.[1];
