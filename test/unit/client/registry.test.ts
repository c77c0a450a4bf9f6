import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { shardsOf, STATE_SHARDS } from '../../../lib/contract.ts';
import { readModelsSource, readSource } from '../../../lib/client/environment.ts';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { JobsClientOptions } from '../../../lib/client/requests.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const [A, B, C] = ['111111111111#us-east-1', '111111111111#us-west-2', '222222222222#us-east-1'] as const;
const dynamoDb = mockClient(DynamoDBDocumentClient);
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
let now = 0;
const client = (options: JobsClientOptions = {}) =>
  createJobsClient(documents, {
    ...{ tableName: 'jobs', scopes: '*', sweepsTableName: 'sweeps', clock: () => now },
    ...options,
  });
const inputs = () => dynamoDb.commandCalls(QueryCommand).map(({ args }) => args[0].input);
const keyOf = ({ ExpressionAttributeValues: values = {} }: QueryCommandInput) => String(Object.values(values)[0]);
const ofIndex = (index: string) => inputs().filter(({ IndexName }) => IndexName === index);

/** The index by state answers with these scopes, the other indexes with nothing. */
const register = (scopesOf: (shard: string) => readonly string[]): void => {
  dynamoDb.on(QueryCommand).callsFake((input: QueryCommandInput) => ({
    Items: input.IndexName === 'by-state' ? scopesOf(keyOf(input)).map((scope) => ({ scope })) : [],
    ConsumedCapacity: { CapacityUnits: 0.5 },
  }));
};

beforeEach(() => {
  now = 0;
  dynamoDb.reset();
  register((shard) => (shard === 'active#1' ? [A] : shard === 'idle#0' ? [B, C] : []));
});

describe('the registered scopes', () => {
  it('are those with jobs, by their keys alone, and count towards the cost of the call that reads them', async () => {
    const page = await client().listJobs();
    expect(ofIndex('by-scope').map(keyOf)).toEqual([A, B, C]);
    const shards = [...shardsOf('active'), ...shardsOf('idle'), ...shardsOf('active')];
    expect(ofIndex('by-state').map(keyOf)).toEqual(shards);
    expect(ofIndex('by-state')[0]).toMatchObject({ TableName: 'sweeps', ProjectionExpression: '#arn' });
    expect(page).toMatchObject({ readUnits: (3 + shards.length) / 2, requests: 3 + shards.length });
  });

  it('are kept for five minutes, for calls at the same time too', async () => {
    const jobs = client();
    await Promise.all([jobs.listJobs(), jobs.listJobs(), jobs.summarize()]);
    now = 5 * MINUTE - 1;
    expect(await jobs.listJobs()).toMatchObject({ requests: 3 });
    expect(ofIndex('by-state')).toHaveLength(3 * STATE_SHARDS);
    register((shard) => (shard === 'idle#0' ? [C] : []));
    now = 5 * MINUTE;
    dynamoDb.resetHistory();
    await jobs.listJobs();
    expect(ofIndex('by-scope').map(keyOf)).toEqual([C]);
  });

  it('include one that becomes active after active ones were read, and before idle ones are', async () => {
    let isActive = false;
    register((shard) => {
      if (shard.startsWith('idle')) isActive = true;
      return shard === 'active#0' && isActive ? [A] : [];
    });
    await client().listJobs();
    expect(ofIndex('by-scope').map(keyOf)).toEqual([A]);
  });

  it('come once each where one becomes idle meanwhile', async () => {
    register((shard) => (shard.endsWith('#0') ? [A] : []));
    await client().listJobs();
    expect(ofIndex('by-scope').map(keyOf)).toEqual([A]);
  });

  it('are read again after a failure', async () => {
    const jobs = client();
    dynamoDb.on(QueryCommand).rejects(Object.assign(new Error('busy'), { name: 'ThrottlingException' }));
    await expect(jobs.listJobs()).rejects.toThrow('busy');
    register(() => [C]);
    await jobs.listJobs();
    expect(ofIndex('by-scope').map(keyOf)).toEqual([C]);
  });

  it.each<[string, Parameters<ReturnType<typeof client>['listJobs']>[0]]>([
    ['an account and Region', { account: '111111111111', region: 'us-east-1' }],
    ['the ARN of a base model', { baseModel: 'arn:aws:bedrock:us-east-1::foundation-model/x' }],
    ['active jobs', { active: true }],
    ['finished jobs', { active: false }],
    ['a status', { status: 'Failed' }],
    ['changes', { modifiedAfter: '2026-01-01T00:00:00Z' }],
  ])('are not read for %s, which other indexes answer', async (_what, request) => {
    await client().listJobs(request);
    expect(ofIndex('by-state')).toEqual([]);
  });

  it('are narrowed by an account or a Region', async () => {
    await client().listJobs({ account: '111111111111' });
    expect(ofIndex('by-scope').map(keyOf)).toEqual([A, B]);
    dynamoDb.resetHistory();
    await client().listJobs({ region: 'us-east-1', active: true, sortBy: 'creation_time' });
    expect(ofIndex('active').map(keyOf)).toEqual([A, C]);
  });
});

describe('where the registered scopes are read', () => {
  const variables = { JOBS_TABLE_NAME: 'jobs', MODELS_TABLE_NAME: 'models', TRACKED_SCOPES: ' * ' };

  it('is the table of the variable, unless the option names one', () => {
    for (const source of [
      readSource({}, { ...variables, SWEEPS_TABLE_NAME: 'sweeps' }),
      readSource({ scopes: '*', sweepsTableName: 'sweeps' }, { JOBS_TABLE_NAME: 'jobs' }),
      readModelsSource({}, { ...variables, SWEEPS_TABLE_NAME: 'sweeps' }).models,
    ]) {
      expect(source).toMatchObject({ scopes: [], registry: expect.any(Function) });
    }
    const named = [{ accountId: '111111111111', region: 'us-east-1' }];
    expect(readSource({ scopes: named }, variables)).toMatchObject({ scopes: named });
  });

  it('must be named', () => {
    const message = 'no sweeps table is named: give the option sweepsTableName, or set the variable SWEEPS_TABLE_NAME';
    expect(() => readSource({}, variables)).toThrow(message);
    expect(() => readModelsSource({ scopes: '*' }, { MODELS_TABLE_NAME: 'models' })).toThrow(message);
  });
});
