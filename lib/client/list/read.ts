import {
  type DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { JOBS_TABLE } from '../../contract.ts';
import type { JobRecord } from '../../domain/record.ts';
import { RETURN_READ_UNITS, type ReadUnits } from '../read-units.ts';
import type { JobSummary } from '../requests.ts';
import type { Position } from './cursor.ts';
import { all, createPlaceholders, render, within } from './filter.ts';
import type { Chunk, Entry } from './merge.ts';
import type { Partition, Plan } from './plan.ts';

const SUMMARY = [JOBS_TABLE.partitionKey, ...JOBS_TABLE.projected];

type Item = Readonly<Record<string, unknown>>;

/** The attributes that every index carries, so that an answer has the same shape whichever index or record it comes from. */
export const toSummary = (item: Item | JobRecord): JobSummary => {
  const values = item as Item;
  return Object.fromEntries(
    SUMMARY.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  ) as never;
};

const keysOf = (plan: Plan) => (plan.index === 'table' ? undefined : JOBS_TABLE.indexes[plan.index]);

const startKey = (plan: Plan, partition: Partition, from: Position): QueryCommandInput['ExclusiveStartKey'] => {
  if (typeof from === 'string') return undefined;
  const keys = keysOf(plan);
  const [sort, jobArn] = from;
  const ofIndex = keys === undefined ? {} : { [keys.partitionKey]: partition.key, [keys.sortKey]: sort };
  return { ...ofIndex, [JOBS_TABLE.partitionKey]: jobArn };
};

/** The next request in a partition of a plan: a Query, or a Scan of the table. */
export const readInput = (
  tableName: string,
  plan: Plan,
  partition: Partition,
  from: Position,
  limit: number,
): QueryCommandInput & ScanCommandInput => {
  const using = createPlaceholders();
  const keys = keysOf(plan);
  const { from: first, to: last } = plan.range;
  const keyTexts =
    keys === undefined
      ? []
      : [
          `${using.name(keys.partitionKey)} = ${using.value(partition.key)}`,
          ...(first === undefined && last === undefined ? [] : [within(using, keys.sortKey, plan.range)]),
        ];
  const filter = render(all(...partition.conditions), using);
  // An index carries only the summary; the table has more.
  const projection = keys === undefined ? SUMMARY.map(using.name).join(', ') : '';
  const values = using.values();
  const start = startKey(plan, partition, from);
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
export const readChunk = async (
  client: DynamoDBDocumentClient,
  input: QueryCommandInput & ScanCommandInput,
  plan: Plan,
  spent: ReadUnits,
): Promise<Chunk<JobSummary>> => {
  const answer =
    plan.index === 'table' ? await client.send(new ScanCommand(input)) : await client.send(new QueryCommand(input));
  spent.count(answer);
  const sortOf = (item: Item): string => (plan.sortedBy === undefined ? '' : String(item[plan.sortedBy]));
  const arnOf = (item: Item): string => String(item[JOBS_TABLE.partitionKey]);
  const entries = (answer.Items ?? []).map((item: Item): Entry<JobSummary> => ({
    sort: sortOf(item),
    jobArn: arnOf(item),
    job: toSummary(item),
  }));
  const { LastEvaluatedKey: last } = answer;
  return { entries, next: last === undefined ? 'end' : [sortOf(last), arnOf(last)] };
};
