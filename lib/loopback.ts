import { TrackerError } from './domain/errors.ts';
import type { ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';

/** A port that the user asked for, or one to prefer. */
export interface PortChoice {
  readonly port: number;
  /** True where the user named it: then another one will not do. */
  readonly asked: boolean;
}

/** Whatever port is free. */
export const ANY_PORT: PortChoice = { port: 0, asked: false };

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');

/** Starts a server on the chosen port, or on any free one where the choice was only a preference. */
export const onPort = async <T>(
  { port, asked }: PortChoice,
  option: string,
  start: (port: number) => Promise<T>,
): Promise<T> => {
  try {
    return await start(port);
  } catch (error) {
    if (!isTaken(error)) throw error;
    if (!asked) return start(0);
    throw new TrackerError(
      'LOCAL_RUN_REFUSED',
      `Port ${String(port)} is taken. Choose another with ${option}, or 0 for any free one.`,
      {
        cause: error,
      },
    );
  }
};

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/** A header of a request by its name in lower case; undefined where it has none. */
export type HeaderOf = (name: 'host' | 'origin' | 'sec-fetch-site') => string | null | undefined;

/**
 * Whether a request to a server of this machine comes from a program of this machine, as far as that can be seen. A page
 * of another site can send requests to such a port, under its own origin or (DNS rebinding) its own host name.
 */
export const isFromHere = (header: HeaderOf): boolean => {
  const origin = header('origin') ?? undefined;
  return (
    LOOPBACK_HOST.test(header('host') ?? '') &&
    (origin === undefined || LOOPBACK_HOST.test(origin.replace(/^https?:\/\//, ''))) &&
    header('sec-fetch-site') !== 'cross-site'
  );
};

export const NOT_FROM_HERE =
  'Only programs of this machine get an answer here: use a loopback address, such as 127.0.0.1, and no web page of another site.';

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
