import {
  type DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { JOBS_TABLE, MODELS_TABLE, type TableSchema } from '../../contract.ts';
import type { ModelRecord } from '../../domain/model-record.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { Table } from '../environment.ts';
import { RETURN_READ_UNITS, type ReadUnits } from '../read-units.ts';
import type { CustomModelSummary, JobSummary } from '../requests.ts';
import { isAfter, type Position } from './cursor.ts';
import { all, createPlaceholders, render, within } from './filter.ts';
import type { Chunk, Entry } from './merge.ts';
import type { Partition, Plan } from './plan.ts';

type Item = Readonly<Record<string, unknown>>;

const summaryOf = ({ partitionKey, projected }: TableSchema): string[] => [partitionKey, ...projected];

/** The attributes that every index carries, so that an answer has the same shape whichever index or record it comes from. */
const ofIndex = (schema: TableSchema, item: Item): Item =>
  Object.fromEntries(summaryOf(schema).flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
export const toSummary = (job: Item | JobRecord): JobSummary => ofIndex(JOBS_TABLE, job as Item) as never;
export const toModelSummary = (model: Item | ModelRecord): CustomModelSummary =>
  ofIndex(MODELS_TABLE, model as Item) as never;

const startKey = (
  { partitionKey, indexes }: TableSchema,
  plan: Plan,
  partition: Partition,
  from: Position,
): QueryCommandInput['ExclusiveStartKey'] => {
  if (!isAfter(from)) return undefined;
  const keys = indexes[plan.index];
  const [sort, arn] = from;
  const ofIndex = keys === undefined ? {} : { [keys.partitionKey]: partition.key, [keys.sortKey]: sort };
  return { ...ofIndex, [partitionKey]: arn };
};

/** The next request in a partition of a plan: a Query, or a Scan of the table. */
export const readInput = (
  { tableName, schema }: Table,
  plan: Plan,
  partition: Partition,
  from: Position,
  limit: number,
): QueryCommandInput & ScanCommandInput => {
  const using = createPlaceholders();
  const keys = schema.indexes[plan.index];
  const reached = from.length === 1 ? { [plan.newestFirst ? 'to' : 'from']: from[0] } : {};
  const range = { ...plan.range, ...reached };
  const keyTexts =
    keys === undefined
      ? []
      : [
          `${using.name(keys.partitionKey)} = ${using.value(partition.key)}`,
          ...(range.from === undefined && range.to === undefined ? [] : [within(using, keys.sortKey, range)]),
        ];
  const filter = render(all(...partition.conditions), using);
  // An index carries only the summary; the table has more.
  const projection = keys === undefined ? summaryOf(schema).map(using.name).join(', ') : '';
  const values = using.values();
  const start = startKey(schema, plan, partition, from);
  return {
    TableName: tableName,
    ...(plan.index === 'table' ? {} : { IndexName: plan.index, ScanIndexForward: !plan.newestFirst }),
    ...(keyTexts.length === 0 ? {} : { KeyConditionExpression: keyTexts.join(' AND ') }),
    ...(filter === '' ? {} : { FilterExpression: filter }),
    ...(projection === '' ? {} : { ProjectionExpression: projection }),
    ExpressionAttributeNames: using.names(),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    Limit: limit,
    ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    ...RETURN_READ_UNITS,
  };
};

/** Reads the next entries of a partition, and counts the cost. */
export const readChunk = async <T>(
  client: DynamoDBDocumentClient,
  { schema }: Table,
  toItem: (item: Item) => T,
  input: QueryCommandInput & ScanCommandInput,
  plan: Plan,
  spent: ReadUnits,
): Promise<Chunk<T>> => {
  const answer =
    plan.index === 'table' ? await client.send(new ScanCommand(input)) : await client.send(new QueryCommand(input));
  spent.count(answer);
  const sortOf = (item: Item): string => (plan.sortedBy === undefined ? '' : String(item[plan.sortedBy]));
  const arnOf = (item: Item): string => String(item[schema.partitionKey]);
  const entries = (answer.Items ?? []).map((item: Item): Entry<T> => ({
    sort: sortOf(item),
    arn: arnOf(item),
    item: toItem(item),
  }));
  const { LastEvaluatedKey: last } = answer;
  return { entries, next: last === undefined ? 'end' : [sortOf(last), arnOf(last)] };
};
