/** The tracker's code alone: sweeps a scope as often as its task says, and answers how long it took and its memory. */
import {
  BedrockClient,
  ListModelCustomizationJobsCommand,
  paginateListModelCustomizationJobs,
} from '@aws-sdk/client-bedrock';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDocumentClient, dynamoDbJobStore } from '../../lib/runtime/dynamodb-stores.ts';
import type { SweepKind } from '../../lib/contract.ts';
import { sweptOnce } from './history.ts';
import { createSweeper, type SweepsTable } from './sweeper.ts';

export interface SweepTask {
  readonly bedrockUrl: string;
  readonly tableUrl: string;
  readonly tableLatencyMs: number;
  readonly sweep: SweepKind;
  /** Whether CloudTrail tells of jobs and tags. */
  readonly hasTrail: boolean;
  readonly rounds: number;
  /** Whether each round reads the bare pages too. */
  readonly paired: boolean;
}

export interface SweepTimes {
  /** Seconds of each round. */
  readonly sweeps: readonly number[];
  readonly bare: readonly number[];
  /** How many bare pages were read altogether. */
  readonly barePages: number;
  /** Jobs that the last sweep listed. */
  readonly listed: number;
  /** Reads and writes of the sweeps table, a round. */
  readonly stateRequests: number;
  /** The most memory that the process ever held (RSS), in MB. */
  readonly peakMb: number;
}

const task = JSON.parse(process.argv[2] ?? '') as SweepTask;

/** The sweeps table with a latency. */
const slowly = (store: SweepsTable, ms: number): { readonly store: SweepsTable; readonly requests: () => number } => {
  let requests = 0;
  const wait = async (): Promise<void> => {
    requests += 1;
    await sleep(ms);
  };
  const { scopes } = store;
  return {
    requests: () => requests,
    store: {
      get: (...query) => wait().then(() => store.get(...query)),
      acquire: (...query) => wait().then(() => store.acquire(...query)),
      save: (...query) => wait().then(() => store.save(...query)),
      scopes: {
        read: (...query) => wait().then(() => scopes.read(...query)),
        put: (...query) => wait().then(() => scopes.put(...query)),
        async *list(...query) {
          await wait();
          yield* scopes.list(...query);
        },
      },
    },
  };
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
};

/** Answers how many pages there are. */
const listBare = async (client: BedrockClient): Promise<number> => {
  const input = { sortBy: 'CreationTime', sortOrder: 'Descending' } as const;
  let pages = 0;
  for await (const _ of paginateListModelCustomizationJobs({ client, pageSize: 1_000 }, input)) pages += 1;
  return pages;
};

const MB = 1_000_000;

const main = async (): Promise<SweepTimes> => {
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = task.tableUrl;
  const { store, requests } = slowly(await sweptOnce(task), task.tableLatencyMs);
  const jobs = dynamoDbJobStore(createDocumentClient(), 'jobs');
  const run = createSweeper({ bedrockUrl: task.bedrockUrl, jobs, sweeps: store });
  const client = new BedrockClient({});
  const sweep = async (kind: SweepKind): Promise<number> => {
    const [answer] = await run(kind);
    if (answer?.finished !== true || answer.counts.drifted > 0) throw new Error(`Swept ${JSON.stringify(answer)}`);
    return answer.counts.listed;
  };
  // Connections are open then, on both sides of the comparison.
  await Promise.all([sweep('active'), client.send(new ListModelCustomizationJobsCommand({ maxResults: 1 }))]);
  process.send?.({ ready: true });
  await once(process, 'message');

  const before = requests();
  const times = { sweeps: [] as number[], bare: [] as number[] };
  let [listed, barePages] = [0, 0];
  const sweepTimed = async (): Promise<void> => {
    times.sweeps.push(await timed(async () => (listed = await sweep(task.sweep))));
  };
  const bareTimed = async (): Promise<void> => {
    times.bare.push(await timed(async () => (barePages += await listBare(client))));
  };
  for (let round = 0; round < task.rounds; round += 1) {
    const pair = task.paired ? [bareTimed, sweepTimed] : [sweepTimed];
    for (const one of round % 2 === 0 ? pair : pair.toReversed()) await one();
  }
  const stateRequests = (requests() - before) / task.rounds;
  const peakMb = (process.resourceUsage().maxRSS * 1_024) / MB;
  return { ...times, barePages, listed, stateRequests, peakMb };
};

process.send?.(await main());
process.disconnect();
