import { formatScope, parseScope, type Scope } from './identity.ts';
import { REMOVED } from './kind.ts';
import { type ListedModel, servingOf, servingSince, type Serving } from './model-kind.ts';
import type { Deployment, ModelFields, ModelIdentity, ModelSnapshot, ProvisionedThroughput } from './model-record.ts';
import { type BedrockAnswer, problemOf, readAnswer, storedTags, textOf } from './normalize.ts';
import type { ObservedVia } from './record.ts';
import { compareText, present } from './text.ts';

/** What serves a model, with the model that it serves. */
export interface Served {
  readonly list: keyof Serving;
  readonly modelArn: string;
  readonly entry: Omit<ProvisionedThroughput, 'since'>;
  /** What cannot be read of it, as a sentence. */
  readonly problem?: string;
}

const count = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined);

const deploymentOf = (answer: BedrockAnswer) => ({
  arn: textOf(answer, 'customModelDeploymentArn'),
  // The list's name, and that of Get.
  name: textOf(answer, 'customModelDeploymentName', 'modelDeploymentName'),
  creation_time: textOf(answer, 'createdAt'),
  last_modified_time: textOf(answer, 'lastUpdatedAt'),
  failure_message: textOf(answer, 'failureMessage'),
});

// Without the failure message, which only Get gives: a list would always seem to differ.
const throughputOf = (answer: BedrockAnswer) => {
  const { modelUnits, desiredModelUnits, modelArn, desiredModelArn } = answer;
  return {
    arn: textOf(answer, 'provisionedModelArn'),
    name: textOf(answer, 'provisionedModelName'),
    creation_time: textOf(answer, 'creationTime'),
    last_modified_time: textOf(answer, 'lastModifiedTime'),
    commitment_duration: textOf(answer, 'commitmentDuration'),
    commitment_expiration_time: textOf(answer, 'commitmentExpirationTime'),
    model_units: count(modelUnits),
    desired_model_units: desiredModelUnits === modelUnits ? undefined : count(desiredModelUnits),
    desired_model_arn: desiredModelArn === modelArn ? undefined : textOf(answer, 'desiredModelArn'),
  };
};

/** One entry of a list, or an answer of Get. Undefined if it names no ARN of itself or of a model. */
export const servedOf = (list: keyof Serving, answer: BedrockAnswer, wrongTimes?: string): Served | undefined => {
  const { arn, ...rest } = list === 'deployments' ? deploymentOf(answer) : throughputOf(answer);
  const modelArn = textOf(answer, 'modelArn');
  if (arn === undefined || modelArn === undefined) return undefined;
  const entry = present({ arn, status: textOf(answer, 'status') ?? 'Unknown', ...rest });
  return present({ list, modelArn, entry, problem: problemOf(arn, wrongTimes) });
};

/** The entries of one model, newest first. */
export const servingFrom = (served: Iterable<Served>, fetchedAt: string): Serving => {
  const all = [...new Map([...served].map((one) => [one.entry.arn, one])).values()];
  const entriesOf = (list: keyof Serving): (Deployment & ProvisionedThroughput)[] =>
    all
      .filter((one) => one.list === list)
      .map(({ entry }) => ({ ...entry, since: servingSince(entry, fetchedAt) }))
      .sort((a, b) => compareText(b.creation_time ?? '', a.creation_time ?? '') || compareText(a.arn, b.arn));
  return { deployments: entriesOf('deployments'), provisioned_throughputs: entriesOf('provisioned_throughputs') };
};

const ARN = /^arn:[^:]+:bedrock:(?<region>[^:]*):(?<accountId>[^:]*):/;

/** The account and Region in the ARN of a model, or of what serves it. */
export const scopeOfArn = (arn: string): Scope | undefined => {
  const { accountId = '', region = '' } = ARN.exec(arn)?.groups ?? {};
  return parseScope(`${accountId}#${region}`);
};

/** A model belongs to the scope that shows it: one of another account can only be seen by what serves it. */
const identityOf = (modelArn: string, scope: Scope): ModelIdentity => ({
  _key: modelArn,
  account_id: scope.accountId,
  region: scope.region,
  scope: formatScope(scope),
  model_id: modelArn.slice(modelArn.lastIndexOf('/') + 1) || modelArn,
});

/** What GetCustomModel's answer does not contain. */
export interface ModelObservation {
  readonly scope: Scope;
  /** The ARN or name in the request. */
  readonly identifier: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly serving: Serving;
  readonly fetchedAt: string;
  readonly via: ObservedVia;
}

/**
 * Makes a snapshot from an answer of GetCustomModel, the model's tags, and what serves it. Throws INVALID_MODEL if neither
 * the answer nor the request has the model's ARN, if a needed field is not a string, or if the answer is nested too deep.
 */
export const normalizeModel = (answer: BedrockAnswer, observation: ModelObservation): ModelSnapshot => {
  const { identifier, scope, serving, tags, fetchedAt, via } = observation;
  const askedArn = identifier.startsWith('arn:') ? identifier : undefined;
  const { fields, arn: modelArn } = readAnswer('model', answer, identifier, askedArn);
  return {
    ...fields,
    model_arn: modelArn,
    ...identityOf(modelArn, scope),
    // A model without a status is from before models had one.
    status: (fields as Partial<ModelFields>).model_status ?? 'Active',
    tags: storedTags(tags),
    ...serving,
    fetched_at: fetchedAt,
    observed_via: via,
  };
};

/**
 * The snapshot of a model that Bedrock does not show: deleted, or of another account. One that was never seen is dated by
 * the oldest of what serves it, as an index needs a time.
 */
export const missingModel = (
  modelArn: string,
  { scope, serving, fetchedAt, via }: Omit<ModelObservation, 'identifier' | 'tags'>,
): ModelSnapshot => {
  const [creation_time = fetchedAt] = servingOf(serving)
    .flatMap((one) => one.creation_time ?? [])
    .sort(compareText);
  return {
    model_arn: modelArn,
    ...identityOf(modelArn, scope),
    creation_time,
    status: REMOVED,
    tags: {},
    ...serving,
    fetched_at: fetchedAt,
    observed_via: via,
  };
};

/** A model as ListCustomModels shows it; undefined without an ARN. */
export const modelSummaryOf = (
  summary: BedrockAnswer,
  wrongTimes?: string,
): Pick<ListedModel, 'model_arn' | 'status' | 'creation_time' | 'problem'> | undefined => {
  const model_arn = textOf(summary, 'modelArn');
  if (model_arn === undefined) return undefined;
  return present({
    model_arn,
    status: textOf(summary, 'modelStatus'),
    creation_time: textOf(summary, 'creationTime'),
    problem: problemOf('the model', wrongTimes),
  });
};
