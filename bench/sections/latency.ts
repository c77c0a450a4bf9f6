import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BedrockClient, CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { readRunFile, type RunFile } from '../../lib/local/run-file.ts';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';
import { createInput } from '../../test/support/integration/jobs.ts';
import { loadTable, manyJob } from '../../test/support/integration/jobs.ts';
import { formatNumber, quantile, type MeasureOptions, type Result, type Section } from '../section.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Where the full-stack test leaves what it measured: test/stack/areas/latency.ts. */
const STACK_REPORT = join(ROOT, 'dist', 'stack-latency.json');
/** How long Bedrock takes to answer a call. */
const LATENCY_MS = 50;
const LIMIT_MS = 120_000;
/** What a reader waits between two looks: an answer is late by that and the look itself. */
const LOOK_EVERY_MS = 5;
const MOST_KEYS = 100;
const OLDER_RECORDS = 10_000;
/** Only the measured jobs, which do not end before they are told to, and no sweep that is sooner than an event. */
const FLAGS = ['--active-jobs', '0', '--speed', '0.001', '--sweep-every', '86400', '--full-sweep-every', '604800'];
const PORTS = ['--port', '0', '--dynamodb-port', '0', '--bedrock-port', '0'];

type Addresses = RunFile & { readonly bedrockUrl: string };

/** Runs `bedrock-jobs local` in a process of its own while `work` lasts. */
const withLocalRun = async <Result>(work: (addresses: Addresses) => Promise<Result>): Promise<Result> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bedrock-job-tracker-bench-'));
  const entry = join(ROOT, 'bin', 'bedrock-jobs.ts');
  const child = spawn(process.execPath, [entry, 'local', '--data-dir', dataDir, ...PORTS, ...FLAGS], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = once(child, 'exit');
  try {
    const end = performance.now() + LIMIT_MS;
    for (;;) {
      const found = await readRunFile(dataDir).catch(() => undefined);
      if (found?.bedrockUrl !== undefined) return await work({ ...found, bedrockUrl: found.bedrockUrl });
      if (child.exitCode !== null || performance.now() > end) throw new Error('The local run did not start.');
      await pause(100);
    }
  } finally {
    if (child.exitCode === null) child.kill('SIGINT');
    await exit;
    await rm(dataDir, { recursive: true, force: true });
  }
};

const steer = async ({ bedrockUrl }: Addresses, method: 'PUT' | 'POST', path: string, body: object): Promise<void> => {
  const answer = await fetch(`${bedrockUrl}/_simulator/${path}`, { method, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The simulator refused ${path}: ${text}`);
};

/**
 * Looks until every job has a record of this status, as another service reads them. Answers when each was first seen so;
 * `pending` may grow meanwhile, up to `count`.
 */
const watchRecords = async (
  client: DynamoDBDocumentClient,
  table: string,
  {
    status,
    pending,
    count,
  }: { readonly status: string; readonly pending: ReadonlySet<string>; readonly count: number },
): Promise<ReadonlyMap<string, number>> => {
  const seen = new Map<string, number>();
  const end = performance.now() + LIMIT_MS;
  while (seen.size < count) {
    const waiting = [...pending].filter((arn) => !seen.has(arn)).slice(0, MOST_KEYS);
    if (waiting.length > 0) {
      const Keys = waiting.map((job_arn) => ({ job_arn }));
      const { Responses } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      for (const record of Responses?.[table] ?? []) {
        if (record['status'] === status) seen.set(record['job_arn'] as string, performance.now());
      }
    }
    if (performance.now() > end) throw new Error(`${count - seen.size} of ${count} jobs got no record in time.`);
    await pause(LOOK_EVERY_MS);
  }
  return seen;
};

/** Creates jobs, and answers their ARNs when each has a record as running. */
const createJobs = async (
  run: Addresses,
  client: DynamoDBDocumentClient,
  count: number,
): Promise<readonly string[]> => {
  const bedrock = new BedrockClient({ endpoint: run.bedrockUrl, region: run.region });
  const arns = await pMap(
    Array.from({ length: count }, (_, n) => createInput(`latency-${Date.now()}-${n}`)),
    async (input) => (await bedrock.send(new CreateModelCustomizationJobCommand(input))).jobArn ?? '',
    { concurrency: 8 },
  );
  bedrock.destroy();
  await watchRecords(client, run.jobsTable, { status: 'InProgress', pending: new Set(arns), count });
  return arns;
};

/** Ends jobs at an even rate. Answers how long each took, in ms, until its record was read as completed. */
const endJobs = async (
  run: Addresses,
  client: DynamoDBDocumentClient,
  { arns, perSecond }: { readonly arns: readonly string[]; readonly perSecond: number },
): Promise<number[]> => {
  const sent = new Map<string, number>();
  const pending = new Set<string>();
  const sendAll = async (): Promise<void> => {
    const started = performance.now();
    const sending: Promise<void>[] = [];
    for (const [position, arn] of arns.entries()) {
      await pause(Math.max(0, started + (position * 1000) / perSecond - performance.now()));
      sent.set(arn, performance.now());
      pending.add(arn);
      sending.push(steer(run, 'POST', `jobs/${encodeURIComponent(arn)}`, { status: 'Completed' }));
    }
    await Promise.all(sending);
  };
  const watch = { status: 'Completed', pending, count: arns.length };
  const [seen] = await Promise.all([watchRecords(client, run.jobsTable, watch), sendAll()]);
  return arns.map((arn) => (seen.get(arn) ?? NaN) - (sent.get(arn) ?? NaN));
};

const resultOf = (what: string, perSecond: number, [p50, p99]: readonly number[]): Result => ({
  what: `${what}, ${perSecond} events a second: p50 / p99`,
  measured: `${formatNumber(p50 ?? NaN)} / ${formatNumber(p99 ?? NaN)} ms`,
});

/** What the last full-stack test measured on this machine, if one was run. */
const stackResults = async (): Promise<readonly Result[]> => {
  const text = await readFile(STACK_REPORT, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const { perSecond, p50, p99 } = JSON.parse(text) as Record<'perSecond' | 'p50' | 'p99', number>;
  return [resultOf('PutEvents to record, MiniStack', perSecond, [p50, p99])];
};

const measureLocally = ({ quick, say }: MeasureOptions): Promise<readonly Result[]> =>
  withLocalRun(async (run) => {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: run.dynamoDbUrl, region: run.region }), {
      marshallOptions: MARSHALL_OPTIONS,
    });
    await steer(run, 'PUT', 'faults', { latencyMs: LATENCY_MS });
    const older = Array.from({ length: quick ? 100 : OLDER_RECORDS }, (_, n) => manyJob(n));
    await loadTable({ client, jobsTable: run.jobsTable }, older);
    const results: Result[] = [];
    for (const perSecond of [20, 50]) {
      say(`${perSecond} events a second`);
      const arns = await createJobs(run, client, quick ? 20 : 1_000);
      const latencies = await endJobs(run, client, { arns, perSecond });
      const quantiles = [0.5, 0.99].map((share) => quantile(latencies, share));
      results.push(resultOf('Change to record, local run', perSecond, quantiles));
    }
    client.destroy();
    return results;
  });

export const section: Section = {
  title: 'Latency',
  text: `\`bedrock-jobs local\` in a process of its own, with ${formatNumber(OLDER_RECORDS)} older records on disk, ${LATENCY_MS} ms for each call of Bedrock, and no sweep meanwhile. Jobs end at an even rate; another process takes the time until a consistent read shows the record as completed. MiniStack, an emulator of AWS, is of the last [full-stack test](testing.md#the-full-stack-test).`,
  measure: async (options) => [...(await measureLocally(options)), ...(await stackResults())],
};
