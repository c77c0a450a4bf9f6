import * as v from 'valibot';
import {
  MODEL_TRANSITION_DETAIL_TYPE,
  TRANSITION_DETAIL_TYPE,
  TRANSITION_DETAIL_VERSION,
  TRANSITION_EVENT_SOURCE,
} from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import type { ModelTransitionDetail, TransitionDetail } from '../domain/transition-event.ts';
import { oneLine, describeIssue } from '../domain/text.ts';

const text = (description: string) => v.pipe(v.string(), v.description(description));
const optional = (description: string) => v.exactOptional(text(description));
const number = (description: string) => v.exactOptional(v.pipe(v.number(), v.integer(), v.description(description)));
/** The format is documented but not checked: subscribers mostly print times. */
const time = (description: string) =>
  v.pipe(text(`${description} ISO-8601, UTC, with milliseconds.`), v.metadata({ format: 'date-time' }));

const detailOf = <E extends v.ObjectEntries>(title: string, what: 'job' | 'model', own: E) =>
  v.pipe(
    v.object({
      version: v.pipe(
        v.literal(
          TRANSITION_DETAIL_VERSION,
          ({ received }) =>
            `it is ${received}, but this parser reads version "${TRANSITION_DETAIL_VERSION}": use the client of the deployed tracker`,
        ),
        v.description('Version of this detail. Grows when a reading could break; new fields alone do not change it.'),
      ),
      transition_id: text(
        'The same for every delivery of this transition, and for no other: drop what was seen before.',
      ),
      account_id: text(`The account of the ${what}.`),
      region: text(`The Region of the ${what}.`),
      customization_type: optional('FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION and so on; AWS may add some.'),
      from: v.pipe(v.nullable(v.string()), v.description('The status before; null where none was observed.')),
      at: time("When it happened, by Bedrock's own timestamps."),
      observed_at: time('When the tracker saw it.'),
      via: text('How it was noticed: event, sweep, or backfill (the first sweep of an account and Region).'),
      creation_time: v.exactOptional(time(`When the ${what} was created.`)),
      failure_message: optional(
        "Bedrock's words about why it failed, cut at 2,048 characters; or a sentence that says that they are redacted.",
      ),
      base_model_arn: optional(`The model that the ${what} starts from.`),
      tags: v.pipe(v.record(v.string(), v.string()), v.description(`The ${what}'s tags by key.`)),
      tags_left_out: v.exactOptional(
        v.pipe(v.number(), v.integer(), v.minValue(1), v.description('How many tags did not fit into the event.')),
      ),
      ...own,
    }),
    v.title(title),
  );

/** The `detail` of a transition event. Keeps unknown fields; statuses and types are open. */
export const transitionDetailSchema = detailOf('TransitionDetail', 'job', {
  job_arn: text('The job: the key of its record in the jobs table.'),
  job_name: optional('The name of the job.'),
  job_id: text('The last 12 characters of the ARN.'),
  task: optional(
    "The sub-task whose status changed: validation, data_processing or training. Absent for the job's own status.",
  ),
  to: text('The status that began: InProgress, Completed, Failed, Stopping, Stopped, or one that AWS adds.'),
  status: optional("The job's own status after the change; differs from `to` for a sub-task and for a late event."),
  end_time: v.exactOptional(time('When the job ended.')),
  output_model_name: optional('The name of the custom model that the job makes.'),
  output_model_arn: optional('The custom model, once there is one.'),
});

/** The same of a custom model, or of what serves it. */
export const modelTransitionDetailSchema = detailOf('ModelTransitionDetail', 'model', {
  model_arn: text('The model: the key of its record in the models table.'),
  model_name: optional('The name of the model.'),
  model_id: text('The last 12 characters of the ARN.'),
  job_arn: optional('The job that made the model; absent for imported and copied models.'),
  kind: text('What changed: model, deployment or throughput.'),
  resource: optional(
    'ARN of the deployment or throughput; absent for the model itself, as are the fields named below.',
  ),
  resource_name: optional('Its name.'),
  resource_status: optional('Its status after the change.'),
  resource_creation_time: v.exactOptional(time('When it was created.')),
  task: optional('`use` for a change between Used and Idle; absent for a status.'),
  to: text(
    'What began: a status of Bedrock, Removed (Bedrock no longer shows it here), Idle, Used, or one that AWS adds.',
  ),
  status: optional("The model's own status after the change."),
  unused_since: v.exactOptional(time('Of Idle: since when nothing used it.')),
  unit_hours_a_day: number('Of Idle: the model units of the throughput times 24 hours, used or not.'),
  model_units: number('Model units of the throughput.'),
  commitment_duration: optional('OneMonth or SixMonths; absent without a commitment.'),
  commitment_expiration_time: v.exactOptional(
    time('When the commitment ends: before, the throughput cannot be deleted.'),
  ),
});

const eventOf = <T extends string, D extends v.GenericSchema>(
  title: string,
  about: string,
  resources: string,
  type: T,
  detail: D,
) =>
  v.pipe(
    v.object({
      version: text("Version of EventBridge's envelope, not of the detail."),
      id: text("EventBridge's id of this event. A repetition has another one."),
      'detail-type': v.literal(type),
      source: v.literal(TRANSITION_EVENT_SOURCE),
      account: text('The account of the tracker.'),
      time: text('When the event was published.'),
      region: text('The Region of the tracker.'),
      resources: v.pipe(v.array(v.string()), v.description(resources)),
      detail,
    }),
    v.title(title),
    v.description(about),
  );

/** One event as EventBridge delivers it. */
export const transitionEventSchema = eventOf(
  'TransitionEvent',
  'One change of the status of an Amazon Bedrock model customization job, or of one of its sub-tasks.',
  "The job's ARN, and that of the custom model where there is one.",
  TRANSITION_DETAIL_TYPE,
  transitionDetailSchema,
);
/** The same about a custom model. */
export const modelTransitionEventSchema = eventOf(
  'ModelTransitionEvent',
  'One change of an Amazon Bedrock custom model, or of a deployment or provisioned throughput that serves it.',
  "The model's ARN, that of the deployment or throughput, and that of the job that made the model.",
  MODEL_TRANSITION_DETAIL_TYPE,
  modelTransitionDetailSchema,
);

/**
 * One transition as a subscriber gets it, from a rule or an archive. Times are ISO-8601 UTC. Statuses, types and `via`
 * are open: treat an unknown value as a new one.
 */
export interface TransitionEvent<Type extends string = typeof TRANSITION_DETAIL_TYPE, Detail = TransitionDetail> {
  /** Version of EventBridge's envelope, not of the detail. */
  readonly version: string;
  /** EventBridge's id of this event; a repeated event has another one. */
  readonly id: string;
  readonly 'detail-type': Type;
  readonly source: typeof TRANSITION_EVENT_SOURCE;
  /** The account of the tracker. */
  readonly account: string;
  /** When the event was published. */
  readonly time: string;
  /** The Region of the tracker. */
  readonly region: string;
  /** ARNs: of the job and its custom model, or of the model, what serves it, and its job; those that there are. */
  readonly resources: readonly string[];
  /** The transition and its job or model. */
  readonly detail: Detail & { readonly version: typeof TRANSITION_DETAIL_VERSION };
}
/** One transition of a custom model, or of what serves it. */
export type ModelTransitionEvent = TransitionEvent<typeof MODEL_TRANSITION_DETAIL_TYPE, ModelTransitionDetail>;

const MOST_PROBLEMS = 30;

const parse = (schema: v.GenericSchema, event: unknown, about: string): unknown => {
  const result = v.safeParse(schema, event);
  // The event itself, as the schema drops unknown fields.
  if (result.success) return event;
  const problems = result.issues
    .slice(0, MOST_PROBLEMS)
    .map((issue) => `${oneLine(v.getDotPath(issue) ?? 'the event', 100)}: ${oneLine(describeIssue(issue), 300)}`);
  const more = result.issues.length - problems.length;
  if (more > 0) problems.push(`and ${more} more`);
  throw new TrackerError('NOT_A_TRANSITION', `Not an event about a transition of a ${about}: ${problems.join('; ')}.`);
};

/**
 * Parses an event from EventBridge: the object, not its JSON text. Keeps unknown fields.
 *
 * @throws TrackerError NOT_A_TRANSITION with up to 30 problems, among them another version of the detail
 */
export const parseTransition = (event: unknown): TransitionEvent =>
  parse(transitionEventSchema, event, 'model customization job') as TransitionEvent;

/** The same for an event about a custom model, or about what serves it. */
export const parseModelTransition = (event: unknown): ModelTransitionEvent =>
  parse(modelTransitionEventSchema, event, 'custom model') as ModelTransitionEvent;

const isEvent = (type: string, event: unknown): boolean =>
  v.is(v.object({ source: v.literal(TRANSITION_EVENT_SOURCE), 'detail-type': v.literal(type) }), event);

/** True for transition events about jobs, of any version. For rules with several sources. */
export const isTransitionEvent = (event: unknown): boolean => isEvent(TRANSITION_DETAIL_TYPE, event);

/** True for transition events about models, of any version. */
export const isModelTransitionEvent = (event: unknown): boolean => isEvent(MODEL_TRANSITION_DETAIL_TYPE, event);
