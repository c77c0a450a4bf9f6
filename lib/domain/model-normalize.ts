import { TrackerError } from './errors.ts';
import { formatScope, parseScope, type Scope } from './identity.ts';
import { REMOVED } from './kind.ts';
import { type ListedModel, servingOf, servingSince, type Serving } from './model-kind.ts';
import type { Deployment, ModelFields, ModelIdentity, ModelSnapshot, ProvisionedThroughput } from './model-record.ts';
import { type BedrockAnswer, catalogFields, storedTags, wrongFields } from './normalize.ts';
import type { ObservedVia } from './record.ts';
import { compareText } from './text.ts';

const TEXTS = [
  'model_arn',
  'model_name',
  'job_arn',
  'job_name',
  'base_model_arn',
  'customization_type',
  'creation_time',
  'model_status',
  'failure_message',
];
/** Keys of indexes: DynamoDB refuses an empty string in a key, so it counts as absent. */
export const MODEL_KEY_FIELDS: ReadonlySet<string> = new Set([
  ...['model_arn', 'model_name', 'job_arn', 'creation_time', 'base_model_arn'],
]);

/** What serves a model, with the model that it serves. */
export interface Served {
  readonly list: keyof Serving;
  readonly modelArn: string;
  readonly entry: Omit<ProvisionedThroughput, 'since'>;
  /** What cannot be read of it, as a sentence. */
  readonly problem?: string;
}

const textsOf = (summary: BedrockAnswer, names: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(names).flatMap(([name, members]): [string, string][] => {
      const fields = catalogFields(Object.fromEntries(members.map((member) => [member, summary[member]])));
      const value = Object.values(fields).find((one) => typeof one === 'string' && one !== '');
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );

const DEPLOYMENT = {
  arn: ['customModelDeploymentArn'],
  // The list's name, and that of Get.
  name: ['customModelDeploymentName', 'modelDeploymentName'],
  status: ['status'],
  creation_time: ['createdAt'],
  last_modified_time: ['lastUpdatedAt'],
  failure_message: ['failureMessage'],
  model: ['modelArn'],
};
// Without the failure message, which only Get gives: a list would always seem to differ.
const THROUGHPUT = {
  arn: ['provisionedModelArn'],
  name: ['provisionedModelName'],
  status: ['status'],
  creation_time: ['creationTime'],
  last_modified_time: ['lastModifiedTime'],
  commitment_duration: ['commitmentDuration'],
  commitment_expiration_time: ['commitmentExpirationTime'],
  model: ['modelArn'],
  desired_model_arn: ['desiredModelArn'],
};

const unitsOf = ({ modelUnits, desiredModelUnits }: BedrockAnswer) => ({
  ...(Number.isSafeInteger(modelUnits) ? { model_units: modelUnits as number } : {}),
  ...(Number.isSafeInteger(desiredModelUnits) && desiredModelUnits !== modelUnits
    ? { desired_model_units: desiredModelUnits as number }
    : {}),
});

/** One entry of a list, or an answer of Get. Undefined if it names no ARN of itself or of a model. */
export const servedOf = (list: keyof Serving, summary: BedrockAnswer, wrongTimes?: string): Served | undefined => {
  const texts = textsOf(summary, list === 'deployments' ? DEPLOYMENT : THROUGHPUT);
  const { model, arn, status = 'Unknown', desired_model_arn, ...rest } = texts;
  if (arn === undefined || model === undefined) return undefined;
  return {
    list,
    modelArn: model,
    entry: {
      arn,
      status,
      ...rest,
      ...(list === 'deployments' ? {} : unitsOf(summary)),
      ...(desired_model_arn === undefined || desired_model_arn === model ? {} : { desired_model_arn }),
    },
    ...(wrongTimes === undefined
      ? {}
      : { problem: `Bedrock lists ${arn} with an invalid time: ${wrongTimes}. The rest of it was read.` }),
  };
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
  const catalogued = catalogFields(answer, MODEL_KEY_FIELDS);
  const wrong = wrongFields(catalogued, TEXTS);
  if (wrong.length > 0) {
    throw new TrackerError(
      'INVALID_MODEL',
      `Bedrock's answer for model "${identifier}" does not match its model: not a string: ${wrong.join(', ')}.`,
    );
  }
  const fields = catalogued as Partial<ModelFields>;
  const modelArn = fields.model_arn ?? (identifier.startsWith('arn:') ? identifier : undefined);
  if (modelArn === undefined) {
    throw new TrackerError(
      'INVALID_MODEL',
      `Bedrock's answer for model "${identifier}" has no modelArn, so no record can be written. Request the model by its ARN.`,
    );
  }
  return {
    ...fields,
    model_arn: modelArn,
    ...identityOf(modelArn, scope),
    // A model without a status is from before models had one.
    status: fields.model_status ?? 'Active',
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
  const { arn, ...texts } = textsOf(summary, {
    arn: ['modelArn'],
    status: ['modelStatus'],
    creation_time: ['creationTime'],
  });
  if (arn === undefined) return undefined;
  return {
    model_arn: arn,
    ...texts,
    ...(wrongTimes === undefined
      ? {}
      : { problem: `Bedrock lists the model with an invalid time: ${wrongTimes}. The rest of it was read.` }),
  };
};
