/** dynalite ships no types: what this project uses of it (https://github.com/architect/dynalite). */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Folder of the LevelDB files; in memory where absent. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
    maxItemSizeKb?: number;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}

declare module 'dynalite/db/index.js' {
  import type { AttributeValue } from '@aws-sdk/client-dynamodb';

  export type Item = Record<string, AttributeValue>;
  type Done = (error?: Error | null) => void;
  type Operation = { type: 'put'; key: string; value: object } | { type: 'del'; key: string };

  /** The items of one table, by a text of their key. */
  interface ItemDb {
    get: (key: string, done: (error: Error | null, item?: Item) => void) => void;
    put: (key: string, item: Item, done: Done) => void;
    del: (key: string, done: Done) => void;
  }
  export interface Store {
    /** All tables: an item's key begins with `item-<table>~`. */
    readonly db: {
      iterator: <Value>(range: { gte: string; lt: string }) => AsyncIterable<[key: string, value: Value]>;
      batch: ((operations: Operation[], done: Done) => void) & ((operations: Operation[]) => Promise<void>);
    };
    readonly getItemDb: (table: string) => ItemDb;
  }
  const db: { create: (options: object) => Store };
  export default db;
}
