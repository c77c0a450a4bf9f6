/**
 * What DynamoDB answers a sweep's queries of a history, in a process of its own: the two indexes in order, a page for
 * each MB of them, only the attributes that are asked for. It makes its pages before anyone asks; nothing can be written.
 * dynalite would take most of an hour to load a million records, and longer to answer than what is measured.
 */
import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { queryScopeInput } from '../../lib/runtime/dynamodb-stores.ts';
import { INDEX } from '../../lib/contract.ts';
import { recordOf } from '../../test/support/integration/load-table.ts';
import { ACTIVE_JOBS, HISTORY_SCOPE, historyJob } from './history.ts';

export interface TableSettings {
  readonly until: number;
}

/** Makes the table as large or as slow as is said, and in any case asks how many requests came since the last time. */
export interface TableRequest {
  readonly growTo?: number;
  readonly latencyMs?: number;
}

/** A page is 1 MB of what the index carries of records, and that is some 640 bytes for each of these. */
const PAGE = 1_600;
const { until } = JSON.parse(process.argv[2] ?? '') as TableSettings;
let count = 0;
let latency = 0;
let requests = 0;
const pages = new Map<string, Buffer>();

const attributesOf = ({ ProjectionExpression = '', ExpressionAttributeNames = {} }: QueryCommandInput): string[] =>
  ProjectionExpression.split(', ').map((name) => ExpressionAttributeNames[name] ?? name);

const pageOf = (query: QueryCommandInput, from: number, to: number, isLast: boolean): Buffer => {
  const attributes = attributesOf(query);
  const Items = Array.from({ length: to - from }, (_, at) => {
    const record = recordOf(historyJob(from + at, { until }));
    const projected = Object.entries(record).filter(([name]) => attributes.includes(name));
    return marshall(Object.fromEntries(projected), { removeUndefinedValues: true });
  });
  // Opaque to whoever reads on: DynamoDB's has the keys of the last item.
  const LastEvaluatedKey = { next: { N: String(to) } };
  return Buffer.from(JSON.stringify({ Items, Count: Items.length, ...(isLast ? {} : { LastEvaluatedKey }) }));
};

const answer = (query: QueryCommandInput): Buffer => {
  const from = Number(query.ExclusiveStartKey?.['next']?.N ?? 0);
  const end = query.IndexName === INDEX.active ? Math.min(count, ACTIVE_JOBS) : count;
  const to = Math.min(end, from + PAGE);
  const key = `${query.IndexName ?? ''} ${from} ${to} ${to === end}`;
  const page = pages.get(key) ?? pageOf(query, from, to, to === end);
  pages.set(key, page);
  return page;
};

/** Makes the pages of a full sweep by the real adapter's query, so that no sweep waits for that. */
const grow = (jobs: number): void => {
  count = jobs;
  const query = queryScopeInput('jobs', INDEX.byScope, HISTORY_SCOPE);
  for (let from = 0; from < jobs; from += PAGE) answer({ ...query, ExclusiveStartKey: { next: { N: String(from) } } });
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const target = request.headers['x-amz-target'];
  if (target !== 'DynamoDB_20120810.Query') throw new Error(`This table answers queries alone, not ${String(target)}.`);
  requests += 1;
  const body = answer(JSON.parse(await bodyOf(request)) as QueryCommandInput);
  await sleep(latency);
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length }).end(body);
};

const server = createServer((request, response) => {
  void serve(request, response);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('message', ({ growTo, latencyMs = latency }: TableRequest) => {
  latency = latencyMs;
  if (growTo !== undefined) grow(growTo);
  process.send?.({ requests });
  requests = 0;
});
process.on('disconnect', () => process.exit());
