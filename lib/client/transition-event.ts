import * as v from 'valibot';
import { TRANSITION_DETAIL_TYPE, TRANSITION_DETAIL_VERSION, TRANSITION_EVENT_SOURCE } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import type { TransitionDetail } from '../domain/transition-event.ts';
import { oneLine, describeIssue } from '../domain/text.ts';

const text = (description: string) => v.pipe(v.string(), v.description(description));
const optional = (description: string) => v.exactOptional(text(description));
/** The form is told and not checked: a subscriber mostly prints it, and an event is worth more than its form. */
const time = (description: string) =>
  v.pipe(text(`${description} ISO-8601, UTC, with milliseconds.`), v.metadata({ format: 'date-time' }));

/** What `detail` of a transition event is. Unknown fields are allowed and kept; statuses and types are open. */
export const transitionDetailSchema = v.pipe(
  v.object({
    version: v.pipe(
      v.literal(
        TRANSITION_DETAIL_VERSION,
        ({ received }) =>
          `it is ${received}, and this parser reads version "${TRANSITION_DETAIL_VERSION}": use the client of the tracker that is deployed`,
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
 * One transition as a subscriber gets it, whether by a rule's target or an archive. Times are ISO-8601 UTC. Statuses,
 * types and `via` are open: treat a value that you do not know as one that was added.
 */
export interface TransitionEvent {
  /** Version of EventBridge's envelope, not of the detail. */
  readonly version: string;
  /** EventBridge's id of this event. A repetition has another one. */
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
  /** The transition, and what is to know of its job. */
  readonly detail: TransitionDetail & { readonly version: typeof TRANSITION_DETAIL_VERSION };
}

const MOST_PROBLEMS = 30;

/**
 * Reads what a subscriber got from EventBridge: the event itself, not its JSON text. Fields that are not known yet are
 * kept.
 *
 * @throws TrackerError NOT_A_TRANSITION listing what is wrong, up to 30 things; another version of the detail among it
 */
export const parseTransition = (event: unknown): TransitionEvent => {
  const result = v.safeParse(transitionEventSchema, event);
  // What came, and not what the schema knows of it.
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

/** True for an event of the tracker about a transition, of whatever version: what a rule for several sources sorts by. */
export const isTransitionEvent = (event: unknown): boolean =>
  v.is(
    v.object({ source: v.literal(TRANSITION_EVENT_SOURCE), 'detail-type': v.literal(TRANSITION_DETAIL_TYPE) }),
    event,
  );
