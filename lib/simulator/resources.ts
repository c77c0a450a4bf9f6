/** The resources of one kind in every scope, found by ARN, by name, by creation time and by status. */
import { type Scope, scopeKey } from './call.ts';
import { Sorted } from './list.ts';

/** What a resource of any kind has. Times are milliseconds since 1970. */
export interface Resource {
  readonly scope: Scope;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
}

/** What the indexes hold a resource by. */
export interface Place {
  readonly arn: string;
  name: string;
  /** The status under which the indexes hold it: the one that was announced last. */
  status: string | undefined;
  /** When that status changes, if nobody acts. */
  changesAt: number | undefined;
}

/** What sets one kind of resource apart: how it is called, and how it lives. */
export interface Kind<New extends Resource> {
  /** For messages. */
  readonly noun: string;
  /** False where the service model has no ConflictException for its Create. */
  readonly hasConflicts?: boolean;
  readonly arnOf: (resource: New) => string;
  readonly nameOf: (resource: New, t: number) => string;
  readonly statusAt: (resource: New, t: number) => string | undefined;
  /** When the status changes next after `t`, if nobody acts. */
  readonly nextChangeAfter: (resource: New, t: number) => number | undefined;
}

interface IdempotentCreate {
  readonly arn: string;
  /** Tells whether a request with the same token asks for the same thing. */
  readonly fingerprint: string;
}

/** One scope's indexes. */
export interface Shelf<Item> {
  readonly scope: Scope;
  readonly byName: Map<string, Item>;
  readonly tokens: Map<string, IdempotentCreate>;
  readonly byCreation: Sorted<Item>;
  readonly byStatus: Map<string, Sorted<Item>>;
}

type Placed = Resource & Place;

const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
/** Creation times may be equal; the ARN decides then, so that paging is exact. */
const byCreation = (left: Placed, right: Placed): number =>
  left.createdAt - right.createdAt || order(left.arn, right.arn);

export class Resources<
  New extends Resource,
  Item extends New & Place = New & Place,
  Declared extends Kind<New> = Kind<New>,
> {
  readonly kind: Declared;
  readonly #byArn = new Map<string, Item>();
  readonly #shelves = new Map<string, Shelf<Item>>();
  readonly #changes = new Sorted<{ readonly item: Item; readonly at: number }>((left, right) => left.at - right.at);
  readonly #onStatus: (item: Item, at: number) => void;

  /** `onStatus` hears each change of a status, in the order in which they happen. */
  constructor(kind: Declared, onStatus: (item: Item, at: number) => void = () => undefined) {
    this.kind = kind;
    this.#onStatus = onStatus;
  }

  get size(): number {
    return this.#byArn.size;
  }

  get(arn: string): Item | undefined {
    return this.#byArn.get(arn);
  }

  all(): IterableIterator<Item> {
    return this.#byArn.values();
  }

  scopes(): IterableIterator<Shelf<Item>> {
    return this.#shelves.values();
  }

  in(scope: Scope): Shelf<Item> {
    const key = scopeKey(scope);
    const known = this.#shelves.get(key);
    if (known) return known;
    const { accountId, region } = scope;
    const created: Shelf<Item> = {
      scope: { accountId, region },
      byName: new Map(),
      tokens: new Map(),
      byCreation: new Sorted<Item>(byCreation),
      byStatus: new Map(),
    };
    this.#shelves.set(key, created);
    return created;
  }

  /** One that begins now. */
  create(resource: New): Item {
    const item = this.#register(resource, resource.createdAt);
    this.in(item.scope).byCreation.add(item);
    this.#statusIndex(item).add(item);
    this.#onStatus(item, item.createdAt);
    return item;
  }

  /** Those that exist already, in bulk; nobody hears of them. One with a known ARN replaces that one. */
  addAll(resources: Iterable<New>, now: number): Item[] {
    const lists = new Map<Sorted<Item>, Item[]>();
    const collect = (list: Sorted<Item>, item: Item): void => {
      const items = lists.get(list);
      if (items) items.push(item);
      else lists.set(list, [item]);
    };
    const added = new Map<string, Item>();
    for (const resource of resources) {
      const known = this.#byArn.get(this.kind.arnOf(resource));
      if (known) this.#remove(known);
      const item = this.#register(resource, now);
      added.set(item.arn, item);
    }
    for (const item of added.values()) {
      collect(this.in(item.scope).byCreation, item);
      collect(this.#statusIndex(item), item);
    }
    for (const [list, items] of lists) list.addAll(items);
    return [...added.values()];
  }

  /** Takes one out, as if it had never been. */
  remove(item: Item): void {
    if (this.#byArn.get(item.arn) === item) this.#remove(item);
  }

  /** After a change of what it is from now on. */
  moved(item: Item, at: number): void {
    this.#statusIndex(item).remove(item);
    const { byName } = this.in(item.scope);
    const name = this.kind.nameOf(item, at);
    if (name !== item.name && byName.get(item.name) === item) byName.delete(item.name);
    item.name = name;
    byName.set(name, item);
    item.status = this.kind.statusAt(item, at);
    item.changesAt = this.kind.nextChangeAfter(item, at);
    this.#statusIndex(item).add(item);
    this.#expect(item);
    this.#onStatus(item, at);
  }

  /** Brings the indexes up to `now` and announces what has changed since the last time. */
  settle(now: number): void {
    for (let next = this.#changes.at(0); next && next.at <= now; next = this.#changes.at(0)) {
      this.#changes.shift();
      // One that was stopped or ended meanwhile left its old change behind.
      if (next.item.changesAt === next.at) this.moved(next.item, next.at);
    }
  }

  /** When `settle` has something to do next. */
  nextChangeAt(): number | undefined {
    return this.#changes.at(0)?.at;
  }

  #register(resource: New, now: number): Item {
    const { kind } = this;
    const place: Place = {
      arn: kind.arnOf(resource),
      name: kind.nameOf(resource, now),
      status: kind.statusAt(resource, now),
      changesAt: kind.nextChangeAfter(resource, now),
    };
    const item = { ...resource, ...place } as Item;
    this.#byArn.set(item.arn, item);
    const { byName } = this.in(item.scope);
    byName.set(item.name, item);
    this.#expect(item);
    return item;
  }

  #expect(item: Item): void {
    if (item.changesAt !== undefined) this.#changes.add({ item, at: item.changesAt });
  }

  #statusIndex(item: Item): Sorted<Item> {
    const { byStatus } = this.in(item.scope);
    const status = item.status ?? '';
    const known = byStatus.get(status);
    if (known) return known;
    const created = new Sorted<Item>(byCreation);
    byStatus.set(status, created);
    return created;
  }

  #remove(item: Item): void {
    const { byCreation: index, byName } = this.in(item.scope);
    index.remove(item);
    this.#statusIndex(item).remove(item);
    if (byName.get(item.name) === item) byName.delete(item.name);
    item.changesAt = undefined;
    this.#byArn.delete(item.arn);
  }
}
