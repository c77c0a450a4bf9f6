import { compareText } from './text.ts';
import type { CatalogFields, Identity, JobRecord, Transition } from './record.ts';

/** Longer than any name, ARN or status that Bedrock has (an ARN ends at 1,011 characters). */
const MAX_TEXT = 1_024;
/** What Bedrock's model allows for a failure message. */
const MAX_FAILURE_MESSAGE = 2_048;
/** Three times what Bedrock's 50 tags of 128 + 256 characters can take. */
const MAX_TAGS_BYTES = 65_536;

/**
 * One transition of a job and what a subscriber needs to know of the job: under the record's own names, each absent
 * where the record has none. It has no field for hyperparameters or locations of data, but Bedrock's words in
 * `failure_message` can name a bucket and a key. At most about 150 KB as JSON, so that it always fits into one event of
 * 256 KB.
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
  /** How many tags were left out because all of them would not have fitted; absent where none. */
  readonly tags_left_out?: number;
}

/** What an event is made of: the record without what no event carries. */
export type EventRecord = Pick<JobRecord, 'tags' | 'transitions'> &
  Pick<
    TransitionDetail,
    Exclude<keyof TransitionDetail, 'tags' | 'tags_left_out' | 'transition_id' | keyof Transition>
  >;

/** A text of bounded length, never ending in half a character. */
const truncate = (text: string, length = MAX_TEXT): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`.toWellFormed();

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The tags, or in the order of their keys those that fit. */
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

/** Stands in an event for a failure message that the tracker is set to keep out of events. */
export const REDACTED_FAILURE_MESSAGE = 'Redacted. Read the record for the failure message.';

const failureMessage = (
  { failure_message: message }: EventRecord,
  redact: boolean,
): Pick<TransitionDetail, 'failure_message'> => {
  if (message === undefined) return {};
  return { failure_message: redact ? REDACTED_FAILURE_MESSAGE : truncate(message, MAX_FAILURE_MESSAGE) };
};

/**
 * What is published about one transition of a record, as the record was after the write that added it.
 *
 * @param redact whether the failure message stays out of the event
 */
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
