import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import * as v from 'valibot';
import { TrackerError } from '../../lib/domain/errors.ts';
import { SUB_TASKS, type Transition } from '../../lib/domain/record.ts';
import type { EventRecord } from '../../lib/domain/transition-event.ts';
import { withoutValue } from '../../lib/domain/wording.ts';
import type { RecordWrite } from '../../lib/tracking/publish-transitions.ts';

// Not v.record, which leaves out keys such as `constructor`: they are valid tags.
const isTextByKey = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string');

const optional = v.exactOptional(v.string());
const transition = v.object({
  task: v.exactOptional(v.picklist(SUB_TASKS)),
  from: v.nullable(v.string()),
  to: v.string(),
  at: v.string(),
  observed_at: v.string(),
  via: v.picklist(['event', 'sweep', 'backfill']),
}) satisfies v.GenericSchema<unknown, Transition>;

/** What events need of a record. All else is not looked at, so that nothing else can keep a transition from going out. */
const image = v.object({
  job_arn: v.string(),
  job_id: v.string(),
  account_id: v.string(),
  region: v.string(),
  job_name: optional,
  customization_type: optional,
  status: optional,
  creation_time: optional,
  end_time: optional,
  failure_message: optional,
  base_model_arn: optional,
  output_model_name: optional,
  output_model_arn: optional,
  tags: v.custom<EventRecord['tags']>(isTextByKey, 'must be texts by key'),
  transitions: v.array(transition),
}) satisfies v.GenericSchema<unknown, EventRecord>;

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];

const notUnderstood = (what: string, cause?: unknown): TrackerError =>
  new TrackerError('MESSAGE_NOT_UNDERSTOOD', `Not a write of the jobs table: ${what}.`, { cause });

const parseImage = (which: string, attributes: Image): EventRecord => {
  if (attributes === undefined) {
    throw notUnderstood(`it has no ${which}; the table's stream must have NEW_AND_OLD_IMAGES`);
  }
  const wanted = Object.entries(attributes).filter(([name]) => name in image.entries);
  let item: unknown;
  try {
    // Lambda's type of an attribute value and the SDK's are the same JSON.
    item = unmarshall(Object.fromEntries(wanted) as Record<string, AttributeValue>);
  } catch (error) {
    throw notUnderstood(`its ${which} is no item of DynamoDB`, error);
  }
  const result = v.safeParse(image, item);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) =>
    `${v.getDotPath(issue) ?? which}: ${withoutValue(issue)}`.slice(0, 200),
  );
  throw notUnderstood(`its ${which} is no record (${problems.slice(0, 10).join('; ')})`);
};

/**
 * Reads one record of the jobs table's stream. Throws MESSAGE_NOT_UNDERSTOOD, saying what was wrong, without a value of
 * the record.
 */
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
      throw notUnderstood(`its eventName is ${String(eventName).slice(0, 100)}`);
  }
};
