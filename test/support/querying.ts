import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as ssm from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';
import * as client from '../../lib/client/index.ts';
import { JOBS_TABLE, MODELS_TABLE, SWEEPS_TABLE } from '../../lib/contract.ts';
import { ensureTable } from '../../lib/local/tables.ts';
import { startEmbeddedDynamoDb } from '../../lib/local/embedded-dynamodb.ts';
import type { LoadedJob } from '../../lib/simulator/index.ts';
import { jsonAnswer, serve, type HttpServer } from './integration/http.ts';
import { loadTable, manyJob, withMarks } from './integration/jobs.ts';
import { manyModel, pointersOf, putItems } from './models.ts';
import { registerScopes } from './registry.ts';

export const QUERYING = join(import.meta.dirname, '..', '..', 'docs', 'querying.md');

const LANGUAGES = ['ts', 'python', 'bash', 'go', 'java'] as const;

/** What stands below one heading of docs/querying.md: the first block of each language. */
export type Section = { readonly heading: string } & { readonly [Language in (typeof LANGUAGES)[number]]?: string };

/** The sections of docs/querying.md that have code, in its order. */
export const querySections = (): readonly Section[] =>
  readFileSync(QUERYING, 'utf8')
    .split(/^#+ (?=[^\n]+\n\n)/m)
    .map((text): Section => {
      const blocks = LANGUAGES.flatMap((language) => {
        const code = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(text)?.[1];
        return code === undefined ? [] : [[language, code]];
      });
      return { heading: text.split('\n')[0] ?? '', ...(Object.fromEntries(blocks) as Omit<Section, 'heading'>) };
    })
    .filter((section) => LANGUAGES.some((language) => section[language] !== undefined));

const TABLE = 'bedrock-jobs';
const MODELS = 'bedrock-models';
const SWEEPS = 'bedrock-sweeps';
const SCOPES = '111122223333#us-east-1,111122223333#us-west-2';
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

/** The model that it made, which the page's throughput serves. */
const firstModel = () => {
  const arn = 'arn:aws:bedrock:us-east-1:111122223333';
  const throughput = { ...manyModel(0).provisioned_throughputs[0], arn: `${arn}:provisioned-model/k3j8h5g2f7d4` };
  return manyModel(0, {
    model_arn: firstJob().job.outputModelArn ?? '',
    job_arn: firstJob().job.jobArn,
    provisioned_throughputs: [{ status: 'InService', since: '2026-01-03T00:00:00.000Z', ...throughput }],
  });
};

const PARAMETERS = new Map<string, string>([
  [client.PARAMETER.jobsTableName, TABLE],
  [client.PARAMETER.modelsTableName, MODELS],
  [client.PARAMETER.trackedScopes, SCOPES],
  [client.PARAMETER.sweepsTableName, SWEEPS],
]);

/** SSM's GetParameters, of a tracker under the default prefix. */
const startParameterStore = (): Promise<HttpServer> =>
  serve(({ headers, body }) => {
    const operation = headers['x-amz-target'];
    if (operation !== 'AmazonSSM.GetParameters') throw new Error(`Unexpected operation: ${String(operation)}`);
    const { Names: names } = JSON.parse(body) as { readonly Names: readonly string[] };
    const known = names.flatMap((Name) => (PARAMETERS.has(Name) ? [{ Name, Value: PARAMETERS.get(Name) }] : []));
    const InvalidParameters = names.filter((name) => !PARAMETERS.has(name));
    return Promise.resolve(jsonAnswer(200, { Parameters: known, InvalidParameters }));
  });

/** The table that the page speaks of, with what it names and more, and the parameters that lead to it. */
export const startQueryingTable = async () => {
  const ssm = await startParameterStore();
  const server = await startEmbeddedDynamoDb();
  const dynamoDb = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1' });
  await ensureTable(dynamoDb, TABLE, JOBS_TABLE);
  const document = DynamoDBDocumentClient.from(dynamoDb, { marshallOptions: MARSHALL_OPTIONS });
  const jobs = [firstJob(), ...Array.from({ length: JOBS }, (_, n) => manyJob(n + 1))];
  await loadTable({ client: document, jobsTable: TABLE }, jobs, (record, n) =>
    n === 0 ? record : withMarks(record, n),
  );
  await ensureTable(dynamoDb, MODELS, MODELS_TABLE);
  await putItems(document, MODELS, [firstModel(), ...pointersOf(firstModel())]);
  await ensureTable(dynamoDb, SWEEPS, SWEEPS_TABLE);
  await registerScopes(document, SWEEPS, { idle: SCOPES.split(',') });
  dynamoDb.destroy();
  return {
    /** Leads the SDKs of all languages to the table and the parameters. */
    environment: { AWS_ENDPOINT_URL_DYNAMODB: server.url, AWS_ENDPOINT_URL_SSM: ssm.url },
    close: () => Promise.all([server.close(), ssm.close()]),
  };
};

// There is no other way to have this constructor.
const AsyncFunction = (async () => {
  await Promise.resolve();
}).constructor as new (...code: string[]) => (...values: unknown[]) => Promise<Record<string, unknown>>;

/** Runs a TypeScript block as it stands, but for where it imports the client from; what it named. */
export const runTypeScript = async (code: string, jobs: unknown): Promise<Record<string, unknown>> => {
  const local = code
    .replaceAll(/^import (\{[^}]+\}) from 'bedrock-job-tracker-client';$/gm, 'const $1 = client;')
    .replaceAll(/^import (\{[^}]+\}) from '@aws-sdk\/client-ssm';$/gm, 'const $1 = ssm;')
    .replaceAll("await import('bedrock-job-tracker-client')", 'client');
  const isFirst = local.includes('const jobs =');
  const answer = isFirst ? 'return { jobs };' : "return { found: typeof found === 'undefined' ? undefined : found };";
  const given = ['client', 'ssm', 'console', ...(isFirst ? [] : ['jobs'])];
  const quiet = { log: () => undefined };
  return new AsyncFunction(...given, `${stripTypeScriptTypes(local)}\n${answer}`)(client, ssm, quiet, jobs);
};

/** What a section's TypeScript finds; of a section that makes a client, what this lists as active. */
export const findBy = async (section: Section, jobs: unknown): Promise<readonly unknown[] | undefined> => {
  const { found, jobs: made } = await runTypeScript(section.ts ?? '', jobs);
  if (made === undefined) return found as readonly unknown[] | undefined;
  return (await (made as client.JobsClient).listJobs({ active: true })).jobs;
};

/** What identifies a record, an entry or a transition in both languages. */
export const identityOf = (item: unknown): string => {
  const { model_arn, job_arn, at, to } = item as Readonly<
    Partial<Record<'model_arn' | 'job_arn' | 'at' | 'to', string>>
  >;
  return model_arn ?? job_arn ?? `${at ?? ''} ${to ?? ''}`;
};
