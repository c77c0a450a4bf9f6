import { compareText } from './text.ts';
import type { CatalogFields, Identity, JobRecord, Transition } from './record.ts';

/** Longer than any name, ARN (1,011 characters) or status of Bedrock. */
const MAX_TEXT = 1_024;
/** The limit of Bedrock's model. */
const MAX_FAILURE_MESSAGE = 2_048;
/** Three times the size of Bedrock's 50 tags of 128 + 256 characters. */
const MAX_TAGS_BYTES = 65_536;

/**
 * One transition of a job, with the fields of the job that subscribers need. It has no hyperparameters and no data
 * locations, but Bedrock's `failure_message` can name a bucket and a key. At most about 150 KB as JSON, so that it
 * always fits into one event (256 KB).
 */
export interface TransitionDetail
  extends
    Pick<CatalogFields, 'job_arn' | 'job_name' | 'customization_type' | 'creation_time' | 'end_time'>,
    Pick<CatalogFields, 'failure_message' | 'base_model_arn' | 'output_model_name' | 'output_model_arn' | 'status'>,
    Pick<Identity, 'account_id' | 'region' | 'job_id'> {
  /** The same for each delivery of the same transition, and for no other: `<job_arn>#<task or job>#<to>#<at>`. */
  readonly transition_id: string;
  /** The phase whose status changed; absent for the job's own status. */
  readonly task?: string;
  readonly from: string | null;
  readonly to: string;
  readonly at: string;
  readonly observed_at: string;
  readonly via: string;
  readonly tags: Readonly<Record<string, string>>;
  /** How many tags did not fit; absent if all did. */
  readonly tags_left_out?: number;
}

/** The fields of a record that an event needs. */
export type EventRecord = Pick<JobRecord, 'tags' | 'transitions'> &
  Pick<
    TransitionDetail,
    Exclude<keyof TransitionDetail, 'tags' | 'tags_left_out' | 'transition_id' | keyof Transition>
  >;

/** Never ends in half a character. */
const truncate = (text: string, length = MAX_TEXT): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`.toWellFormed();

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** All tags, or those that fit, in the order of their keys. */
const fitTags = (tags: EventRecord['tags']): Pick<TransitionDetail, 'tags' | 'tags_left_out'> => {
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

const COPIED = [
  'job_arn',
  'job_name',
  'job_id',
  'account_id',
  'region',
  'customization_type',
  'status',
  'creation_time',
  'end_time',
  'base_model_arn',
  'output_model_name',
  'output_model_arn',
] as const satisfies readonly (keyof EventRecord)[];

/** Replaces the failure message in events if the tracker is deployed with `redactFailureMessages`. */
export const REDACTED_FAILURE_MESSAGE = 'Redacted. Read the record for the failure message.';

const failureMessage = (
  { failure_message: message }: EventRecord,
  redact: boolean,
): Pick<TransitionDetail, 'failure_message'> => {
  if (message === undefined) return {};
  return { failure_message: redact ? REDACTED_FAILURE_MESSAGE : truncate(message, MAX_FAILURE_MESSAGE) };
};

/** The event about one transition of a record, as of the write that added it. */
export const transitionDetail = (record: EventRecord, transition: Transition, redact = false): TransitionDetail => {
  const { task, from, to, at, observed_at, via } = transition;
  const copied = COPIED.flatMap((name): [string, string][] => {
    const value = record[name];
    return value === undefined ? [] : [[name, truncate(value)]];
  });
  const status = truncate(to);
  return {
    transition_id: [truncate(record.job_arn), task ?? 'job', status, at].join('#'),
    ...(Object.fromEntries(copied) as Pick<EventRecord, (typeof COPIED)[number]>),
    ...(task === undefined ? {} : { task }),
    from: from === null ? null : truncate(from),
    to: status,
    at,
    observed_at,
    via,
    ...failureMessage(record, redact),
    ...fitTags(record.tags),
  };
};
