import type { ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';

export interface RunningServer {
  readonly port: number;
  /** Ends open connections too. */
  readonly close: () => Promise<void>;
}

/** The address that only this machine reaches. */
export const LOOPBACK = '127.0.0.1';

/** Listens on this machine only, unless another address is named. Rejects with Node's own error, such as EADDRINUSE. */
export const listen = async (server: ServerType, port: number, address = LOOPBACK): Promise<RunningServer> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => {
          if (error) reject(error);
          else resolve();
        });
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
};
