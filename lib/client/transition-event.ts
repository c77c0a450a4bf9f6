import * as v from 'valibot';
import { TRANSITION_DETAIL_TYPE, TRANSITION_DETAIL_VERSION, TRANSITION_EVENT_SOURCE } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import type { TransitionDetail } from '../domain/transition-event.ts';
import { oneLine, describeIssue } from '../domain/text.ts';

const text = (description: string) => v.pipe(v.string(), v.description(description));
const optional = (description: string) => v.exactOptional(text(description));
/** The format is documented but not checked: subscribers mostly print times. */
const time = (description: string) =>
  v.pipe(text(`${description} ISO-8601, UTC, with milliseconds.`), v.metadata({ format: 'date-time' }));

/** The `detail` of a transition event. Keeps unknown fields; statuses and types are open. */
export const transitionDetailSchema = v.pipe(
  v.object({
    version: v.pipe(
      v.literal(
        TRANSITION_DETAIL_VERSION,
        ({ received }) =>
          `it is ${received}, but this parser reads version "${TRANSITION_DETAIL_VERSION}": use the client of the deployed tracker`,
      ),
      v.description('Version of this detail. Grows when a reading could break; new fields alone do not change it.'),
    ),
    transition_id: text('The same for every delivery of this transition, and for no other: drop what was seen before.'),
    job_arn: text('The job: the key of its record in the jobs table.'),
    job_name: optional('The name of the job.'),
    job_id: text('The last 12 characters of the ARN.'),
    account_id: text('The account of the job.'),
    region: text('The Region of the job.'),
    customization_type: optional('FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION and so on; AWS may add some.'),
    task: optional(
      "The sub-task whose status changed: validation, data_processing or training. Absent for the job's own status.",
    ),
    from: v.pipe(v.nullable(v.string()), v.description('The status before; null where none was observed.')),
    to: text('The status that began: InProgress, Completed, Failed, Stopping, Stopped, or one that AWS adds.'),
    at: time("When it happened, by Bedrock's own timestamps."),
    observed_at: time('When the tracker saw it.'),
    via: text('How it was noticed: event, sweep, or backfill (the first sweep of an account and Region).'),
    status: optional("The job's own status after the change; differs from `to` for a sub-task and for a late event."),
    creation_time: v.exactOptional(time('When the job was created.')),
    end_time: v.exactOptional(time('When the job ended.')),
    failure_message: optional(
      "Bedrock's words about why the job failed, cut at 2,048 characters; or a sentence that says that they are redacted.",
    ),
    base_model_arn: optional('The model that the job starts from.'),
    output_model_name: optional('The name of the custom model that the job makes.'),
    output_model_arn: optional('The custom model, once there is one.'),
    tags: v.pipe(v.record(v.string(), v.string()), v.description("The job's tags by key.")),
    tags_left_out: v.exactOptional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.description('How many tags did not fit into the event.')),
    ),
  }),
  v.title('TransitionDetail'),
);

/** One event as EventBridge delivers it. */
export const transitionEventSchema = v.pipe(
  v.object({
    version: text("Version of EventBridge's envelope, not of the detail."),
    id: text("EventBridge's id of this event. A repetition has another one."),
    'detail-type': v.literal(TRANSITION_DETAIL_TYPE),
    source: v.literal(TRANSITION_EVENT_SOURCE),
    account: text('The account of the tracker.'),
    time: text('When the event was published.'),
    region: text('The Region of the tracker.'),
    resources: v.pipe(
      v.array(v.string()),
      v.description("The job's ARN, and that of the custom model where there is one."),
    ),
    detail: transitionDetailSchema,
  }),
  v.title('TransitionEvent'),
  v.description('One change of the status of an Amazon Bedrock model customization job, or of one of its sub-tasks.'),
);

/**
 * One transition as a subscriber gets it, from a rule or an archive. Times are ISO-8601 UTC. Statuses, types and `via`
 * are open: treat an unknown value as a new one.
 */
export interface TransitionEvent {
  /** Version of EventBridge's envelope, not of the detail. */
  readonly version: string;
  /** EventBridge's id of this event; a repeated event has another one. */
  readonly id: string;
  readonly 'detail-type': typeof TRANSITION_DETAIL_TYPE;
  readonly source: typeof TRANSITION_EVENT_SOURCE;
  /** The account of the tracker. */
  readonly account: string;
  /** When the event was published. */
  readonly time: string;
  /** The Region of the tracker. */
  readonly region: string;
  /** The job's ARN, and that of the custom model where there is one. */
  readonly resources: readonly string[];
  /** The transition and its job. */
  readonly detail: TransitionDetail & { readonly version: typeof TRANSITION_DETAIL_VERSION };
}

const MOST_PROBLEMS = 30;

/**
 * Parses an event from EventBridge: the object, not its JSON text. Keeps unknown fields.
 *
 * @throws TrackerError NOT_A_TRANSITION with up to 30 problems, among them another version of the detail
 */
export const parseTransition = (event: unknown): TransitionEvent => {
  const result = v.safeParse(transitionEventSchema, event);
  // The event itself, as the schema drops unknown fields.
  if (result.success) return event as TransitionEvent;
  const problems = result.issues
    .slice(0, MOST_PROBLEMS)
    .map((issue) => `${oneLine(v.getDotPath(issue) ?? 'the event', 100)}: ${oneLine(describeIssue(issue), 300)}`);
  const more = result.issues.length - problems.length;
  if (more > 0) problems.push(`and ${more} more`);
  throw new TrackerError(
    'NOT_A_TRANSITION',
    `Not an event about a transition of a model customization job: ${problems.join('; ')}.`,
  );
};

/** True for transition events of the tracker, of any version. For rules with several sources. */
export const isTransitionEvent = (event: unknown): boolean =>
  v.is(
    v.object({ source: v.literal(TRANSITION_EVENT_SOURCE), 'detail-type': v.literal(TRANSITION_DETAIL_TYPE) }),
    event,
  );
