/** Seeded pseudo-random numbers: the same seed gives the same lives and the same faults. Not for secrets. */
export interface Random {
  /** A number in [0, 1). */
  readonly next: () => number;
  /** A number in [low, high). */
  readonly between: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <Item>(items: readonly [Item, ...Item[]]) => Item;
  /** 12 characters of [a-z0-9], as Bedrock's resource ids. */
  readonly id: () => string;
  /** Where the sequence stands: `seededRandom(state())` continues it. */
  readonly state: () => number;
}

const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Mulberry32: its whole state is one 32-bit number, so that it can be kept with the jobs. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const index = (length: number): number => Math.floor(next() * length);
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: (items) => items[index(items.length)] ?? items[0],
    id: () => Array.from({ length: 12 }, () => ID_CHARACTERS.charAt(index(ID_CHARACTERS.length))).join(''),
    state: () => state,
  };
};

/** A seed for each text (FNV-1a), so that what is made up of a job is the same whenever it is asked for. */
export const seedOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
};
