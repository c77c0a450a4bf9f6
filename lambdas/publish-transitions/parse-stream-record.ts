import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import * as v from 'valibot';
import { TrackerError } from '../../lib/domain/errors.ts';
import { SUB_TASKS, type Transition } from '../../lib/domain/record.ts';
import type { EventRecord } from '../../lib/domain/transition-event.ts';
import { oneLine, describeIssue } from '../../lib/domain/text.ts';
import type { RecordWrite } from '../../lib/tracking/publish-transitions.ts';

// Not v.record, which drops keys such as `constructor`, a valid tag.
const isTextByKey = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string');

// Own messages, as valibot's quote values.
const text = v.string('must be a string');
const optional = v.exactOptional(text);
const transition = v.object(
  {
    task: v.exactOptional(v.picklist(SUB_TASKS, 'must be a sub-task')),
    from: v.nullable(text),
    to: text,
    at: text,
    observed_at: text,
    via: v.picklist(['event', 'sweep', 'backfill'], 'must be event, sweep or backfill'),
  },
  'must be there, with its members',
) satisfies v.GenericSchema<unknown, Transition>;

/** Only what events need, so that no other field can stop a transition. */
const image = v.object(
  {
    job_arn: text,
    job_id: text,
    account_id: text,
    region: text,
    job_name: optional,
    customization_type: optional,
    status: optional,
    creation_time: optional,
    end_time: optional,
    failure_message: optional,
    base_model_arn: optional,
    output_model_name: optional,
    output_model_arn: optional,
    tags: v.custom<EventRecord['tags']>(isTextByKey, 'must be strings by key'),
    transitions: v.array(transition, 'must be a list'),
  },
  'must be there, with its members',
) satisfies v.GenericSchema<unknown, EventRecord>;

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];

const notUnderstood = (what: string, cause?: unknown): TrackerError =>
  new TrackerError('MESSAGE_NOT_UNDERSTOOD', `Not a write of the jobs table: ${what}.`, { cause });

const parseImage = (which: string, attributes: Image): EventRecord => {
  if (typeof attributes !== 'object' || (attributes as object | null) === null) {
    throw notUnderstood(`it has no ${which}; the table's stream must have NEW_AND_OLD_IMAGES`);
  }
  const wanted = Object.entries(attributes).filter(([name]) => Object.hasOwn(image.entries, name));
  let item: unknown;
  try {
    // Lambda's type of an attribute value and the SDK's are the same JSON.
    item = unmarshall(Object.fromEntries(wanted) as Record<string, AttributeValue>);
  } catch (error) {
    throw notUnderstood(`its ${which} is not an item of DynamoDB`, error);
  }
  const result = v.safeParse(image, item);
  if (result.success) return result.output;
  const problems = result.issues
    .slice(0, 10)
    .map((issue) => oneLine(`${v.getDotPath(issue) ?? which}: ${describeIssue(issue)}`, 200));
  throw notUnderstood(`its ${which} is not a record (${problems.join('; ')})`);
};

/** Reads one record of the stream. Throws MESSAGE_NOT_UNDERSTOOD without a value of the record. */
export const parseStreamRecord = ({ eventName, dynamodb }: DynamoDBRecord): RecordWrite => {
  switch (eventName) {
    case 'INSERT':
      return { previous: undefined, record: parseImage('NewImage', dynamodb?.NewImage) };
    case 'MODIFY':
      return {
        previous: parseImage('OldImage', dynamodb?.OldImage),
        record: parseImage('NewImage', dynamodb?.NewImage),
      };
    case 'REMOVE':
      return { previous: undefined, record: undefined };
    default:
      throw notUnderstood(
        `its eventName is ${typeof eventName === 'string' ? oneLine(eventName, 100) : 'not a string'}`,
      );
  }
};
