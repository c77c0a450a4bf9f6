/** One page of a scope's resources, and the token that leads to the next. */
import { createHash } from 'node:crypto';
import { invalid, type Scope, scopeKey } from './call.ts';
import type { Place, Resource, Shelf } from './resources.ts';

/** An array kept in order, for lists that are read in windows far more often than they change. */
export class Sorted<Item> {
  #items: Item[] = [];
  readonly #compare: (left: Item, right: Item) => number;

  constructor(compare: (left: Item, right: Item) => number) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#items.length;
  }

  [Symbol.iterator](): IterableIterator<Item> {
    return this.#items.values();
  }

  at(index: number): Item | undefined {
    return this.#items[index];
  }

  /** The first index for which `reached` holds; it must hold for everything behind that index too. */
  firstWhere(reached: (item: Item) => boolean): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#items[middle];
      if (item === undefined || reached(item)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  add(item: Item): void {
    this.#items.splice(
      this.firstWhere((other) => this.#compare(other, item) > 0),
      0,
      item,
    );
  }

  /** Many at once: sorting once is far cheaper than inserting one by one. */
  addAll(items: readonly Item[]): void {
    this.#items = this.#items.concat(items).sort(this.#compare);
  }

  /** Takes out this very item. */
  remove(item: Item): void {
    const start = this.firstWhere((other) => this.#compare(other, item) >= 0);
    for (let index = start; index < this.#items.length; index += 1) {
      const other = this.#items[index];
      if (other === undefined || this.#compare(other, item) !== 0) return;
      if (other !== item) continue;
      this.#items.splice(index, 1);
      return;
    }
  }

  shift(): Item | undefined {
    return this.#items.shift();
  }
}

/** The model names no default; the console and other list calls of Bedrock answer about as many. */
const DEFAULT_PAGE_SIZE = 100;

/** What any List is asked for, by the names that the kinds have; filters of its own stand beside. */
export interface Window {
  readonly creationTimeAfter?: number;
  readonly createdAfter?: number;
  readonly creationTimeBefore?: number;
  readonly createdBefore?: number;
  readonly statusEquals?: string;
  readonly modelStatus?: string;
  readonly nameContains?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly sortOrder?: 'Ascending' | 'Descending';
}

/** A position in the order of creation: the last resource of the page before. */
interface Position {
  readonly createdAt: number;
  readonly arn: string;
}

const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);

/** A token is good for the query that it came from; the page size may change. */
const queryOf = (noun: string, scope: Scope, request: Window): readonly unknown[] => {
  const query = { sortOrder: 'Descending', ...request, maxResults: undefined, nextToken: undefined };
  return [noun, scopeKey(scope), Object.entries(query).sort()];
};

const encode = ({ createdAt, arn }: Position, query: readonly unknown[]): string => {
  const position = [createdAt, arn];
  return Buffer.from(JSON.stringify([...position, digest([query, position])])).toString('base64url');
};

const decode = (token: string, query: readonly unknown[]): Position => {
  const refused = invalid('The provided nextToken is not valid for this request.');
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw refused;
  }
  if (!Array.isArray(parts)) throw refused;
  const [createdAt, arn, seal] = parts as readonly unknown[];
  if (typeof createdAt !== 'number' || typeof arn !== 'string') throw refused;
  if (seal !== digest([query, [createdAt, arn]])) throw refused;
  return { createdAt, arn };
};

const isBehind = (item: Position, position: Position): boolean =>
  item.createdAt > position.createdAt || (item.createdAt === position.createdAt && item.arn > position.arn);

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken?: string;
}

/**
 * Reads a window of the index. The token names a position and not a count, so resources created or changed between two
 * pages neither shift nor repeat the others.
 */
export const readPage = <Item extends Resource & Place>(
  noun: string,
  shelf: Shelf<Item>,
  request: Window,
  isAskedFor: (item: Item) => boolean = () => true,
): Page<Item> => {
  const after = request.creationTimeAfter ?? request.createdAfter ?? -Infinity;
  const before = request.creationTimeBefore ?? request.createdBefore ?? Infinity;
  const status = request.statusEquals ?? request.modelStatus;
  const { nameContains = '', maxResults = DEFAULT_PAGE_SIZE } = request;
  const query = queryOf(noun, shelf.scope, request);
  const last = request.nextToken === undefined ? undefined : decode(request.nextToken, query);
  const index = status === undefined ? shelf.byCreation : shelf.byStatus.get(status);
  if (!index) return { items: [] };
  const descending = request.sortOrder !== 'Ascending';
  const from = index.firstWhere((item) => item.createdAt > after && (descending || !last || isBehind(item, last)));
  const to = index.firstWhere(
    (item) =>
      item.createdAt >= before || (descending && last !== undefined && (isBehind(item, last) || item.arn === last.arn)),
  );
  const items: Item[] = [];
  for (let taken = 0; taken < to - from; taken += 1) {
    const item = index.at(descending ? to - 1 - taken : from + taken);
    if (!item?.name.includes(nameContains) || !isAskedFor(item)) continue;
    const previous = items.at(-1);
    if (items.length === maxResults && previous) return { items, nextToken: encode(previous, query) };
    items.push(item);
  }
  return { items };
};
