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
