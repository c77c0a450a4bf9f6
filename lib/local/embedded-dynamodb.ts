import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

export interface EmbeddedDynamoDb {
  /** Where any DynamoDB client finds it; it takes any credentials. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface EmbeddedDynamoDbOptions {
  /** Folder of the tables, made where it is missing; in memory where absent. */
  readonly path?: string;
  /** 0 for any free port. */
  readonly port: number;
}

/**
 * DynamoDB on this machine: dynalite on LevelDB, listening on the loopback address alone. It has no transactions,
 * streams or TTL. Rejects with the error of Node where the port is taken or the folder is in use.
 */
export const startEmbeddedDynamoDb = async ({ path, port }: EmbeddedDynamoDbOptions): Promise<EmbeddedDynamoDb> => {
  const server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(path === undefined ? {} : { path }),
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve, reject) => {
        // The server's own 'close' event comes before LevelDB has closed its files; the callback comes after.
        server.close((error) => {
          if (error) reject(error);
          else resolve();
        });
        server.closeAllConnections();
      }),
  };
};
