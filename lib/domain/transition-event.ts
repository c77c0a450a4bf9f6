import { resourceKindOf } from './identity.ts';
import { compareText } from './text.ts';
import type { ModelRecord, ModelTransition, ProvisionedThroughput, Usage } from './model-record.ts';
import type { CatalogFields, Identity, Transition } from './record.ts';

/** Longer than any name, ARN (1,011 characters) or status of Bedrock. */
const MAX_TEXT = 1_024;
/** The limit of Bedrock's model. */
const MAX_FAILURE_MESSAGE = 2_048;
/** Three times the size of Bedrock's 50 tags of 128 + 256 characters. */
const MAX_TAGS_BYTES = 65_536;

const COMMON = ['account_id', 'region', 'customization_type', 'status', 'creation_time', 'base_model_arn'] as const;
const JOB = ['job_arn', 'job_name', 'job_id', 'end_time', 'output_model_name', 'output_model_arn'] as const;
const MODEL = ['model_arn', 'model_name', 'model_id', 'job_arn'] as const;

type Common = Pick<CatalogFields & Identity, (typeof COMMON)[number]>;
type JobFields = Pick<CatalogFields & Identity, (typeof JOB)[number]>;
type ModelFields = Pick<ModelRecord, (typeof MODEL)[number]>;
type Commitment = Pick<ProvisionedThroughput, 'model_units' | 'commitment_duration' | 'commitment_expiration_time'>;
type Failure = Pick<CatalogFields, 'failure_message'>;

/** What events about jobs and models have. At most about 220 KB as JSON: it always fits into one event (256 KB). */
interface Told extends Common, Failure, Pick<Transition, 'from' | 'to' | 'at' | 'observed_at'> {
  /**
   * The same for each delivery of the same transition, and for no other: `<job_arn>#<task or job>#<to>#<at>`, or
   * `<model_arn>#<resource or model>#<task or status>#<to>#<at>`.
   */
  readonly transition_id: string;
  /** The phase whose status changed, or `use` of what serves a model; absent for a status of the job, or of the resource. */
  readonly task?: string;
  readonly via: string;
  readonly tags: Readonly<Record<string, string>>;
  /** How many tags did not fit; absent if all did. */
  readonly tags_left_out?: number;
}

/**
 * One transition of a job, with the fields of the job that subscribers need. It has no hyperparameters and no data
 * locations, but Bedrock's `failure_message` can name a bucket and a key.
 */
export interface TransitionDetail extends Told, JobFields {}

/** One transition of a custom model, or of a deployment or throughput that serves it. */
export interface ModelTransitionDetail extends Told, ModelFields, Commitment {
  /** What changed: `model`, `deployment` or `throughput`. */
  readonly kind: string;
  /** ARN of the deployment or throughput; absent for the model itself. The failure message and the fields below are its own. */
  readonly resource?: string;
  readonly resource_name?: string;
  readonly resource_status?: string;
  readonly resource_creation_time?: string;
  /** Of `Idle`: since when nothing used it. */
  readonly unused_since?: string;
  /** Of `Idle`: the throughput's model units times 24 hours, used or not. */
  readonly unit_hours_a_day?: number;
}

type Served = Pick<ProvisionedThroughput, 'arn' | 'name' | 'status' | 'creation_time'> & Commitment & Failure;

type AnyTransition = Omit<ModelTransition, 'task'> & Pick<Told, 'task'>;
type History = Pick<Told, 'tags'> & { readonly transitions: readonly AnyTransition[] };

/** The fields of a record that an event needs. */
export type EventRecord = Common & JobFields & Failure & History;
export interface ModelEventRecord extends Common, ModelFields, Failure, History {
  readonly deployments: readonly Served[];
  readonly provisioned_throughputs: readonly Served[];
  readonly usage?: Readonly<Record<string, Pick<Usage, 'unused_since'>>>;
}

/** Never ends in half a character. */
const truncate = (text: string, length = MAX_TEXT): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`.toWellFormed();

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** All tags, or those that fit, in the order of their keys. */
const fitTags = (tags: Told['tags']): Pick<Told, 'tags' | 'tags_left_out'> => {
  if (bytes(tags) <= MAX_TAGS_BYTES) return { tags };
  const entries = Object.entries(tags).sort(([a], [b]) => compareText(a, b));
  let room = MAX_TAGS_BYTES;
  const kept = entries.filter((entry) => {
    const size = bytes(entry);
    if (size > room) return false;
    room -= size;
    return true;
  });
  return { tags: Object.fromEntries(kept), tags_left_out: entries.length - kept.length };
};

type Present<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out what is not there. */
const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]: [string, unknown]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? truncate(value) : value]],
    ),
  ) as Present<T>;

const pick = <T extends object, K extends keyof T>(source: T, names: readonly K[]): Present<Pick<T, K>> =>
  present(Object.fromEntries(names.map((name) => [name, source[name]])) as Pick<T, K>);

/** Replaces the failure message in events if the tracker is deployed with `redactFailureMessages`. */
export const REDACTED_FAILURE_MESSAGE = 'Redacted. Read the record for the failure message.';

/** What an event tells of the transition, with the parts of its id that say whose it is. */
const told = (
  whose: readonly string[],
  { task, from, to, at, observed_at, via }: AnyTransition,
  { failure_message: message, tags }: Failure & Pick<Told, 'tags'>,
  redact: boolean,
) => ({
  transition_id: [...whose, to, at].map((part) => truncate(part)).join('#'),
  ...(task === undefined ? {} : { task }),
  from: from === null ? null : truncate(from),
  to: truncate(to),
  at,
  observed_at,
  via,
  ...(message === undefined
    ? {}
    : { failure_message: redact ? REDACTED_FAILURE_MESSAGE : truncate(message, MAX_FAILURE_MESSAGE) }),
  ...fitTags(tags),
});

/** The event about one transition of a record, as of the write that added it. */
export const transitionDetail = (record: EventRecord, transition: AnyTransition, redact = false): TransitionDetail => ({
  ...pick(record, [...COMMON, ...JOB]),
  ...told([record.job_arn, transition.task ?? 'job'], transition, record, redact),
});

/** The same of a model, or of what serves it. */
export const modelTransitionDetail = (
  record: ModelEventRecord,
  transition: AnyTransition,
  redact = false,
): ModelTransitionDetail => {
  const { resource, task = 'status', to } = transition;
  const about = (of: Failure) =>
    told([record.model_arn, resource ?? 'model', task], transition, { ...of, tags: record.tags }, redact);
  const model = pick(record, [...COMMON, ...MODEL]);
  if (resource === undefined) return { ...model, kind: 'model', ...about(record) };
  const served: Partial<Served> =
    [...record.deployments, ...record.provisioned_throughputs].find(({ arn }) => arn === resource) ?? {};
  const { model_units: units } = served;
  const isIdle = task === 'use' && to === 'Idle';
  return {
    ...model,
    kind: resourceKindOf(resource) ?? 'unknown',
    ...present({
      resource,
      resource_name: served.name,
      resource_status: served.status,
      resource_creation_time: served.creation_time,
      model_units: units,
      commitment_duration: served.commitment_duration,
      commitment_expiration_time: served.commitment_expiration_time,
      unused_since: isIdle ? record.usage?.[resource]?.unused_since : undefined,
      unit_hours_a_day: isIdle && units !== undefined ? 24 * units : undefined,
    }),
    ...about(served),
  };
};

export type AnyDetail = TransitionDetail | ModelTransitionDetail;

/** What logs say of an event. */
export const logFieldsOf = (detail: AnyDetail) => ({
  ...('model_arn' in detail && { model_arn: detail.model_arn, resource: detail.resource }),
  job_arn: detail.job_arn,
  task: detail.task,
  to: detail.to,
  via: detail.via,
});
