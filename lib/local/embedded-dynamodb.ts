import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { ANY_PORT, isFromHere, NOT_FROM_HERE, onPort, type PortChoice } from '../loopback.ts';
import { isDeepStrictEqual } from 'node:util';
import db, { type Item, type Store } from 'dynalite/db/index.js';
import type { TableWrite } from '../simulator/stream.ts';
import { AbstractKeyIterator, AbstractValueIterator } from 'abstract-level';

interface Closable {
  readonly close: () => Promise<void>;
}

/**
 * Lets dynalite close the iterators of its streams. It ends them by `return`, as JavaScript's own iterators are ended;
 * those of LevelDB know `close` alone, so that each Query and Scan left one open for ever, with a snapshot of the
 * database and what was read ahead: some 4 KB of heap and far more outside of it.
 */
const closeIteratorsOnReturn = (): void => {
  for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) {
    Object.defineProperty(prototype, 'return', {
      configurable: true,
      value: async function (this: Closable) {
        await this.close();
        return { done: true, value: undefined };
      },
    });
  }
};

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
const logWrites = async (store: Store, table: string, keyNames: readonly string[]): Promise<WriteLog> => {
  const prefix = `stream-${table}~`;
  const left: LoggedWrite[] = [];
  for await (const [place, write] of store.db.iterator<TableWrite>({ gte: prefix, lt: `${prefix}~` }))
    left.push({ ...write, place });
  let newest = Number(left.at(-1)?.place.slice(prefix.length) ?? 0);
  let tell = (write: LoggedWrite): void => void left.push(write);

  const items = store.getItemDb(table);
  const write = (key: string, after: Item | undefined, done: (error?: Error | null) => void): void => {
    // dynalite holds the item's lock, so that nobody else writes it meanwhile.
    items.get(key, (error, before) => {
      // An item that cannot be read is not a new one: the stream would tell it as if it were.
      if (error && error.name !== 'NotFoundError') {
        done(error);
        return;
      }
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

export interface EmbeddedDynamoDb {
  /** Where any DynamoDB client finds it; it takes any credentials. */
  readonly url: string;
  /** Logs the writes of a table from now on, and hands over those that an earlier run left. */
  readonly logWrites: (table: string, keyNames: readonly string[]) => Promise<WriteLog>;
  readonly close: () => Promise<void>;
}

interface EmbeddedDynamoDbOptions {
  /** Folder of the tables, made where it is missing; in memory where absent. */
  readonly path?: string;
  /** Any free port where absent. */
  readonly port?: PortChoice;
}

const CLOSE_TIMEOUT_MS = 2_000;

/** dynalite lets every page of the web read and write: it answers any Origin, and looks at no Host. */
const keepToThisMachine = (server: Server): void => {
  const handlers = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (isFromHere((name) => request.headers[name])) {
      for (const handle of handlers) handle(request, response);
      return;
    }
    request.resume();
    response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: 'AccessDeniedException', message: NOT_FROM_HERE }));
  });
};

/** dynalite keeps its store to itself, but makes it by a function that can be listened to. */
const openDynalite = (options: Parameters<typeof dynalite>[0]): { readonly server: Server; readonly store: Store } => {
  const { create } = db;
  let store: Store | undefined;
  db.create = (given) => (store = create(given));
  try {
    const server = dynalite(options);
    if (store === undefined) throw new Error('dynalite made no store.');
    return { server, store };
  } finally {
    db.create = create;
  }
};

/**
 * DynamoDB on this machine: dynalite on LevelDB, listening on the loopback address alone. It has no transactions,
 * streams or TTL; `logWrites` stands for a stream. Rejects with the error of Node where the port is taken or the folder is in use.
 */
export const startEmbeddedDynamoDb = async ({
  path,
  port,
}: EmbeddedDynamoDbOptions = {}): Promise<EmbeddedDynamoDb> => {
  closeIteratorsOnReturn();
  const { server, store } = openDynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(path === undefined ? {} : { path }),
  });
  keepToThisMachine(server);
  // One server for every try: each opens the folder anew, and LevelDB gives it out once.
  await onPort(port ?? ANY_PORT, '--dynamodb-port', async (number) => {
    server.listen(number, '127.0.0.1');
    await once(server, 'listening');
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    logWrites: (table, keyNames) => logWrites(store, table, keyNames),
    close: () =>
      new Promise((resolve, reject) => {
        // dynalite ends the process when its tables close under a request, so requests in flight get time to end.
        const timer = setTimeout(() => {
          server.closeAllConnections();
        }, CLOSE_TIMEOUT_MS);
        // The server's own 'close' event comes before LevelDB has closed its files; the callback comes after.
        server.close((error) => {
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        });
      }),
  };
};
