/**
 * What DynamoDB answers a sweep's queries of a history, in a process of its own: the two indexes in order, a page for
 * each MB of them, only the attributes that are asked for, and the newest job's record, by which an active sweep learns
 * whether events tell of creations. It makes its pages before anyone asks; nothing can be written.
 * dynalite would take most of an hour to load a million records, and longer to answer than what is measured.
 */
import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { INDEX } from '../../lib/contract.ts';
import { MARSHALL_OPTIONS, queryScopeInput } from '../../lib/runtime/dynamodb-stores.ts';
import { serve } from '../../test/support/integration/http.ts';
import { recordOf } from '../../test/support/integration/jobs.ts';
import { ACTIVE_JOBS, HISTORY_SCOPE, historyJob } from './history.ts';
import { startProcess } from './process.ts';

/** Changes the table, and in any case asks how many requests came since the last time. */
interface TableRequest {
  readonly growTo?: number;
  readonly latencyMs?: number;
}

export interface HistoryTable {
  readonly url: string;
  /** Gives the table so many records. */
  readonly growTo: (records: number) => Promise<number>;
  /** How long each request takes from now on. */
  readonly setLatency: (latencyMs: number) => Promise<number>;
  /** How many requests came since the last time it was asked. */
  readonly requests: () => Promise<number>;
  readonly close: () => void;
}

/** Starts it without records. */
export const startHistoryTable = async (until: number): Promise<HistoryTable> => {
  const helper = startProcess(import.meta.filename, [String(until)]);
  const { url } = await helper.next<{ url: string }>();
  const ask = async (request: TableRequest): Promise<number> =>
    (await helper.ask<{ requests: number }>(request)).requests;
  return {
    url,
    growTo: (growTo) => ask({ growTo }),
    setLatency: (latencyMs) => ask({ latencyMs }),
    requests: () => ask({}),
    close: helper.close,
  };
};

/** A page is 1 MB of an index, and an index carries about 640 bytes of each of these records. */
const PAGE = 1_600;

const itemOf = (record: object) => marshall(record, MARSHALL_OPTIONS);

const attributesOf = ({ ProjectionExpression = '', ExpressionAttributeNames = {} }: QueryCommandInput): string[] =>
  ProjectionExpression.split(', ').map((name) => ExpressionAttributeNames[name] ?? name);

const pageOf = (
  query: QueryCommandInput,
  until: number,
  [from, to]: readonly [number, number],
  end: number,
): string => {
  const attributes = attributesOf(query);
  const Items = Array.from({ length: to - from }, (_, at) => {
    const record = recordOf(historyJob(from + at, { until }));
    const projected = Object.entries(record).filter(([name]) => attributes.includes(name));
    return itemOf(Object.fromEntries(projected));
  });
  // Opaque to readers: DynamoDB's has the keys of the last item.
  const LastEvaluatedKey = { next: { N: String(to) } };
  return JSON.stringify({ Items, Count: Items.length, ...(to < end && { LastEvaluatedKey }) });
};

const serveTable = async (until: number): Promise<void> => {
  let [count, latency, requests] = [0, 0, 0];
  const pages = new Map<string, string>();
  const answer = (query: QueryCommandInput): string => {
    const from = Number(query.ExclusiveStartKey?.['next']?.N ?? 0);
    const end = query.IndexName === INDEX.active ? Math.min(count, ACTIVE_JOBS) : count;
    const to = Math.min(end, from + PAGE);
    const key = `${query.IndexName ?? ''} ${from} ${to} ${to === end}`;
    const page = pages.get(key) ?? pageOf(query, until, [from, to], end);
    pages.set(key, page);
    return page;
  };
  const { url } = await serve(async ({ headers, body }) => {
    requests += 1;
    const isQuery = headers['x-amz-target'] === 'DynamoDB_20120810.Query';
    const newest = () => JSON.stringify({ Item: itemOf(recordOf(historyJob(0, { until }))) });
    const found = isQuery ? answer(JSON.parse(body) as QueryCommandInput) : newest();
    await sleep(latency);
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: found };
  });
  process.on('message', ({ growTo, latencyMs = latency }: TableRequest) => {
    latency = latencyMs;
    if (growTo !== undefined) {
      count = growTo;
      // By the real adapter's query of a full sweep, so that no sweep waits for its pages.
      const query = queryScopeInput('jobs', INDEX.byScope, HISTORY_SCOPE);
      for (let from = 0; from < count; from += PAGE) {
        answer({ ...query, ExclusiveStartKey: { next: { N: String(from) } } });
      }
    }
    process.send?.({ requests });
    requests = 0;
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ url });
};

if (process.argv[1] === import.meta.filename) await serveTable(Number(process.argv[2]));
