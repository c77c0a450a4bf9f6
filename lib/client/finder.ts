import {
  BatchGetCommand,
  GetCommand,
  QueryCommand,
  type DynamoDBDocumentClient,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { TrackerError, type ErrorCode } from '../domain/errors.ts';
import { oneLine } from '../domain/text.ts';
import type { Table } from './environment.ts';
import { RETURN_READ_UNITS, type ReadUnits } from './read-units.ts';

const MAX_LISTED = 10;

/** Where a resource is. */
export interface Place {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

export const placeOf = (arn: string): Place => {
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

/** The query for the records with this value, newest first. */
const lookupInput = ({ tableName, schema }: Table, index: string, value: string): QueryCommandInput => ({
  TableName: tableName,
  IndexName: index,
  KeyConditionExpression: '#key = :value',
  ProjectionExpression: '#arn',
  ExpressionAttributeNames: { '#key': schema.indexes[index]?.partitionKey ?? '', '#arn': schema.partitionKey },
  ExpressionAttributeValues: { ':value': value },
  ScanIndexForward: false,
  ...RETURN_READ_UNITS,
});

/** Reads a table for one call. Its requests share one cost and one signal. */
export interface Finder<Item> {
  readonly table: Table;
  readonly read: (arn: string, consistent: boolean) => Promise<Item | undefined>;
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
        const input = { ...lookupInput(table, index, value), ...(start && { ExclusiveStartKey: start }) };
        const answer = await client.send(new QueryCommand(input), options);
        spent.count(answer);
        arns.push(...(answer.Items ?? []).map((item) => String(item[schema.partitionKey])));
        start = answer.LastEvaluatedKey;
      } while (start !== undefined);
      return arns;
    },
  };
};

/** One record of each of two tables, in one request unless DynamoDB is throttled. */
export const readBoth = async <First, Second>(
  client: DynamoDBDocumentClient,
  first: readonly [Finder<First>, arn: string],
  second: readonly [Finder<Second>, arn: string],
  consistent: boolean,
  spent: ReadUnits,
): Promise<readonly [First | undefined, Second | undefined]> => {
  const entries = [first, second].map(([{ table }, arn]) => {
    const key = { [table.schema.partitionKey]: arn };
    return [table.tableName, { Keys: [key], ConsistentRead: consistent }];
  });
  const command = new BatchGetCommand({ RequestItems: Object.fromEntries(entries) as never, ...RETURN_READ_UNITS });
  const answer = await client.send(command);
  spent.count(answer);
  const take = async <T>([finder, arn]: readonly [Finder<T>, string]): Promise<T | undefined> => {
    const items = answer.Responses?.[finder.table.tableName];
    // The SDK repeats what failed as a whole, and not what DynamoDB left of it.
    const isLeft = items === undefined || answer.UnprocessedKeys?.[finder.table.tableName] !== undefined;
    return isLeft ? finder.read(arn, consistent) : (items[0] as T | undefined);
  };
  return Promise.all([take(first), take(second)]);
};
