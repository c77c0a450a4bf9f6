import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { INDEX } from '../contract.ts';
import { isCustomModelArn, isJobArn } from '../domain/identity.ts';
import type { JobRecord } from '../domain/record.ts';
import { oneLine } from '../domain/text.ts';
import type { Table } from './environment.ts';
import { ambiguous, createFinder, isAt, placeOf, type Finder, type Place } from './finder.ts';
import { wrongRequest } from './list/validate.ts';
import { createReadUnits } from './read-units.ts';
import type { GetJobOptions, JobAnswer } from './requests.ts';

const ID = /^[a-z0-9]{12}$/;
/** The form of Bedrock's documented events, without the base model. No record has it as its key. */
const SHORT_ARN = /:model-customization-job\/(?<id>[a-z0-9]{12})$/;
/** The longest ARN of Bedrock. DynamoDB's partition keys have at most 2,048 bytes. */
export const MAX_LENGTH = 1011;
/** The ARNs that a text may mean. */
const candidatesOf = async (finder: Finder<JobRecord>, text: string): Promise<readonly string[]> => {
  const short = SHORT_ARN.exec(text)?.groups?.['id'];
  if (short !== undefined) {
    const arns = await finder.lookUp(INDEX.byJobId, short);
    return arns.filter((arn) => isAt(arn, placeOf(text)));
  }
  // A name can look like an id.
  const indexes = ID.test(text) ? ([INDEX.byJobId, INDEX.byJobName] as const) : ([INDEX.byJobName] as const);
  const found = await Promise.all(indexes.map((index) => finder.lookUp(index, text)));
  return [...new Set(found.flat())];
};

/** The full ARN of the job with an ARN, name or id, or undefined if the table has none. */
export const findArn = async (
  finder: Finder<JobRecord>,
  text: string,
  place: Place = {},
): Promise<string | undefined> => {
  if (typeof text !== 'string' || text === '' || text.length > MAX_LENGTH) {
    throw wrongRequest(['name a job by its ARN, its name or the 12 characters of its id']);
  }
  if (text.startsWith('arn:')) {
    if (!isJobArn(text)) throw wrongRequest([`${oneLine(text, 200)} is not the ARN of a model customization job`]);
    if (!SHORT_ARN.test(text)) return text;
  }
  const arns = (await candidatesOf(finder, text)).filter((arn) => isAt(arn, place));
  if (arns.length > 1) throw ambiguous('AMBIGUOUS_JOB', 'jobs', text, arns);
  return arns[0];
};

/** The record of the job with an ARN, name or id. */
export const findJob = async (
  client: DynamoDBDocumentClient,
  table: Table,
  text: string,
  { consistent = true, ...place }: GetJobOptions = {},
): Promise<JobAnswer> => {
  const spent = createReadUnits();
  const finder = createFinder<JobRecord>(client, table, spent);
  const arn = await findArn(finder, text, place);
  const job = arn === undefined ? undefined : await finder.read(arn, consistent);
  return { job, ...spent.cost() };
};

/** The record of the job that made a model. */
export const findJobThatMade = async (
  client: DynamoDBDocumentClient,
  table: Table,
  outputModelArn: string,
): Promise<JobAnswer> => {
  if (typeof outputModelArn !== 'string' || !isCustomModelArn(outputModelArn)) {
    throw wrongRequest(['name a custom model by its ARN, arn:aws:bedrock:<Region>:<account>:custom-model/…']);
  }
  const spent = createReadUnits();
  const finder = createFinder<JobRecord>(client, table, spent);
  // Of several records the newest counts, though a model is made only once.
  const [arn] = await finder.lookUp(INDEX.byOutputModel, outputModelArn);
  const job = arn === undefined ? undefined : await finder.read(arn, true);
  return { job, ...spent.cost() };
};
