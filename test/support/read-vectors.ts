/**
 * The questions and answers of test/clients/read-vectors.json, which every reader of the jobs table must agree on: the
 * TypeScript client here, the Python one in test/clients/check_reader.py.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  createJobsClient,
  isTerminal,
  parseModelTransition,
  parseTransition,
  parseScope,
  TrackerError,
  type GetJobOptions,
  type IterateJobsRequest,
  type JobRecord,
  type JobSummary,
  type ListJobsRequest,
  type WaitForJobOptions,
} from '../../lib/client/index.ts';
import { JOBS_TABLE } from '../../lib/contract.ts';
import { startEmbeddedDynamoDb } from '../../lib/local/embedded-dynamodb.ts';
import { ensureTable } from '../../lib/local/tables.ts';

const FILE = join(import.meta.dirname, '../clients/read-vectors.json');

interface Row extends Partial<JobRecord> {
  readonly job_id: string;
  readonly scope: string;
  readonly model: string;
}

interface Asked {
  readonly name: string;
  /** @default those of the file */
  readonly scopes?: readonly string[];
  readonly expected: Readonly<Record<string, unknown>>;
}

/** Times are in milliseconds. */
export type Vector = Asked &
  (
    | { readonly call: 'getJob' | 'transitions'; readonly job: string; readonly options?: GetJobOptions }
    | { readonly call: 'jobThatMade'; readonly job: string }
    | { readonly call: 'listJobs' | 'allPages'; readonly request: ListJobsRequest }
    /** A page of one request by the cursor of the first page of another. */
    | { readonly call: 'otherCursor'; readonly request: ListJobsRequest; readonly cursorOf: ListJobsRequest }
    | { readonly call: 'iterateJobs'; readonly request: IterateJobsRequest }
    | {
        readonly call: 'waitForJob';
        readonly job: string;
        readonly options: Omit<WaitForJobOptions, 'signal' | 'onChange'>;
        /** Changes the record when it was first seen; what the wait then costs depends on the moment. */
        readonly update?: Readonly<Record<string, string | number>>;
      }
    | { readonly call: 'parseTransition' | 'parseModelTransition'; readonly change: object; readonly detail: object }
  );

interface VectorFile {
  readonly table: string;
  readonly scopes: readonly string[];
  /** What all records have, where they do not say otherwise. */
  readonly template: Partial<JobRecord>;
  readonly records: readonly Row[];
  readonly event: { readonly detail: object };
  readonly vectors: readonly Vector[];
}

export const readVectors = JSON.parse(readFileSync(FILE, 'utf8')) as VectorFile;

/** The records of the file, with what follows from their scope, id and model. */
export const vectorRecords = (): JobRecord[] =>
  readVectors.records.map(({ model, ...row }) => {
    const [account_id = '', region = ''] = row.scope.split('#');
    const arn = `arn:aws:bedrock:${region}:${account_id}`;
    const job_arn = `${arn}:model-customization-job/${model}/${row.job_id}`;
    const record = {
      ...readVectors.template,
      ...{ job_arn, _key: job_arn, account_id, region },
      base_model_arn: `arn:aws:bedrock:${region}::foundation-model/${model}`,
      ...(row.status === 'Completed' && { output_model_arn: `${arn}:custom-model/${model}/${row.job_id}` }),
      ...row,
    } as JobRecord;
    const isFollowed = row.missing_since === undefined && row.untracked_since === undefined;
    return isFollowed && !isTerminal(record) ? { ...record, active_scope: row.scope } : record;
  });

/** The table of the file on an embedded DynamoDB. */
export const startVectorTable = async () => {
  const server = await startEmbeddedDynamoDb();
  const raw = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1' });
  await ensureTable(raw, readVectors.table, JOBS_TABLE);
  const client = DynamoDBDocumentClient.from(raw);
  const load = async (): Promise<void> => {
    const puts = vectorRecords().map((Item) => ({ PutRequest: { Item } }));
    for (let at = 0; at < puts.length; at += 25) {
      await client.send(new BatchWriteCommand({ RequestItems: { [readVectors.table]: puts.slice(at, at + 25) } }));
    }
  };
  await load();
  const close = async (): Promise<void> => {
    raw.destroy();
    await server.close();
  };
  return { url: server.url, client, load, close };
};

type Answer = Readonly<Record<string, unknown>>;

const update = async (client: DynamoDBDocumentClient, job: JobRecord, change: object): Promise<void> => {
  const members = Object.entries(change);
  await client.send(
    new UpdateCommand({
      TableName: readVectors.table,
      Key: { job_arn: job.job_arn },
      UpdateExpression: `SET ${members.map((_, n) => `#n${n} = :v${n}`).join(', ')} REMOVE active_scope`,
      ExpressionAttributeNames: Object.fromEntries(members.map(([name], n) => [`#n${n}`, name])),
      ExpressionAttributeValues: Object.fromEntries(members.map(([, value], n) => [`:v${n}`, value])),
    }),
  );
};

const ask = async (client: DynamoDBDocumentClient, vector: Vector): Promise<Answer> => {
  const scopes = (vector.scopes ?? readVectors.scopes).flatMap((scope) => parseScope(scope) ?? []);
  const jobs = createJobsClient(client, { tableName: readVectors.table, scopes });
  const list = async (request: ListJobsRequest) => {
    const { cursor, ...page } = await jobs.listJobs(request);
    return { cursor, page: { ...page, more: cursor !== undefined } };
  };
  switch (vector.call) {
    case 'getJob':
      return { ...(await jobs.getJob(vector.job, vector.options)) };
    case 'transitions':
      return { ...(await jobs.transitions(vector.job, vector.options)) };
    case 'jobThatMade':
      return { ...(await jobs.jobThatMade(vector.job)) };
    case 'listJobs':
      return (await list(vector.request)).page;
    case 'otherCursor': {
      const { cursor = '' } = await list(vector.cursorOf);
      return (await list({ ...vector.request, cursor })).page;
    }
    case 'allPages': {
      const pages: Answer[] = [];
      let cursor: string | undefined;
      do {
        const answer = await list({ ...vector.request, ...(cursor !== undefined && { cursor }) });
        pages.push(answer.page);
        cursor = answer.cursor;
      } while (cursor !== undefined);
      return { pages };
    }
    case 'iterateJobs': {
      const found: JobSummary[] = [];
      const all = jobs.iterateJobs(vector.request);
      let step = await all.next();
      for (; step.done !== true; step = await all.next()) found.push(step.value);
      return { jobs: found, ...step.value };
    }
    case 'waitForJob': {
      const seen: unknown[] = [];
      const onChange = (job: JobRecord): void => {
        seen.push(job.status);
        if (seen.length === 1 && vector.update !== undefined) void update(client, job, vector.update);
      };
      const answer = await jobs.waitForJob(vector.job, { ...vector.options, onChange });
      return vector.update === undefined ? { ...answer, seen } : { job: answer.job, seen };
    }
    case 'parseTransition':
    case 'parseModelTransition': {
      const { event } = readVectors;
      const parse = vector.call === 'parseTransition' ? parseTransition : parseModelTransition;
      const { detail } = parse({ ...event, detail: { ...event.detail, ...vector.detail }, ...vector.change });
      return { transition_id: detail.transition_id };
    }
  }
};

/** The complete answer of the TypeScript client, or the code of its error. */
export const answerVector = async (client: DynamoDBDocumentClient, vector: Vector): Promise<Answer> => {
  try {
    // Without undefined members, as the other language has it.
    return JSON.parse(JSON.stringify(await ask(client, vector))) as Answer;
  } catch (error) {
    if (error instanceof TrackerError) return { error: error.code };
    throw error;
  }
};

/** An answer as the file has it: a job by its id, a transition by the status that began. */
export const briefAnswer = (answer: Answer): Answer => {
  const brief = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(brief);
    if (typeof value !== 'object' || value === null) return value;
    const { job_arn: arn, to } = value as { readonly job_arn?: string; readonly to?: string };
    return arn?.slice(-12) ?? to ?? briefAnswer(value as Answer);
  };
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, brief(value)]));
};
