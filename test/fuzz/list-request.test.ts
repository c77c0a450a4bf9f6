import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { createJobsClient } from '../../lib/client/jobs-client.ts';
import { JOBS_TABLE, MODELS_TABLE } from '../../lib/contract.ts';
import { planList } from '../../lib/client/list/plan.ts';
import { readInput } from '../../lib/client/list/read.ts';
import { planModels } from '../../lib/client/list/plan-models.ts';
import { parseListRequest, parseModelsRequest } from '../../lib/client/list/validate.ts';
import { createModelsClient } from '../../lib/client/models-client.ts';
import type { ListJobsRequest, ListModelsRequest } from '../../lib/client/requests.ts';
import { windowOf } from '../../lib/client/summarize.ts';
import { DAY } from '../../lib/domain/time.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileText, hostileValue, mutatedDocument, nested } from './support/inputs.ts';

const SCOPES = ['us-east-1', 'us-west-2'].map((region) => ({ accountId: '111111111111', region }));
const REQUESTS: readonly ListJobsRequest[] = [
  {},
  { status: ['Failed', 'Stopped'], tag: [{ key: 'team', value: 'ml' }, { key: 'stage' }], limit: 5, order: 'oldest' },
  { active: true, account: '111111111111', region: 'us-east-1', nameContains: 'triage', sortBy: 'creation_time' },
  { baseModel: 'amazon.nova-lite-v1:0:300k', createdAfter: '2026-01-01T00:00:00Z', createdBefore: new Date(1.8e12) },
  { modifiedAfter: '2026-01-01T00:00+05:30', customizationType: 'FINE_TUNING', allowScan: true, maxReadUnits: 3 },
];
const JOBS = { tableName: 'jobs', schema: JOBS_TABLE };
const MODELS = { tableName: 'models', schema: MODELS_TABLE };
/** Of a summary. */
const MOST_DAYS = 3660;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const parse = (request: unknown) => {
  const question = parseListRequest(request as ListJobsRequest);
  const plan = planList(question, question.allowScan ? [] : SCOPES);
  return { question, inputs: plan.partitions.map((partition) => readInput(JOBS, plan, partition, 'beginning', 10)) };
};

const MODEL_REQUESTS: readonly ListModelsRequest[] = [
  { serving: true, removed: false, status: 'Active', tag: { key: 'team' }, nameContains: 'triage', order: 'oldest' },
  { jobArn: 'arn:aws:bedrock:us-east-1:111111111111:model-customization-job/a.b/abcdefghwxyz', limit: 7 },
  { baseModel: 'amazon.nova-lite-v1:0:300k', serving: false, allowScan: true, createdAfter: '2026-01-01T00:00:00Z' },
];
const parseModels = (request: unknown) => {
  const question = parseModelsRequest(request as ListModelsRequest);
  const plan = planModels(question, question.allowScan ? [] : SCOPES);
  return plan.partitions.map((partition) => readInput(MODELS, plan, partition, 'beginning', 10));
};

/** Every placeholder of an expression is defined, and every definition is used: DynamoDB refuses what is not so. */
const checkPlaceholders = (input: ReturnType<typeof readInput>): void => {
  const texts = [input.KeyConditionExpression, input.FilterExpression, input.ProjectionExpression].join(' ');
  const used = new Set(texts.match(/[#:][nv]\d+/g) ?? []);
  const defined = [input.ExpressionAttributeNames ?? {}, input.ExpressionAttributeValues ?? {}].flatMap(Object.keys);
  expect([...used].sort()).toEqual(defined.sort());
  // Nothing of a request stands in the text itself.
  expect(texts).toMatch(
    /^(?:[#:][nv]\d+|AND|OR|NOT|IN|BETWEEN|contains|attribute_exists|attribute_not_exists|[ ().,=<>])*$/,
  );
};

describe('a request of the client', () => {
  fuzz({
    parser: 'List request',
    inputs: mutatedDocument(REQUESTS, hostileValue),
    parse,
    codes: ['BAD_REQUEST', 'SCAN_NEEDED'],
    check: ({ question, inputs }) => {
      const times = [question.created.from, question.created.to, question.modifiedFrom];
      for (const time of times) if (time !== undefined) expect(time).toMatch(TIME);
      expect(question.limit).toBeGreaterThanOrEqual(1);
      inputs.forEach(checkPlaceholders);
    },
  });

  fuzz({
    parser: 'Models request',
    inputs: mutatedDocument(MODEL_REQUESTS, hostileValue),
    parse: parseModels,
    codes: ['BAD_REQUEST', 'SCAN_NEEDED'],
    check: (inputs) => inputs.forEach(checkPlaceholders),
  });

  fuzz({
    parser: 'Name of a model',
    inputs: fc.oneof(
      hostileText,
      hostileText.map((text) => `arn:aws:bedrock:us-east-1:1:provisioned-model/${text}`),
      hostileValue,
    ),
    parse: async (name) => {
      const answers = { send: () => Promise.resolve({ Items: [], ConsumedCapacity: { CapacityUnits: 1 } }) };
      const client = createModelsClient(answers as never, { modelsTableName: 'models', jobsTableName: 'jobs' });
      const { model } = await client.getModel(name as string);
      const refusal: unknown = await client.lineage(name as string).catch((error: unknown) => error);
      return { model, refusal };
    },
    codes: ['BAD_REQUEST'],
    check: ({ model, refusal }) => {
      expect(model).toBeUndefined();
      expect(refusal).toMatchObject({ code: 'MODEL_NOT_FOUND' });
    },
  });

  fuzz({
    parser: 'Summary request',
    inputs: mutatedDocument(REQUESTS, hostileValue),
    parse: (request) => windowOf(request as object, 1_790_000_000_000).window,
    codes: ['BAD_REQUEST'],
    check: ({ from, before }) => expect(before - from).toBeLessThanOrEqual(MOST_DAYS * DAY),
  });

  fuzz({
    parser: 'Name of a job',
    inputs: fc.oneof(
      hostileText,
      hostileText.map((text) => `arn:${text}`),
      hostileValue,
    ),
    parse: async (name) => {
      const answers = { send: () => Promise.resolve({ Items: [], ConsumedCapacity: { CapacityUnits: 1 } }) };
      const client = createJobsClient(answers as never, { tableName: 'jobs', scopes: SCOPES });
      return [
        (await client.getJob(name as string)).job,
        (await client.jobThatMade(`arn:aws:bedrock:x:1:custom-model/${String(name)}`)).job,
      ];
    },
    codes: ['BAD_REQUEST'],
    check: (found) => expect(found).toEqual([undefined, undefined]),
  });

  refuseHuge('a request', {
    'filters in 100,000 levels': () => parse({ tag: nested() }),
    '1,000,000 statuses': () => parse({ status: Array(1_000_000).fill('x') }),
    '100,000 members that there are none of': () =>
      parse(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`\u001b${n}`, n]))),
    'a time of 10 MB': () => parse({ createdAfter: '2'.repeat(10_000_000) }),
    'a model of 10 MB': () => parse({ baseModel: 'a'.repeat(10_000_000) }),
  });
});
