import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface HttpServer {
  readonly url: string;
  /** Ends open connections too. */
  readonly close: () => Promise<void>;
}

export const jsonAnswer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

export const readAll = async (stream: AsyncIterable<unknown>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
};

const respond = async (
  answer: (request: HttpRequest) => Promise<HttpAnswer>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  const { method = '', url = '', headers } = incoming;
  const {
    status,
    headers: answered,
    body,
  } = await answer({ method, path: url, headers, body: await readAll(incoming) });
  for (const [name, value] of Object.entries(answered)) {
    if (value !== undefined) outgoing.setHeader(name, value);
  }
  outgoing.writeHead(status).end(body);
};

/** A server on a free port of this machine. An answer that rejects breaks the connection, as a lost host does. */
export const serve = async (answer: (request: HttpRequest) => Promise<HttpAnswer>): Promise<HttpServer> => {
  const server: Server = createServer((incoming, outgoing) => {
    respond(answer, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
