/** What comes, in lists of at least `size` (the last may be smaller), counted by `sizeOf`. */
export async function* inChunks<Item>(
  items: AsyncIterable<Item>,
  size: number,
  sizeOf: (item: Item) => number = () => 1,
): AsyncGenerator<Item[], void, undefined> {
  let chunk: Item[] = [];
  let held = 0;
  for await (const item of items) {
    chunk.push(item);
    held += sizeOf(item);
    if (held < size) continue;
    yield chunk;
    chunk = [];
    held = 0;
  }
  if (chunk.length > 0) yield chunk;
}
