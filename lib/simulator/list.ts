/** One page of a scope's jobs, and the token that leads to the next. */
import { createHash } from 'node:crypto';
import { invalid, scopeKey } from './call.ts';
import type { Job, ScopeJobs } from './jobs.ts';
import type { ListRequest } from '../service-model/model.ts';

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

/** A position in the order of creation: the last job of the page before. */
interface Position {
  readonly createdAt: number;
  readonly jobArn: string;
}

const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);

/** A token is good for the query that it came from; the page size may change. */
const queryOf = ({ scope }: ScopeJobs, request: ListRequest): readonly unknown[] => [
  scopeKey(scope),
  request.creationTimeAfter,
  request.creationTimeBefore,
  request.statusEquals,
  request.nameContains,
  request.sortOrder ?? 'Descending',
];

const encode = ({ createdAt, given }: Job, query: readonly unknown[]): string => {
  const position = [createdAt, given.jobArn];
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
  const [createdAt, jobArn, seal] = parts as readonly unknown[];
  if (typeof createdAt !== 'number' || typeof jobArn !== 'string') throw refused;
  if (seal !== digest([query, [createdAt, jobArn]])) throw refused;
  return { createdAt, jobArn };
};

const isBehind = (job: Job, position: Position): boolean =>
  job.createdAt > position.createdAt || (job.createdAt === position.createdAt && job.given.jobArn > position.jobArn);

interface Page {
  readonly jobs: readonly Job[];
  readonly nextToken?: string;
}

/**
 * Reads a window of the index. The token names a position and not a count, so jobs created or changed between two
 * pages neither shift nor repeat the others.
 */
export const readPage = (scopeJobs: ScopeJobs, request: ListRequest): Page => {
  const { statusEquals, creationTimeAfter: after = -Infinity, creationTimeBefore: before = Infinity } = request;
  const { nameContains = '', maxResults = DEFAULT_PAGE_SIZE } = request;
  const query = queryOf(scopeJobs, request);
  const last = request.nextToken === undefined ? undefined : decode(request.nextToken, query);
  const index = statusEquals === undefined ? scopeJobs.byCreation : scopeJobs.byStatus.get(statusEquals);
  if (!index) return { jobs: [] };
  const descending = request.sortOrder !== 'Ascending';
  const from = index.firstWhere((job) => job.createdAt > after && (descending || !last || isBehind(job, last)));
  const to = index.firstWhere(
    (job) =>
      job.createdAt >= before ||
      (descending && last !== undefined && (isBehind(job, last) || job.given.jobArn === last.jobArn)),
  );
  const jobs: Job[] = [];
  for (let taken = 0; taken < to - from; taken += 1) {
    const job = index.at(descending ? to - 1 - taken : from + taken);
    if (!job?.given.jobName.includes(nameContains)) continue;
    const previous = jobs.at(-1);
    if (jobs.length === maxResults && previous) return { jobs, nextToken: encode(previous, query) };
    jobs.push(job);
  }
  return { jobs };
};
