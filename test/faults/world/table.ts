import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { JOBS_TABLE, SWEEPS_TABLE, type IndexSchema, type TableSchema } from '../../../lib/contract.ts';
import { holds } from './expressions.ts';

export type Item = Readonly<Record<string, unknown>>;
type Input<Command extends { readonly input: unknown }> = Command['input'];

/** How many items a page has at most, unless a table is told: few of them make many pages. */
const PAGE_SIZE = 4;

const frozen = <Value>(value: Value): Value => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
};

/** An item without what DynamoDB's marshaller leaves out. */
const stored = (item: Item): Item =>
  frozen(Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)));

/** One table in memory, with all that its items ever were, so that an index can lag behind. */
export class WorldTable {
  readonly #versions = new Map<string, { readonly at: number; readonly item: Item }[]>();
  readonly #now: () => number;
  readonly #onWrite: (before: Item | undefined, after: Item) => void;
  readonly #onConflict: () => void;
  readonly #schema: TableSchema;
  readonly #pageSize: number;

  constructor(
    schema: TableSchema,
    now: () => number,
    on: {
      readonly write?: (before: Item | undefined, after: Item) => void;
      readonly conflict?: () => void;
      readonly pageSize?: number;
    } = {},
  ) {
    this.#schema = schema;
    this.#now = now;
    this.#onWrite = on.write ?? (() => undefined);
    this.#onConflict = on.conflict ?? (() => undefined);
    this.#pageSize = on.pageSize ?? PAGE_SIZE;
  }

  items(): Item[] {
    return [...this.#versions.values()].map((versions) => versions.at(-1)?.item).filter((item) => item !== undefined);
  }

  item(key: Item): Item | undefined {
    return this.#versions.get(this.#keyOf(key))?.at(-1)?.item;
  }

  /** Drops an item with all that it ever was. */
  forget(key: Item): void {
    this.#versions.delete(this.#keyOf(key));
  }

  get({ Key = {} }: Input<GetCommand>): object {
    const item = this.item(Key);
    return item === undefined ? {} : { Item: item };
  }

  put(input: Input<PutCommand>): object {
    const item = (input.Item ?? {}) as Item;
    this.#require(input, this.item(item));
    this.#write(stored(item));
    return {};
  }

  /** `SET #name = :value` alone. */
  update(input: Input<UpdateCommand>): object {
    const { Key = {}, UpdateExpression = '', ExpressionAttributeNames, ExpressionAttributeValues } = input;
    const before = this.item(Key);
    this.#require(input, before);
    const [, name = '', value = ''] = /^SET (#\w+) = (:\w+)$/.exec(UpdateExpression) ?? [];
    const attribute = ExpressionAttributeNames?.[name];
    if (attribute === undefined) throw new Error(`The world's table does not understand "${UpdateExpression}".`);
    this.#write(stored({ ...Key, ...before, [attribute]: ExpressionAttributeValues?.[value] as unknown }));
    return before === undefined ? {} : { Attributes: before };
  }

  /** Of an index, as it was `lag` milliseconds ago. */
  query(input: Input<QueryCommand>, lag = 0): object {
    const index: IndexSchema | undefined = this.#schema.indexes[input.IndexName ?? ''];
    if (index === undefined) throw new Error("The world's table is queried by index alone.");
    const { partitionKey, sortKey } = index;
    const placeOf = (item: Item): string => `${String(item[sortKey])} ${this.#keyOf(item)}`;
    const found = this.#itemsAt(this.#now() - lag)
      .filter((item) => item[partitionKey] !== undefined && item[sortKey] !== undefined)
      .filter((item) => holds(input.KeyConditionExpression, item, input))
      .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    if (input.ScanIndexForward === false) found.reverse();
    const start = input.ExclusiveStartKey === undefined ? undefined : placeOf(input.ExclusiveStartKey);
    const rest = start === undefined ? found : found.filter((item) => placeOf(item) < start);
    const page = rest.slice(0, this.#pageSize);
    const last = page.at(-1);
    const key = [this.#schema.partitionKey, partitionKey, sortKey];
    return {
      Items: page,
      ...(rest.length > this.#pageSize && last !== undefined
        ? { LastEvaluatedKey: Object.fromEntries(key.map((name) => [name, last[name]])) }
        : {}),
    };
  }

  scan(): object {
    return { Items: this.items() };
  }

  #itemsAt(time: number): Item[] {
    return [...this.#versions.values()]
      .map((versions) => versions.findLast(({ at }) => at <= time)?.item)
      .filter((item) => item !== undefined);
  }

  #keyOf(item: Item): string {
    const { partitionKey, sortKey } = this.#schema;
    return sortKey === undefined
      ? String(item[partitionKey])
      : `${String(item[partitionKey])} ${String(item[sortKey])}`;
  }

  #require(input: Parameters<typeof holds>[2] & { ConditionExpression?: string | undefined }, item: Item = {}): void {
    if (holds(input.ConditionExpression, item, input)) return;
    this.#onConflict();
    throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
  }

  #write(item: Item): void {
    const versions = this.#versions.get(this.#keyOf(item)) ?? [];
    const before = versions.at(-1)?.item;
    this.#versions.set(this.#keyOf(item), [...versions, { at: this.#now(), item }]);
    this.#onWrite(before, item);
  }
}

/** The tables of a tracker by name. */
export interface WorldTables {
  readonly jobs: WorldTable;
  readonly sweeps: WorldTable;
}
export const JOBS = 'jobs';
export const SWEEPS = 'sweeps';
export const JOBS_SCHEMA: TableSchema = JOBS_TABLE;
export const SWEEPS_SCHEMA: TableSchema = SWEEPS_TABLE;

/** What a command does to the tables. */
export const effectOf = ({ jobs, sweeps }: WorldTables, command: unknown, indexLag: () => number): (() => object) => {
  const tableOf = (name: string | undefined) => (name === JOBS ? jobs : sweeps);
  if (command instanceof GetCommand) return () => tableOf(command.input.TableName).get(command.input);
  if (command instanceof PutCommand) return () => tableOf(command.input.TableName).put(command.input);
  if (command instanceof UpdateCommand) return () => tableOf(command.input.TableName).update(command.input);
  if (command instanceof QueryCommand) return () => tableOf(command.input.TableName).query(command.input, indexLag());
  if (command instanceof ScanCommand) return () => tableOf(command.input.TableName).scan();
  throw new Error('The world knows no such command of DynamoDB.');
};

/** A document client whose commands go to `send`. */
export const clientOf = (send: (command: unknown) => Promise<object>): DynamoDBDocumentClient =>
  Object.assign(Object.create(DynamoDBDocumentClient.prototype) as DynamoDBDocumentClient, { send });

/** Tables of a world of their own, in which nothing goes wrong. */
export const worldTables = (): { readonly client: DynamoDBDocumentClient } => {
  const now = () => 0;
  const tables = { jobs: new WorldTable(JOBS_SCHEMA, now), sweeps: new WorldTable(SWEEPS_SCHEMA, now) };
  const send = (command: unknown): Promise<object> =>
    new Promise((resolve) => {
      resolve(effectOf(tables, command, () => 0)());
    });
  return { client: clientOf(send) };
};
