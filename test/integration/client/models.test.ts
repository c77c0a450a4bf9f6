import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  createModelsClient,
  type ListModelsRequest,
  type ModelRecord,
  type ModelsClient,
  type ModelsPage,
} from '../../../lib/client/index.ts';
import { MODELS_TABLE } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { MANY_MODELS, MANY_SCOPES } from '../../support/integration/jobs.ts';
import { manyModel, pointersOf, putItems } from '../../support/models.ts';
import { newRecord } from '../../support/transitions.ts';

jest.setTimeout(180_000);

const MODELS = 1_000;
const [EAST, WEST] = MANY_SCOPES;
const AT_EAST = { account: EAST.accountId, region: EAST.region };
const [NOVA] = MANY_MODELS;
const NOVA_EAST = `arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`;
const DAYS = { createdAfter: '2026-01-10T00:00:00Z', createdBefore: '2026-01-20T00:00:00Z' };

let tables: EmbeddedTables;
let models: ModelsClient;
const records = Array.from({ length: MODELS }, (_, n) => manyModel(n));
/** The jobs that made the first hundred models. */
const jobs = records.slice(0, 100).flatMap(({ job_arn, job_name, model_arn }): JobRecord[] =>
  job_arn === undefined
    ? []
    : [
        {
          ...newRecord('fine-tuning-completed', { job_arn, output_model_arn: model_arn }),
          ...{ job_name: job_name ?? '', job_id: job_arn.slice(-12) },
        },
      ],
);

beforeAll(async () => {
  tables = await startEmbeddedTables();
  await putItems(tables.client, tables.modelsTable, [...records, ...records.flatMap(pointersOf)]);
  await putItems(tables.client, tables.jobsTable, jobs);
  models = createModelsClient(tables.client, {
    ...{ modelsTableName: tables.modelsTable, jobsTableName: tables.jobsTable, scopes: MANY_SCOPES },
  });
});
afterAll(() => tables.close());

const pagesOf = async (client: ModelsClient, request: ListModelsRequest): Promise<ModelsPage[]> => {
  const pages: ModelsPage[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listModels({ ...request, ...(cursor !== undefined && { cursor }) });
    pages.push(page);
    cursor = page.cursor;
  } while (cursor !== undefined && pages.length < 1_000);
  return pages;
};
const arnsOf = (all: readonly Pick<ModelRecord, 'model_arn'>[]) => all.map(({ model_arn: arn }) => arn).sort();

const serves = (model: ModelRecord) => model.serving_scope !== undefined;
const isGone = (model: ModelRecord) => model.missing_since !== undefined;
const isEast = ({ scope }: ModelRecord) => scope === '111122223333#us-east-1';
const isNova = ({ base_model_arn: base }: ModelRecord) => base?.endsWith(`/${NOVA}`) === true;
const inDays = ({ creation_time: time = '' }: ModelRecord) => time >= '2026-01-10' && time < '2026-01-20';
const all =
  (...tests: ((model: ModelRecord) => boolean)[]) =>
  (model: ModelRecord) =>
    tests.every((test) => test(model));
const JOB_ARN = records[6]?.job_arn ?? '';
const CHAINED = records[36]?.model_arn ?? '';

/** A request, the index that answers it, the units that a page of 100 may cost, and the models that it means. */
const PATTERNS: readonly (readonly [ListModelsRequest, string, units: number, (model: ModelRecord) => boolean])[] = [
  [{}, 'by-scope', 20, () => true],
  [AT_EAST, 'by-scope', 12, isEast],
  [{ ...DAYS, status: 'Active' }, 'by-scope', 40, all(inDays, ({ status }) => status === 'Active')],
  [{ serving: true }, 'serving', 20, serves],
  [{ serving: true, ...AT_EAST, baseModel: NOVA }, 'serving', 20, all(serves, isEast, isNova)],
  [
    { serving: false, removed: false, region: WEST.region },
    'by-scope',
    50,
    (model) => !serves(model) && !isGone(model) && model.region === WEST.region,
  ],
  [{ removed: true }, 'by-scope', 120, isGone],
  [{ jobArn: JOB_ARN }, 'by-job', 0.5, ({ job_arn: arn }) => arn === JOB_ARN],
  [{ jobArn: JOB_ARN, serving: true }, 'by-job', 0.5, () => false],
  [{ baseModel: NOVA_EAST }, 'by-base-model', 12, ({ base_model_arn: base }) => base === NOVA_EAST],
  [{ baseModel: CHAINED }, 'by-base-model', 0.5, ({ base_model_arn: base }) => base === CHAINED],
  [
    { baseModel: NOVA, serving: true, nameContains: '8', tag: { key: 'team' } },
    'serving',
    50,
    all(serves, isNova, ({ model_name: name, tags }) => name?.includes('8') === true && 'team' in tags),
  ],
];

describe('every access pattern, over 1,000 models', () => {
  it.each(PATTERNS)('%j by the index %s, at most %d units a page', async (request, index, units, meant) => {
    const expected = arnsOf(records.filter(meant));
    for (const order of ['newest', 'oldest'] as const) {
      const pages = await pagesOf(models, { ...request, order });
      const found = pages.flatMap((page) => page.models);
      expect(pages[0]).toMatchObject({ index, sortedBy: 'creation_time' });
      expect(arnsOf(found)).toEqual(expected);
      const times = found.map(({ creation_time: time = '' }) => time);
      const sorted = [...times].sort();
      expect(times).toEqual(order === 'newest' ? sorted.reverse() : sorted);
      for (const page of pages) expect(page.readUnits).toBeLessThanOrEqual(units);
    }
  });

  it('a scan finds every model and no pointer', async () => {
    const noScopes = createModelsClient(tables.client, { modelsTableName: tables.modelsTable });
    await expect(noScopes.listModels()).rejects.toMatchObject({ code: 'SCAN_NEEDED' });
    const found = (await pagesOf(noScopes, { allowScan: true, limit: 500 })).flatMap((page) => page.models);
    expect(arnsOf(found)).toEqual(arnsOf(records));
    const [first] = records;
    expect(found.find(({ model_arn: arn }) => arn === first?.model_arn)).toEqual(
      Object.fromEntries(
        Object.entries(first ?? {}).filter(([name]) => ['model_arn', ...MODELS_TABLE.projected].includes(name)),
      ),
    );
  });

  it('iterates all models, none twice', async () => {
    const found: string[] = [];
    for await (const { model_arn: arn } of models.iterateModels()) found.push(arn);
    expect(found.sort()).toEqual(arnsOf(records));
  });
});

const model = (n: number) => records[n] as ModelRecord;
const [SERVED] = [45]; // by a deployment and a throughput, made by a job
const deploymentArn = model(SERVED).deployments[0]?.arn ?? '';
const throughputArn = model(SERVED).provisioned_throughputs[0]?.arn ?? '';

describe('getModel', () => {
  it.each([
    ['the ARN of a model', model(7).model_arn, 7, 1, 1],
    ['the name of a model', 'model-7', 7, 2, 1.5],
    ['the ARN of a deployment', deploymentArn, SERVED, 2, 2],
    ['the ARN of a throughput', throughputArn, SERVED, 2, 2],
    ['the name of a deployment', `deployment-${SERVED}`, SERVED, 3, 2.5],
  ])('finds by %s', async (_what, text, n, requests, readUnits) => {
    expect(await models.getModel(text)).toEqual({ model: model(n), requests, readUnits });
  });

  it('answers undefined for a model without a record', async () => {
    for (const text of ['nobody', `${model(7).model_arn}x`, `${deploymentArn}x`]) {
      expect((await models.getModel(text)).model).toBeUndefined();
    }
  });
});

describe('lineage, in at most two reads by ARN', () => {
  const job = jobs.find(({ job_arn: arn }) => arn === model(SERVED).job_arn) as JobRecord;
  it.each([
    ['a job', 'job', job.job_arn, 2, 2],
    ['a model', 'model', model(SERVED).model_arn, 2, 2],
    ['a deployment', 'deployment', deploymentArn, 2, 3],
    ['a throughput', 'throughput', throughputArn, 2, 3],
    ['the name of a model', 'model', `model-${SERVED}`, 3, 2.5],
    ['the name of a deployment', 'deployment', `deployment-${SERVED}`, 3, 3.5],
    ['the name of a throughput', 'throughput', `throughput-${SERVED}`, 3, 3.5],
    ['the name of a job', 'job', `job-${SERVED}`, 4, 2.5],
  ])('of %s', async (_what, kind, text, requests, readUnits) => {
    const { lineage, ...cost } = await models.lineage(text);
    expect(cost).toEqual({ requests, readUnits });
    expect(lineage).toMatchObject({
      kind,
      job,
      model: model(SERVED),
      model_arn: model(SERVED).model_arn,
      job_arn: job.job_arn,
      hyper_parameters: job.hyper_parameters,
      training_data_config: job.training_data_config,
      training_metrics: job.training_metrics,
      base_model_arn: job.base_model_arn,
      serving: [{ arn: throughputArn }, { arn: deploymentArn }],
    });
    expect(lineage).not.toHaveProperty('parent_model_arn');
  });
});
