import { TrackerError } from './errors.ts';
import { oneLine } from './text.ts';

/** One account and Region: Bedrock keeps jobs, names and rate limits for each. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
}

const SCOPE = /^(?<accountId>\d{12})#(?<region>[a-z0-9-]{1,20})$/;

/** The scope as `<account id>#<region>`, as the table stores it. */
export const formatScope = ({ accountId, region }: Scope): string => `${accountId}#${region}`;

/** The scope that `<account id>#<region>` names, or undefined for any other text. */
export const parseScope = (text: string): Scope | undefined => {
  const parts = SCOPE.exec(text)?.groups as Scope | undefined;
  return parts && { ...parts };
};

/** A list of scopes as it was read; `problem` says what is wrong with it, after the name of the list. */
export interface ParsedScopes {
  readonly scopes: readonly Scope[];
  readonly problem?: string;
}

/** Reads a list such as `111122223333#us-east-1,111122223333#us-west-2`, each scope once. */
export const parseScopes = (text: string): ParsedScopes => {
  const entries = [...new Set(text.split(',').map((entry) => entry.trim()))].filter((entry) => entry !== '');
  const scopes = entries.flatMap((entry) => parseScope(entry) ?? []);
  if (scopes.length === entries.length && scopes.length > 0) return { scopes };
  const form = 'must name scopes as <account id of 12 digits>#<Region>, separated by commas';
  const wrong = entries.filter((entry) => parseScope(entry) === undefined).map((entry) => `"${oneLine(entry, 100)}"`);
  return { scopes, problem: wrong.length === 0 ? form : `${form}; these are not scopes: ${wrong.join(', ')}` };
};

/**
 * The scopes of a list that may be absent or empty. `source` names the list in the error.
 *
 * @throws TrackerError BAD_CONFIGURATION with every entry that is not a scope
 */
export const readScopes = (text: string | undefined, source: string): readonly Scope[] => {
  if (text === undefined || text.trim() === '') return [];
  const { scopes, problem } = parseScopes(text);
  if (problem === undefined) return scopes;
  throw new TrackerError('BAD_CONFIGURATION', `${source} ${problem}. Correct it or remove it.`);
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
const CUSTOM_MODEL_ARN = /^arn:[^:]+:bedrock:[^:]*:[^:]*:(?:custom|imported)-model\/.+/;
const TRAILING_ID = /\/([a-z0-9]{12})$/;
const MAX_ARN_LENGTH = 1011;

/** The parts of an ARN that Bedrock accepts as a job identifier, or undefined for any other text. */
export const parseJobArn = (text: string): JobArn | undefined => {
  if (text.length > MAX_ARN_LENGTH) return undefined;
  const parts = FULL_ARN.exec(text)?.groups as JobArn | undefined;
  return parts && { ...parts };
};

/** True for any job ARN, including the short form in Bedrock's documented events. */
export const isJobArn = (text: string): boolean => ANY_JOB_ARN.test(text);

/** True for the ARN of a custom or imported model, which a job made. */
export const isCustomModelArn = (text: string): boolean => text.length <= MAX_ARN_LENGTH && CUSTOM_MODEL_ARN.test(text);

/** What an ARN of Bedrock can name, as far as it has to do with models. */
export type ResourceKind = 'job' | 'model' | 'deployment' | 'throughput' | 'foundation-model';
/** By the type in the ARN. */
export const RESOURCE_KINDS: Readonly<Record<string, ResourceKind>> = {
  'model-customization-job': 'job',
  'custom-model': 'model',
  'imported-model': 'model',
  'custom-model-deployment': 'deployment',
  'provisioned-model': 'throughput',
  'foundation-model': 'foundation-model',
};

/** What an ARN names; undefined for any other text. */
export const resourceKindOf = (arn: string): ResourceKind | undefined => {
  const [, type = ''] = /^arn:[^:]+:bedrock:[^:]*:[^:]*:([a-z-]+)\/./.exec(arn) ?? [];
  return arn.length <= MAX_ARN_LENGTH && Object.hasOwn(RESOURCE_KINDS, type) ? RESOURCE_KINDS[type] : undefined;
};

/** The 12 characters at the end of a full or short job ARN, or undefined. */
export const jobIdOf = (arn: string): string | undefined => TRAILING_ID.exec(arn)?.[1];

const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-cn': 'console.amazonaws.cn',
};

/**
 * The console's page of custom models and their jobs, as its address of a single job is not documented. Undefined for a
 * partition whose console is not known.
 */
export const consoleUrl = ({ partition, region }: Pick<JobArn, 'partition' | 'region'>): string | undefined => {
  const host = CONSOLES[partition];
  return host === undefined ? undefined : `https://${region}.${host}/bedrock/home?region=${region}#/custom-models`;
};

/** Which job an event is about. An event is a hint: nothing else in it is used. */
export interface JobHint {
  readonly scope: Scope;
  /** A full ARN, as Bedrock takes it. */
  readonly jobArn?: string;
  readonly jobName?: string;
  /** The 12 characters at the end of a full or short ARN. */
  readonly jobId?: JobArn['jobId'];
}

/** The identifier to ask Bedrock for: the full ARN if known, else the name. */
export const identifierOf = (hint: JobHint): string | undefined => hint.jobArn ?? hint.jobName;

/** Hints about one job, with their positions in the grouped list. */
export interface HintGroup {
  readonly hint: JobHint;
  readonly positions: readonly number[];
}

/**
 * Groups hints by job, so that several messages about one job cost one look. A hint with a name alone stays apart from
 * hints with an id: the name may belong to another job.
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
