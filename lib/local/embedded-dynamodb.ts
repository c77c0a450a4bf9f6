import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import db, { type Store } from 'dynalite/db/index.js';
import { ANY_PORT, isFromHere, NOT_FROM_HERE, onPort, type PortChoice } from '../loopback.ts';
import { closeIteratorsOnReturn } from './close-iterators.ts';
import { logWrites, type WriteLog } from './write-log.ts';

export interface EmbeddedDynamoDb {
  /** Where any DynamoDB client finds it; it takes any credentials. */
  readonly url: string;
  /** Logs the writes of a table from now on, and hands over those that an earlier run left. */
  readonly logWrites: (table: string, keyNames: readonly string[]) => Promise<WriteLog>;
  readonly close: () => Promise<void>;
}

export interface EmbeddedDynamoDbOptions {
  /** Folder of the tables, made where it is missing; in memory where absent. */
  readonly path?: string;
  /** Any free port where absent. */
  readonly port?: PortChoice;
}

const CLOSE_PATIENCE_MS = 2_000;

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
        const patience = setTimeout(() => {
          server.closeAllConnections();
        }, CLOSE_PATIENCE_MS);
        // The server's own 'close' event comes before LevelDB has closed its files; the callback comes after.
        server.close((error) => {
          clearTimeout(patience);
          if (error) reject(error);
          else resolve();
        });
      }),
  };
};
