import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Scope } from '../../domain/identity.ts';
import type { Source, Table } from '../environment.ts';
import { createReadUnits, type ReadUnits } from '../read-units.ts';
import type { Page, ReadCost } from '../requests.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import { AT_ONCE, createMerge } from './merge.ts';
import type { Plan } from './plan.ts';
import { readChunk, readInput } from './read.ts';
import { wrongRequest, type ListQuestion } from './validate.ts';

/** An entry of an index has about 1 KB, a record 3 KB; a unit reads 8 KB. */
const ENTRIES_PER_UNIT = 8;
const RECORDS_PER_UNIT = 3;
const MOST_ENTRIES = 1000;
const FEWEST_FILTERED = 25;
/** Of more partitions than are read at a time: what half a unit gives. */
const FEWEST_OF_MANY = 4;
/** What all partitions together may hold in memory. */
const MOST_HELD = 20_000;

interface Demand {
  /** Entries wanted next. */
  readonly entries: () => number;
  /** Entries of use at most. */
  readonly atMost: () => number;
  /** Read units left. */
  readonly units: () => number;
}

/**
 * Entries to read next in one of several open partitions: a bit more than its share, doubled with each read of it. With a
 * filter, which may pass few, four times as many, as far as the units allow.
 */
const chunkSize = (plan: Plan, isFiltered: boolean, demand: Demand, reads: number, open: number): number => {
  const { entries, atMost, units } = demand;
  const most = Math.min(MOST_ENTRIES, Math.ceil(MOST_HELD / open));
  const fewest = open > AT_ONCE ? FEWEST_OF_MANY : 1;
  const share = open === 1 ? entries() : Math.max(fewest, Math.ceil((1.5 * entries()) / open));
  if (!isFiltered) return Math.max(1, Math.min(share * 2 ** reads, atMost(), most));
  const affordable = Math.ceil((units() * (plan.index === 'table' ? RECORDS_PER_UNIT : ENTRIES_PER_UNIT)) / open);
  return Math.max(1, Math.min(Math.max(share, FEWEST_FILTERED) * 4 ** reads, affordable, most));
};

const mergeOf = <Item>(
  client: DynamoDBDocumentClient,
  table: Table,
  toItem: Kind<never, Item>['toItem'],
  plan: Plan,
  demand: Demand,
  spent: ReadUnits,
  from: readonly Position[] = plan.partitions.map(() => 'beginning'),
) =>
  createMerge(from, plan.newestFirst, (index, at, reads, open) => {
    const partition = plan.partitions[index] ?? { key: '', conditions: [] };
    const size = chunkSize(plan, partition.conditions.length > 0, demand, reads, open);
    return readChunk(client, table, toItem, readInput(table, plan, partition, at, size), plan, spent);
  });

/** A kind of records: how requests for them become a question, that a plan, and its answers entries of a list. */
export interface Kind<Request, Item> {
  readonly parse: (request: Request) => ListQuestion;
  readonly plan: (question: ListQuestion, known: readonly Scope[], registered?: boolean) => Plan;
  readonly toItem: (item: Readonly<Record<string, unknown>>) => Item;
}

/** Reads the registered scopes only for a plan that depends on them: without any it has no partitions. */
const prepare = async <Request>(
  client: DynamoDBDocumentClient,
  { scopes, registry }: Source,
  kind: Kind<Request, unknown>,
  request: Request,
) => {
  const question = kind.parse(request);
  const spent = createReadUnits();
  const plan = kind.plan(question, scopes, registry !== undefined);
  if (registry === undefined || plan.partitions.length > 0) return { question, plan, spent };
  return { question, plan: kind.plan(question, await registry(client, spent), true), spent };
};

/** A page of records. Rejects as the client's `listJobs` does. */
export const listPage = async <Request, Item>(
  client: DynamoDBDocumentClient,
  source: Source,
  kind: Kind<Request, Item>,
  request: Request,
): Promise<Page & { readonly items: readonly Item[] }> => {
  const { tableName } = source;
  const { question, plan, spent } = await prepare(client, source, kind, request);
  const items: Item[] = [];
  const from = question.cursor === undefined ? undefined : decodeCursor(tableName, plan, question.cursor);
  // The first reads of thousands of partitions would leave nothing for a second one.
  const onTop = source.registry === undefined ? 0 : spent.cost().readUnits + plan.partitions.length / 2;
  const units = () => question.maxReadUnits + onTop - spent.cost().readUnits;
  const wanted = () => question.limit - items.length;
  const merge = mergeOf(client, source, kind.toItem, plan, { entries: wanted, atMost: wanted, units }, spent, from);
  while (items.length < question.limit) {
    if (!(await merge.fill(() => units() > 0))) break;
    const entry = merge.take();
    if (entry === undefined) break;
    items.push(entry.item);
  }
  return {
    items,
    ...(merge.isAtEnd() ? {} : { cursor: encodeCursor(tableName, plan, merge.reached(), merge.positions()) }),
    index: plan.index,
    ...(plan.sortedBy === undefined ? {} : { sortedBy: plan.sortedBy }),
    ...spent.cost(),
  };
};

/** All records of a request in one merge, up to `most`. Pages would read some entries twice. */
export async function* iterateAll<Request, Item>(
  client: DynamoDBDocumentClient,
  source: Source,
  kind: Kind<Request, Item>,
  { most = Infinity, ...request }: Request & { readonly most?: number },
): AsyncGenerator<Item, ReadCost> {
  if (!(most >= 1)) throw wrongRequest(['most must be a number of at least 1']);
  const { question, plan, spent } = await prepare(client, source, kind, request as Request);
  let taken = 0;
  const demand: Demand = { entries: () => question.limit, atMost: () => most - taken, units: () => Infinity };
  const merge = mergeOf(client, source, kind.toItem, plan, demand, spent);
  for (; taken < most; taken += 1) {
    await merge.fill(() => true);
    const entry = merge.take();
    if (entry === undefined) break;
    yield entry.item;
  }
  return spent.cost();
}
