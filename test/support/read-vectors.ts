/**
 * The questions and answers of test/clients/read-vectors.json, which every reader of the jobs table must agree on: the
 * TypeScript client here, the Python one in test/clients/check_reader.py.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  createJobsClient,
  createModelsClient,
  isTerminal,
  parseModelTransition,
  parseTransition,
  parseScope,
  TrackerError,
  type GetJobOptions,
  type CustomModelSummary,
  type IterateJobsRequest,
  type IterateModelsRequest,
  type JobRecord,
  type JobSummary,
  type ListJobsRequest,
  type ListModelsRequest,
  type ModelRecord,
  type WaitForJobOptions,
} from '../../lib/client/index.ts';
import { JOBS_TABLE, MODELS_TABLE, SWEEPS_TABLE, type ScopeState } from '../../lib/contract.ts';
import { startEmbeddedDynamoDb } from '../../lib/local/embedded-dynamodb.ts';
import { ensureTable } from '../../lib/local/tables.ts';
import { pointersOf, putItems, withServingScope } from './models.ts';
import { registerScopes } from './registry.ts';

/** A table of sweeps in which no scope is registered. */
const NOBODY = 'nobody';
const FILE = join(import.meta.dirname, '../clients/read-vectors.json');

interface Row extends Partial<JobRecord> {
  readonly job_id: string;
  readonly scope: string;
  readonly model: string;
}

/** `job_id` names the job that made the model; what serves it is named by its id alone. */
interface ModelRow extends Partial<ModelRecord> {
  readonly model_id: string;
  readonly scope: string;
  readonly model: string;
  readonly job_id?: string;
}

interface Asked {
  readonly name: string;
  /** `*`: the registered ones. @default those of the file */
  readonly scopes?: readonly string[] | '*';
  /** @default that of the file */
  readonly sweepsTable?: string;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** Times are in milliseconds. */
export type Vector = Asked &
  (
    | { readonly call: 'getJob' | 'transitions'; readonly job: string; readonly options?: GetJobOptions }
    | { readonly call: 'jobThatMade'; readonly job: string }
    | { readonly call: 'listJobs' | 'allPages'; readonly request: ListJobsRequest }
    | { readonly call: 'getModel' | 'lineage'; readonly model: string; readonly options?: GetJobOptions }
    | { readonly call: 'listModels' | 'allPagesOfModels'; readonly request: ListModelsRequest }
    | { readonly call: 'iterateModels'; readonly request: IterateModelsRequest }
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
  readonly modelsTable: string;
  readonly scopes: readonly string[];
  readonly sweepsTable: string;
  /** The registered scopes by state. */
  readonly registered: Readonly<Record<ScopeState, readonly string[]>>;
  /** What all records have, where they do not say otherwise. */
  readonly template: Partial<JobRecord>;
  readonly records: readonly Row[];
  readonly modelTemplate: Partial<ModelRecord>;
  readonly models: readonly ModelRow[];
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

/** The models of the file, likewise. */
export const vectorModels = (): ModelRecord[] =>
  readVectors.models.map(({ model, job_id: job, ...row }) => {
    const [account_id = '', region = ''] = row.scope.split('#');
    const arn = `arn:aws:bedrock:${region}:${account_id}`;
    const model_arn = `${arn}:custom-model/${model}/${row.model_id}`;
    const served = (kind: string, entries: ModelRecord['deployments'] = []) =>
      entries.map((entry) => ({ ...entry, arn: `${arn}:${kind}/${entry.arn}` }));
    return withServingScope({
      ...readVectors.modelTemplate,
      ...{ model_arn, _key: model_arn, account_id, region },
      ...(job !== undefined && { job_arn: `${arn}:model-customization-job/${model}/${job}` }),
      base_model_arn: `arn:aws:bedrock:${region}::foundation-model/${model}`,
      ...row,
      deployments: served('custom-model-deployment', row.deployments),
      provisioned_throughputs: served('provisioned-model', row.provisioned_throughputs),
    } as ModelRecord);
  });

/** The tables of the file on an embedded DynamoDB. */
export const startVectorTable = async () => {
  const server = await startEmbeddedDynamoDb();
  const raw = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1' });
  await ensureTable(raw, readVectors.table, JOBS_TABLE);
  await ensureTable(raw, readVectors.modelsTable, MODELS_TABLE);
  for (const name of [readVectors.sweepsTable, NOBODY]) await ensureTable(raw, name, SWEEPS_TABLE);
  const client = DynamoDBDocumentClient.from(raw);
  const load = async (): Promise<void> => {
    const models = vectorModels();
    await putItems(client, readVectors.table, vectorRecords());
    await registerScopes(client, readVectors.sweepsTable, readVectors.registered);
    await putItems(client, readVectors.modelsTable, [...models, ...models.flatMap(pointersOf)]);
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
  const named = vector.scopes ?? readVectors.scopes;
  const where = {
    scopes: named === '*' ? named : named.flatMap((scope) => parseScope(scope) ?? []),
    sweepsTableName: vector.sweepsTable ?? readVectors.sweepsTable,
  };
  const jobs = createJobsClient(client, { tableName: readVectors.table, ...where });
  const models = createModelsClient(client, {
    ...{ modelsTableName: readVectors.modelsTable, jobsTableName: readVectors.table, ...where },
  });
  const list = async (request: ListJobsRequest | ListModelsRequest) => {
    const isOfModels = vector.call === 'listModels' || vector.call === 'allPagesOfModels';
    const { cursor, ...page } = await (isOfModels ? models.listModels(request) : jobs.listJobs(request));
    return { cursor, page: { ...page, more: cursor !== undefined } };
  };
  switch (vector.call) {
    case 'getJob':
      return { ...(await jobs.getJob(vector.job, vector.options)) };
    case 'transitions':
      return { ...(await jobs.transitions(vector.job, vector.options)) };
    case 'jobThatMade':
      return { ...(await jobs.jobThatMade(vector.job)) };
    case 'getModel':
      return { ...(await models.getModel(vector.model, vector.options)) };
    case 'lineage':
      return { ...(await models.lineage(vector.model, vector.options)) };
    case 'listJobs':
    case 'listModels':
      return (await list(vector.request)).page;
    case 'otherCursor': {
      const { cursor = '' } = await list(vector.cursorOf);
      return (await list({ ...vector.request, cursor })).page;
    }
    case 'allPages':
    case 'allPagesOfModels': {
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
    case 'iterateModels': {
      const found: CustomModelSummary[] = [];
      const all = models.iterateModels(vector.request);
      let step = await all.next();
      for (; step.done !== true; step = await all.next()) found.push(step.value);
      return { models: found, ...step.value };
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

/** An answer as the file has it: a job, a model or what serves it by its id, a transition by the status that began. */
export const briefAnswer = (answer: Answer): Answer => {
  const brief = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(brief);
    if (typeof value !== 'object' || value === null) return value;
    const { kind, to, ...arns } = value as Readonly<
      Partial<Record<'kind' | 'model_arn' | 'job_arn' | 'arn' | 'to', string>>
    >;
    // A lineage names all of them.
    const arn = kind === undefined ? (arns.model_arn ?? arns.job_arn ?? arns.arn) : undefined;
    return arn?.slice(-12) ?? to ?? briefAnswer(value as Answer);
  };
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, brief(value)]));
};
