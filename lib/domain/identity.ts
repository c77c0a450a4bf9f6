/** A place where jobs live: Bedrock keeps jobs, names and rate limits by account and Region. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
}

const SCOPE = /^(?<accountId>\d{12})#(?<region>[a-z0-9-]{1,20})$/;

/** The scope as `<account id>#<region>`, the form in which the table has it. */
export const formatScope = ({ accountId, region }: Scope): string => `${accountId}#${region}`;

/** The scope that `<account id>#<region>` names, or undefined where the text is no such thing. */
export const parseScope = (text: string): Scope | undefined => {
  const parts = SCOPE.exec(text)?.groups as Scope | undefined;
  return parts && { ...parts };
};

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

/** What a message says about which job to look at. An event is a hint: nothing of it but this is used. */
export interface JobHint {
  readonly scope: Scope;
  /** A full ARN, as Bedrock takes it. */
  readonly jobArn?: string;
  readonly jobName?: string;
  /** The 12 characters at the end of a full or short ARN. */
  readonly jobId?: JobArn['jobId'];
}

/** What Bedrock is asked by: the full ARN where one is known, else the name. */
export const identifierOf = (hint: JobHint): string | undefined => hint.jobArn ?? hint.jobName;

/** Hints about one job, by their positions in the list that was grouped. */
export interface HintGroup {
  readonly hint: JobHint;
  readonly positions: readonly number[];
}

/**
 * The hints grouped by job, so that several messages about a job cost one look at it. A name alone is looked at by
 * itself, whatever else came with that name: it may be another job's.
 */
export const groupByJob = (hints: readonly JobHint[]): HintGroup[] => {
  const groups = new Map<string, { hint: JobHint; positions: number[] }>();
  hints.forEach((hint, position) => {
    const { scope, jobId, jobName = '' } = hint;
    const key = `${formatScope(scope)}/${jobId === undefined ? `name/${jobName}` : `id/${jobId}`}`;
    const group = groups.get(key);
    groups.set(key, {
      // The later hint completes the earlier one: a full ARN beats a name.
      hint: { ...hint, ...group?.hint },
      positions: [...(group?.positions ?? []), position],
    });
  });
  return [...groups.values()];
};
