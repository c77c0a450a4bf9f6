/** Tables of DynamoDB in memory, as far as the tracker's requests go: conditions, indexes, pages, and each write told. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { IndexSchema, TableSchema } from '../contract.ts';
import type { TableWrite } from './stream.ts';

export type Item = Readonly<Record<string, unknown>>;
type Input<Command extends { readonly input: unknown }> = Command['input'];

export interface TableOptions {
  /** Milliseconds since 1970: how far an index lags is told by it. @default always 0 */
  readonly now?: () => number;
  /** How many items a page has at most. @default 1000 */
  readonly pageSize?: number;
  readonly onWrite?: (before: Item | undefined, after: Item) => void;
  /** Told of each write that its condition refuses. */
  readonly onConflict?: () => void;
}

interface Condition {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, unknown> | undefined;
}

const COMPARISONS: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '=': (a, b) => a === b,
  '<=': (a, b) => typeof a === typeof b && (a as string) <= (b as string),
};

type Test = (item: Item) => boolean;

const testOf = (clause: string, { ExpressionAttributeNames, ExpressionAttributeValues }: Condition): Test => {
  const nameOf = (placeholder: string): string => ExpressionAttributeNames?.[placeholder] ?? placeholder;
  const absent = /^attribute_not_exists\((#\w+)\)$/.exec(clause)?.[1];
  if (absent !== undefined) return (item) => item[nameOf(absent)] === undefined;
  const [, placeholder = '', comparison = '', value = ''] = /^(#\w+) (=|<=) (:\w+)$/.exec(clause) ?? [];
  const compare = COMPARISONS[comparison];
  if (compare === undefined) throw new Error(`The simulated table does not understand "${clause}".`);
  const [name, wanted] = [nameOf(placeholder), ExpressionAttributeValues?.[value]];
  return (item) => item[name] !== undefined && compare(item[name], wanted);
};

/** Whether an item (empty where there is none) meets one of DynamoDB's expressions, as far as the tracker writes them. */
const testsOf = (expression: string | undefined, names: Condition): Test => {
  const any = expression
    ?.split(' OR ')
    .map((terms) => terms.split(' AND ').map((clause) => testOf(clause.trim(), names)));
  return (item) => any?.some((every) => every.every((holds) => holds(item))) ?? true;
};

const frozen = <Value>(value: Value): Value => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
};

/** An item as a table keeps it: a copy that nobody changes, without what DynamoDB's marshaller leaves out. */
const stored = (item: Item): Item =>
  frozen(structuredClone(Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined))));

const partitionOf = (index: string | undefined, value: unknown): string => `${index ?? ''} ${String(value)}`;
const indexKeys = (indexes: TableSchema['indexes']) =>
  Object.entries(indexes).map(([name, { partitionKey }]) => [name, partitionKey] as const);

/** One table, with all that its items ever were, so that an index can lag behind. */
export class SimulatedTable {
  readonly #schema: TableSchema;
  readonly #options: TableOptions;
  readonly #versions = new Map<string, { readonly at: number; readonly item: Item }[]>();
  /** What each partition of the table and of its indexes holds at present, by key. */
  readonly #partitions = new Map<string, Map<string, Item>>();
  /** The last query of the present, as pages of one query come one after the other. */
  #queried: { readonly query: string; readonly found: readonly Item[] } | undefined;

  constructor(schema: TableSchema, options: TableOptions = {}) {
    this.#schema = schema;
    this.#options = options;
  }

  items(): Item[] {
    return this.#itemsAt(Infinity);
  }

  item(key: Item): Item | undefined {
    return this.#versions.get(this.#keyOf(key))?.at(-1)?.item;
  }

  /** Puts an item in without a condition, and tells nobody. */
  load(item: Item): void {
    this.#keep(stored(item));
  }

  /** Drops an item with all that it ever was. */
  forget(key: Item): void {
    this.#replace(this.item(key), undefined);
    this.#versions.delete(this.#keyOf(key));
  }

  /** What one command of a document client does; `indexLag` is how many ms a query looks back. */
  run(command: unknown, indexLag = (): number => 0): object {
    if (command instanceof GetCommand) return this.#get(command.input);
    if (command instanceof PutCommand) return this.#put(command.input);
    if (command instanceof UpdateCommand) return this.#update(command.input);
    if (command instanceof QueryCommand) return this.#query(command.input, indexLag());
    if (command instanceof ScanCommand) return { Items: this.items() };
    throw new Error('The simulated table knows no such command.');
  }

  /** A write as the table's stream has it. */
  writeOf(before: Item | undefined, after: Item): TableWrite {
    const { partitionKey, sortKey } = this.#schema;
    const key = [partitionKey, sortKey].flatMap((name) => (name === undefined ? [] : [[name, after[name]]]));
    const imageOf = (item: Item) => marshall(item, { removeUndefinedValues: true, convertClassInstanceToMap: true });
    return { keys: imageOf(Object.fromEntries(key) as Item), before: before && imageOf(before), after: imageOf(after) };
  }

  #get({ Key = {} }: Input<GetCommand>): object {
    const item = this.item(Key);
    return item === undefined ? {} : { Item: item };
  }

  #put(input: Input<PutCommand>): object {
    const item = (input.Item ?? {}) as Item;
    this.#require(input, this.item(item));
    this.#write(item);
    return {};
  }

  /** `SET #name = :value` alone. */
  #update(input: Input<UpdateCommand>): object {
    const { Key = {}, UpdateExpression = '', ExpressionAttributeNames, ExpressionAttributeValues } = input;
    const before = this.item(Key);
    this.#require(input, before);
    const [, name = '', value = ''] = /^SET (#\w+) = (:\w+)$/.exec(UpdateExpression) ?? [];
    const attribute = ExpressionAttributeNames?.[name];
    if (attribute === undefined) throw new Error(`The simulated table does not understand "${UpdateExpression}".`);
    this.#write({ ...Key, ...before, [attribute]: ExpressionAttributeValues?.[value] as unknown });
    return before === undefined ? {} : { Attributes: before };
  }

  /** Of the table, or of an index as it was `lag` milliseconds ago. */
  #query(input: Input<QueryCommand>, lag: number): object {
    const { pageSize = 1_000 } = this.#options;
    const { partitionKey, sortKey = '', indexes } = this.#schema;
    const index = input.IndexName === undefined ? { partitionKey, sortKey } : indexes[input.IndexName];
    if (index === undefined) throw new Error(`The simulated table has no index "${String(input.IndexName)}".`);
    const found = this.#find(input, index, input.ConsistentRead === true ? 0 : lag);
    const start = input.ExclusiveStartKey && this.#placeOf(input.ExclusiveStartKey, index);
    const isAfter = (place: string) =>
      start === undefined || (input.ScanIndexForward === false ? place < start : place > start);
    const from = found.findIndex((item) => isAfter(this.#placeOf(item, index)));
    const page = from < 0 ? [] : found.slice(from, from + pageSize);
    const last = page.at(-1);
    const key = [partitionKey, sortKey, index.partitionKey, index.sortKey].filter((name) => name !== '');
    return {
      Items: page,
      ...(last !== undefined && last !== found.at(-1)
        ? { LastEvaluatedKey: Object.fromEntries(key.map((name) => [name, last[name]])) }
        : {}),
    };
  }

  #find(input: Input<QueryCommand>, index: IndexSchema, lag: number): readonly Item[] {
    const { IndexName, KeyConditionExpression, ExpressionAttributeValues, ScanIndexForward = true } = input;
    const query = JSON.stringify([IndexName, KeyConditionExpression, ExpressionAttributeValues, ScanIndexForward]);
    const [first, second] = ScanIndexForward ? [-1, 1] : [1, -1];
    if (lag === 0 && this.#queried?.query === query) return this.#queried.found;
    const [, placeholder = ''] = /^#\w+ = (:\w+)/.exec(KeyConditionExpression ?? '') ?? [];
    const partition = partitionOf(IndexName, ExpressionAttributeValues?.[placeholder]);
    const items =
      lag === 0
        ? [...(this.#partitions.get(partition)?.values() ?? [])]
        : this.#itemsAt((this.#options.now?.() ?? 0) - lag);
    const holds = testsOf(KeyConditionExpression, input);
    const found = items
      .filter((item) => item[index.sortKey] !== undefined && holds(item))
      .map((item) => ({ item, place: this.#placeOf(item, index) }))
      .sort((a, b) => (a.place < b.place ? first : second))
      .map(({ item }) => item);
    if (lag === 0) this.#queried = { query, found };
    return found;
  }

  #placeOf(item: Item, { sortKey }: IndexSchema): string {
    return `${String(item[sortKey])} ${this.#keyOf(item)}`;
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

  #require(input: Condition, item: Item = {}): void {
    if (testsOf(input.ConditionExpression, input)(item)) return;
    this.#options.onConflict?.();
    throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
  }

  #write(item: Item): void {
    const before = this.item(item);
    const after = stored(item);
    this.#keep(after);
    this.#options.onWrite?.(before, after);
  }

  #keep(item: Item): void {
    const { now } = this.#options;
    const version = { at: now?.() ?? 0, item };
    this.#replace(this.item(item), item);
    // Without a clock nothing lags, and nobody asks what an item was.
    const earlier = now === undefined ? [] : (this.#versions.get(this.#keyOf(item)) ?? []);
    this.#versions.set(this.#keyOf(item), [...earlier, version]);
  }

  #replace(before: Item | undefined, after: Item | undefined): void {
    this.#queried = undefined;
    const { partitionKey, indexes } = this.#schema;
    for (const [name, key] of [[undefined, partitionKey] as const, ...indexKeys(indexes)]) {
      if (before?.[key] !== undefined)
        this.#partitions.get(partitionOf(name, before[key]))?.delete(this.#keyOf(before));
      if (after?.[key] === undefined) continue;
      const partition = partitionOf(name, after[key]);
      const items = this.#partitions.get(partition) ?? new Map<string, Item>();
      this.#partitions.set(partition, items.set(this.#keyOf(after), after));
    }
  }
}

/** A document client whose commands go to `send`. */
export const documentClient = (send: (command: unknown) => Promise<object>): DynamoDBDocumentClient =>
  Object.assign(Object.create(DynamoDBDocumentClient.prototype) as DynamoDBDocumentClient, { send });

/** A document client of one table, in which nothing goes wrong. */
export const clientOf = (table: SimulatedTable): DynamoDBDocumentClient =>
  documentClient((command) => new Promise((resolve) => resolve(table.run(command))));
