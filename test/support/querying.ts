import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';
import * as client from '../../lib/client/index.ts';
import { JOBS_TABLE } from '../../lib/contract.ts';
import { ensureTable } from '../../lib/local/tables.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../lib/local/embedded-dynamodb.ts';
import type { LoadedJob } from '../../lib/simulator/index.ts';
import { loadTable, manyJob, withMarks } from './integration/jobs.ts';

export const QUERYING = join(import.meta.dirname, '..', '..', 'docs', 'querying.md');

/** What stands below one heading of docs/querying.md. */
export interface Section {
  readonly heading: string;
  readonly ts?: string;
  readonly python?: string;
}

/** The sections of docs/querying.md that have code, in its order. */
export const querySections = (): readonly Section[] =>
  readFileSync(QUERYING, 'utf8')
    .split(/^#+ (?=[^\n]+\n\n)/m)
    .map((text): Section => {
      const [ts, python] = ['ts', 'python'].map(
        (language) => new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(text)?.[1],
      );
      return {
        heading: text.split('\n')[0] ?? '',
        ...(ts === undefined ? {} : { ts }),
        ...(python === undefined ? {} : { python }),
      };
    })
    .filter(({ ts, python }) => ts !== undefined || python !== undefined);

const TABLE = 'bedrock-jobs';
/** Few enough that no list of the page is cut at its default of 100. */
const JOBS = 240;

/** The job that the page names. */
const firstJob = (): LoadedJob => {
  const { job, tags } = manyJob(4);
  const id = (arn: string, kind: string) =>
    `arn:aws:bedrock:us-east-1:111122223333:${kind}/amazon.nova-lite-v1:0:300k/${arn}`;
  return {
    job: {
      ...job,
      jobName: 'my-first-job',
      jobArn: id('abcdefghwxyz', 'model-customization-job'),
      outputModelArn: id('zyxwhgfedcba', 'custom-model'),
      creationTime: '2026-01-02T00:00:01.000Z',
      lastModifiedTime: '2026-01-02T06:00:00.000Z',
      endTime: '2026-01-02T05:59:00.000Z',
    },
    ...(tags && { tags }),
  };
};

/** The table that the page speaks of, with what it names and more. */
export const startQueryingTable = async (): Promise<EmbeddedDynamoDb> => {
  const server = await startEmbeddedDynamoDb();
  const dynamoDb = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1' });
  await ensureTable(dynamoDb, TABLE, JOBS_TABLE);
  const document = DynamoDBDocumentClient.from(dynamoDb, { marshallOptions: MARSHALL_OPTIONS });
  const jobs = [firstJob(), ...Array.from({ length: JOBS }, (_, n) => manyJob(n + 1))];
  await loadTable({ client: document, jobsTable: TABLE }, jobs, (record, n) =>
    n === 0 ? record : withMarks(record, n),
  );
  dynamoDb.destroy();
  return server;
};

// There is no other way to have this constructor.
const AsyncFunction = (async () => {
  await Promise.resolve();
}).constructor as new (...code: string[]) => (...values: unknown[]) => Promise<Record<string, unknown>>;

/** Runs a TypeScript block as it stands, but for where it imports the client from; what it named. */
export const runTypeScript = async (code: string, jobs: unknown): Promise<Record<string, unknown>> => {
  const local = code
    .replaceAll(/^import (\{[^}]+\}) from 'bedrock-job-tracker-client';$/gm, 'const $1 = client;')
    .replaceAll("await import('bedrock-job-tracker-client')", 'client');
  const isFirst = local.includes('const jobs =');
  const answer = isFirst ? 'return { jobs };' : "return { found: typeof found === 'undefined' ? undefined : found };";
  const given = isFirst ? ['client', 'console'] : ['client', 'console', 'jobs'];
  const quiet = { log: () => undefined };
  return new AsyncFunction(...given, `${stripTypeScriptTypes(local)}\n${answer}`)(client, quiet, jobs);
};

/** What identifies a record, an entry or a transition in both languages. */
export const identityOf = (item: unknown): string => {
  const { job_arn: arn, at, to } = item as { job_arn?: string; at?: string; to?: string };
  return arn ?? `${at ?? ''} ${to ?? ''}`;
};
