import { GetCommand, QueryCommand, type DynamoDBDocumentClient, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { INDEX } from '../contract.ts';
import { TrackerError, type ErrorCode } from '../domain/errors.ts';
import { isCustomModelArn, isJobArn } from '../domain/identity.ts';
import type { JobRecord } from '../domain/record.ts';
import { oneLine } from '../domain/text.ts';
import type { Table } from './environment.ts';
import { wrongRequest } from './list/validate.ts';
import { RETURN_READ_UNITS, createReadUnits, type ReadUnits } from './read-units.ts';
import type { GetJobOptions, JobAnswer } from './requests.ts';

const ID = /^[a-z0-9]{12}$/;
/** The form of Bedrock's documented events, without the base model. No record has it as its key. */
const SHORT_ARN = /:model-customization-job\/(?<id>[a-z0-9]{12})$/;
/** The longest ARN of Bedrock. DynamoDB's partition keys have at most 2,048 bytes. */
export const MAX_LENGTH = 1011;
const MAX_LISTED = 10;

export interface Place {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

const placeOf = (arn: string): Place => {
  const [, , , region, account] = arn.split(':');
  return { account, region };
};

export const isAt = (arn: string, wanted: Place): boolean => {
  const { account, region } = placeOf(arn);
  return (wanted.account ?? account) === account && (wanted.region ?? region) === region;
};

/** The error for a name that several resources have. */
export const ambiguous = (code: ErrorCode, what: string, text: string, arns: readonly string[]): TrackerError => {
  const listed = [...arns].sort().slice(0, MAX_LISTED).join(', ');
  const more = arns.length > MAX_LISTED ? ` and ${arns.length - MAX_LISTED} more` : '';
  return new TrackerError(
    code,
    `${arns.length} ${what} are called ${oneLine(text, 200)}. Give the account and region, or the ARN. They are ${listed}${more}.`,
  );
};

/** Reads a table for one call. Its requests share one cost and one signal. */
export interface Finder<Item> {
  readonly table: Table;
  readonly read: (arn: string, consistent: boolean) => Promise<Item | undefined>;
  /** The keys of the records with this value, newest first. */
  readonly lookUp: (index: string, value: string) => Promise<readonly string[]>;
}

export const createFinder = <Item>(
  client: DynamoDBDocumentClient,
  table: Table,
  spent: ReadUnits,
  abortSignal?: AbortSignal,
): Finder<Item> => {
  const options = abortSignal === undefined ? {} : { abortSignal };
  const { tableName, schema } = table;
  return {
    table,
    async read(arn, consistent) {
      const Key = { [schema.partitionKey]: arn };
      const answer = await client.send(
        new GetCommand({ TableName: tableName, Key, ConsistentRead: consistent, ...RETURN_READ_UNITS }),
        options,
      );
      spent.count(answer);
      return answer.Item as Item | undefined;
    },
    async lookUp(index, value) {
      const arns: string[] = [];
      let start: QueryCommandInput['ExclusiveStartKey'];
      do {
        const keys = { '#key': schema.indexes[index]?.partitionKey ?? '', '#arn': schema.partitionKey };
        const command = new QueryCommand({
          TableName: tableName,
          IndexName: index,
          KeyConditionExpression: '#key = :value',
          ProjectionExpression: '#arn',
          ExpressionAttributeNames: keys,
          ExpressionAttributeValues: { ':value': value },
          ScanIndexForward: false,
          ...RETURN_READ_UNITS,
          ...(start && { ExclusiveStartKey: start }),
        });
        const answer = await client.send(command, options);
        spent.count(answer);
        arns.push(...(answer.Items ?? []).map((item) => String(item[schema.partitionKey])));
        start = answer.LastEvaluatedKey;
      } while (start !== undefined);
      return arns;
    },
  };
};

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

const readJob = async (
  client: DynamoDBDocumentClient,
  table: Table,
  find: (finder: Finder<JobRecord>) => Promise<string | undefined>,
  consistent = true,
): Promise<JobAnswer> => {
  const spent = createReadUnits();
  const finder = createFinder<JobRecord>(client, table, spent);
  const arn = await find(finder);
  const job = arn === undefined ? undefined : await finder.read(arn, consistent);
  return { job, ...spent.cost() };
};

/** The record of the job with an ARN, name or id. */
export const findJob = (
  client: DynamoDBDocumentClient,
  table: Table,
  text: string,
  { consistent, ...place }: GetJobOptions = {},
): Promise<JobAnswer> => readJob(client, table, (finder) => findArn(finder, text, place), consistent);

/** The record of the job that made a model. */
export const findJobThatMade = async (
  client: DynamoDBDocumentClient,
  table: Table,
  outputModelArn: string,
): Promise<JobAnswer> => {
  if (typeof outputModelArn !== 'string' || !isCustomModelArn(outputModelArn)) {
    throw wrongRequest(['name a custom model by its ARN, arn:aws:bedrock:<Region>:<account>:custom-model/…']);
  }
  // Of several records the newest counts, though a model is made only once.
  return readJob(client, table, async (finder) => (await finder.lookUp(INDEX.byOutputModel, outputModelArn))[0]);
};
