import { isDeepStrictEqual } from 'node:util';
import type { Item, Store } from 'dynalite/db/index.js';
import type { TableWrite } from '../simulator/stream.ts';

/** A write of a table with its place in the log. */
export interface LoggedWrite extends TableWrite {
  readonly place: string;
}

/** The writes of a table that its stream is not done with. Kept in the tables' own files, so that no end loses them. */
export interface WriteLog {
  /** Hands over the writes that were left, then each as it is made: those of one item in their order. */
  readonly follow: (listener: (write: LoggedWrite) => void) => void;
  readonly forget: (writes: readonly LoggedWrite[]) => Promise<void>;
}

const PLACE_DIGITS = 16;

/**
 * Logs the writes of a table of dynalite, which has no streams. The write and its place in the log go into one batch of
 * LevelDB: there is never one without the other, even where the process is killed.
 */
export const logWrites = async (store: Store, table: string, keyNames: readonly string[]): Promise<WriteLog> => {
  const prefix = `stream-${table}~`;
  const left: LoggedWrite[] = [];
  for await (const [place, write] of store.db.iterator<TableWrite>({ gte: prefix, lt: `${prefix}~` }))
    left.push({ ...write, place });
  let newest = Number(left.at(-1)?.place.slice(prefix.length) ?? 0);
  let tell = (write: LoggedWrite): void => void left.push(write);

  const items = store.getItemDb(table);
  const write = (key: string, after: Item | undefined, done: (error?: Error | null) => void): void => {
    // dynalite holds the item's lock, so that nobody else writes it meanwhile.
    items.get(key, (_error, before) => {
      const image = { ...before, ...after };
      const keys = Object.fromEntries(keyNames.flatMap((name) => (image[name] ? [[name, image[name]]] : [])));
      const logged = { keys, ...(before && { before }), ...(after && { after }) };
      const itemKey = `item-${table}~${key}`;
      const change = after
        ? { type: 'put' as const, key: itemKey, value: after }
        : { type: 'del' as const, key: itemKey };
      const place = `${prefix}${String((newest += 1)).padStart(PLACE_DIGITS, '0')}`;
      // As DynamoDB does: a write that changes nothing is not in the stream.
      const isChange = !isDeepStrictEqual(before, after);
      const operations = isChange ? [change, { type: 'put' as const, key: place, value: logged }] : [change];
      store.db.batch(operations, (error) => {
        if (isChange && !error) tell({ ...logged, place });
        done(error);
      });
    });
  };
  items.put = write;
  items.del = (key, done) => write(key, undefined, done);

  return {
    follow: (listener) => {
      tell = listener;
      for (const each of left.splice(0)) listener(each);
    },
    forget: async (writes) => {
      await store.db.batch(writes.map(({ place }) => ({ type: 'del' as const, key: place })));
    },
  };
};
