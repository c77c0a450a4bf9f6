/** What Get and List answer, as JSON on the wire: timestamps are ISO-8601 texts. */
import type { CreateRequest } from '../service-model/model.ts';

export interface SubTask {
  readonly status?: string;
  readonly creationTime?: string;
  readonly lastModifiedTime?: string;
}

export interface StatusDetails {
  readonly validationDetails?: SubTask;
  readonly dataProcessingDetails?: SubTask;
  readonly trainingDetails?: SubTask;
}

/** The answer of GetModelCustomizationJob. Loaded jobs may hold members and values that no model knows. */
export interface JobAnswer {
  readonly jobArn: string;
  readonly jobName: string;
  readonly outputModelName?: string;
  readonly outputModelArn?: string;
  readonly clientRequestToken?: string;
  readonly roleArn?: string;
  readonly status?: string;
  readonly statusDetails?: StatusDetails;
  readonly failureMessage?: string;
  readonly creationTime: string;
  readonly lastModifiedTime?: string;
  readonly endTime?: string;
  readonly baseModelArn?: string;
  readonly hyperParameters?: Readonly<Record<string, string | null>>;
  readonly trainingDataConfig?: object;
  readonly validationDataConfig?: { readonly validators?: readonly { readonly s3Uri?: string }[] };
  readonly outputDataConfig?: { readonly s3Uri?: string };
  readonly customizationType?: string;
  readonly outputModelKmsKeyArn?: string;
  readonly trainingMetrics?: { readonly trainingLoss?: number | string };
  readonly validationMetrics?: readonly { readonly validationLoss?: number | string }[];
  readonly vpcConfig?: CreateRequest['vpcConfig'];
  readonly customizationConfig?: object;
}

/** One entry of ListModelCustomizationJobs. */
export interface JobSummary extends Pick<
  JobAnswer,
  | 'jobArn'
  | 'baseModelArn'
  | 'jobName'
  | 'status'
  | 'statusDetails'
  | 'lastModifiedTime'
  | 'creationTime'
  | 'endTime'
  | 'customizationType'
> {
  readonly customModelArn?: string;
  readonly customModelName?: string;
}

/** Leaves out what is undefined: an absent member is absent on the wire. */
type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };
export const defined = <Value extends object>(value: Value): Defined<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<Value>;
