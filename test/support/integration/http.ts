import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as send,
  type Server,
  type ServerResponse,
} from 'node:http';
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

/** A request as it passed the proxy. */
export interface Passed extends HttpRequest {
  /** `Query jobs`, `ListModelCustomizationJobs` and so on. */
  readonly operation: string;
}

/** What happens to a request: `forward` asks the service and gives its answer. */
export type Around = (request: Passed, forward: () => Promise<HttpAnswer>) => Promise<HttpAnswer>;

/** Stands between the built handlers, which make their own clients, and a service: counts, delays and refuses. */
export interface Proxy {
  readonly url: string;
  /** Where requests go; a test may put another service in its place. */
  target: string;
  /** Replace it to disturb; the default forwards. */
  around: Around;
  /** Everything that came since the start or the last `forget`. */
  readonly passed: readonly Passed[];
  /** Requests by operation since the start or the last `forget`. */
  readonly counts: () => Readonly<Record<string, number>>;
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

export const passOn: Around = (_request, forward) => forward();

const ask = (agent: Agent, target: string, { method, path, headers, body }: HttpRequest): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const outgoing = send(new URL(path, target), { method, headers, agent }, (incoming) => {
      readAll(incoming).then((text) => {
        // The text is sent on as a whole.
        const { 'transfer-encoding': _, connection: __, ...kept } = incoming.headers;
        resolve({ status: incoming.statusCode ?? 502, headers: kept, body: text });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

export const startProxy = async (target: string, operationOf: (request: HttpRequest) => string): Promise<Proxy> => {
  const agent = new Agent({ keepAlive: true });
  let passed: Passed[] = [];
  const forwarded = new Set<Promise<HttpAnswer>>();
  const forward = (request: Passed): Promise<HttpAnswer> => {
    const answer = ask(agent, proxy.target, request).finally(() => forwarded.delete(answer));
    forwarded.add(answer);
    return answer;
  };
  const server = await serve(async (incoming) => {
    const request: Passed = { ...incoming, operation: operationOf(incoming) };
    passed.push(request);
    return proxy.around(request, () => forward(request));
  });
  const proxy: Proxy = {
    url: server.url,
    target,
    around: passOn,
    get passed() {
      return passed;
    },
    counts: () => {
      const counts: Record<string, number> = {};
      for (const { operation } of passed) counts[operation] = (counts[operation] ?? 0) + 1;
      return counts;
    },
    forget: () => {
      passed = [];
    },
    close: async () => {
      await server.close();
      // dynalite ends the process where it is closed in the middle of a write.
      await Promise.allSettled(forwarded);
      agent.destroy();
    },
  };
  return proxy;
};

/** `Query jobs`: the operation of DynamoDB and the table. */
export const dynamoDbOperation = ({ headers, body }: HttpRequest): string => {
  const [, operation = 'unknown'] = String(headers['x-amz-target']).split('.');
  return `${operation} ${(JSON.parse(body) as { TableName?: string }).TableName ?? ''}`.trim();
};

const JOBS = /^\/model-customization-jobs(?<job>\/[^/?]*)?(?<stop>\/stop)?(?:\?|$)/;
const TAGGING: Readonly<Record<string, string>> = {
  '/listTagsForResource': 'ListTagsForResource',
  '/tagResource': 'TagResource',
  '/untagResource': 'UntagResource',
};

/** The operation of Bedrock that a request asks for. */
export const bedrockOperation = ({ method, path }: Pick<HttpRequest, 'method' | 'path'>): string => {
  const groups = JOBS.exec(path)?.groups;
  if (groups === undefined) return TAGGING[path] ?? `${method} ${path}`;
  if (groups['stop'] !== undefined) return 'StopModelCustomizationJob';
  if (groups['job'] !== undefined) return 'GetModelCustomizationJob';
  return method === 'POST' ? 'CreateModelCustomizationJob' : 'ListModelCustomizationJobs';
};

/** The job that a request to Bedrock names: an ARN or a name. */
export const askedJob = ({ path, body }: Pick<HttpRequest, 'path' | 'body'>): string => {
  const job = JOBS.exec(path)?.groups?.['job'];
  if (job !== undefined) return decodeURIComponent(job.slice(1));
  return body === '' ? '' : ((JSON.parse(body) as { resourceARN?: string }).resourceARN ?? '');
};
