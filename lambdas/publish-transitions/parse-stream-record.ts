import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import * as v from 'valibot';
import { MODELS_TABLE } from '../../lib/contract.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { SUB_TASKS } from '../../lib/domain/record.ts';
import type { EventRecord, ModelEventRecord } from '../../lib/domain/transition-event.ts';
import { oneLine, describeIssue } from '../../lib/domain/text.ts';
import type { AnyRecord, RecordWrite } from '../../lib/tracking/publish-transitions.ts';

// Not v.record, which drops keys such as `constructor`, a valid tag.
const isTextByKey = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string');

// Own messages, as valibot's quote values.
const text = v.string('must be a string');
const MEMBERS = 'must be there, with its members';
const listOf = <E extends v.ObjectEntries>(entries: E) => v.array(v.object(entries, MEMBERS), 'must be a list');
const optional = <K extends string>(...names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, v.exactOptional(text)])) as Record<
    K,
    v.ExactOptionalSchema<typeof text, undefined>
  >;

const change = {
  from: v.nullable(text),
  to: text,
  at: text,
  observed_at: text,
  via: v.picklist(['event', 'sweep', 'backfill'], 'must be event, sweep or backfill'),
};
const common = {
  account_id: text,
  region: text,
  ...optional('customization_type', 'status', 'creation_time', 'failure_message', 'base_model_arn'),
  tags: v.custom<EventRecord['tags']>(isTextByKey, 'must be strings by key'),
};

/** Only what events need, so that no other field can stop a transition. */
const job = v.object(
  {
    ...common,
    job_arn: text,
    job_id: text,
    ...optional('job_name', 'end_time', 'output_model_name', 'output_model_arn'),
    transitions: listOf({ ...change, task: v.exactOptional(v.picklist(SUB_TASKS, 'must be a sub-task')) }),
  },
  MEMBERS,
) satisfies v.GenericSchema<unknown, EventRecord>;

const served = listOf({
  arn: text,
  status: text,
  model_units: v.exactOptional(v.number('must be a number')),
  ...optional('name', 'creation_time', 'failure_message', 'commitment_duration', 'commitment_expiration_time'),
});
const model = v.object(
  {
    ...common,
    model_arn: text,
    model_id: text,
    ...optional('model_name', 'job_arn'),
    transitions: listOf({ ...change, ...optional('resource', 'task') }),
    deployments: served,
    provisioned_throughputs: served,
    usage: v.exactOptional(v.record(text, v.object(optional('unused_since'), MEMBERS), 'must be there, by ARN')),
  },
  MEMBERS,
) satisfies v.GenericSchema<unknown, ModelEventRecord>;

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];

const notUnderstood = (what: string, cause?: unknown): TrackerError =>
  new TrackerError('MESSAGE_NOT_UNDERSTOOD', `Not a write of the jobs or models table: ${what}.`, { cause });

const parseImage = (schema: typeof job | typeof model, which: string, attributes: Image): AnyRecord => {
  if (typeof attributes !== 'object' || (attributes as object | null) === null) {
    throw notUnderstood(`it has no ${which}; the table's stream must have NEW_AND_OLD_IMAGES`);
  }
  const wanted = Object.entries(attributes).filter(([name]) => Object.hasOwn(schema.entries, name));
  let item: unknown;
  try {
    // Lambda's type of an attribute value and the SDK's are the same JSON.
    item = unmarshall(Object.fromEntries(wanted) as Record<string, AttributeValue>);
  } catch (error) {
    throw notUnderstood(`its ${which} is not an item of DynamoDB`, error);
  }
  const result = v.safeParse(schema, item);
  if (result.success) return result.output;
  const problems = result.issues
    .slice(0, 10)
    .map((issue) => oneLine(`${v.getDotPath(issue) ?? which}: ${describeIssue(issue)}`, 200));
  throw notUnderstood(`its ${which} is not a record (${problems.join('; ')})`);
};

const has = (attributes: object | null | undefined, name: string): boolean => Object.hasOwn(attributes ?? {}, name);

/** Reads one record of the stream. Throws MESSAGE_NOT_UNDERSTOOD without a value of the record. */
export const parseStreamRecord = ({ eventName, dynamodb }: DynamoDBRecord): RecordWrite => {
  const { Keys, OldImage, NewImage } = dynamodb ?? {};
  // A pointer leads from what serves a model to the model: it has no status.
  if (has(NewImage, 'serves_model_arn')) return {};
  const schema = has(Keys, MODELS_TABLE.partitionKey) ? model : job;
  switch (eventName) {
    case 'INSERT':
      return { record: parseImage(schema, 'NewImage', NewImage) };
    case 'MODIFY':
      return {
        previous: parseImage(schema, 'OldImage', OldImage),
        record: parseImage(schema, 'NewImage', NewImage),
      };
    case 'REMOVE':
      return {};
    default:
      throw notUnderstood(
        `its eventName is ${typeof eventName === 'string' ? oneLine(eventName, 100) : 'not a string'}`,
      );
  }
};
