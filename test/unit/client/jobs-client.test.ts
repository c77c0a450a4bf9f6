import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { JOBS_TABLE } from '../../../lib/contract.ts';
import { readSource } from '../../../lib/client/environment.ts';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { JobsClientOptions, ListJobsRequest } from '../../../lib/client/requests.ts';

const ID = 'abcdefghwxyz';
const arnOf = (id = ID, account = '111111111111', region = 'us-east-1') =>
  `arn:aws:bedrock:${region}:${account}:model-customization-job/amazon.nova-lite-v1:0:300k/${id}`;
const MODEL_ARN = `arn:aws:bedrock:us-east-1:111111111111:custom-model/amazon.nova-lite-v1:0:300k/${ID}`;
const SCOPES = [
  { accountId: '111111111111', region: 'us-east-1' },
  { accountId: '222222222222', region: 'eu-west-1' },
];

const dynamoDb = mockClient(DynamoDBDocumentClient);
const client = (options: JobsClientOptions = { scopes: SCOPES }) =>
  createJobsClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), {
    tableName: 'jobs',
    ...options,
  });

const UNIT = { ConsumedCapacity: { CapacityUnits: 0.5 } };
/** The index answers these ARNs to a lookup of that value, and every ARN has a record. */
const jobsCalled = (value: string, arns: readonly string[]) => {
  dynamoDb
    .on(QueryCommand, { ExpressionAttributeValues: { ':value': value } })
    .resolves({ ...UNIT, Items: arns.map((job_arn) => ({ job_arn })) });
};
const sent = () =>
  dynamoDb.calls().map(({ args: [{ input }] }) => {
    const { IndexName, Key } = input as { IndexName?: string; Key?: { job_arn: string } };
    return IndexName ?? Key?.job_arn ?? 'scan';
  });

beforeEach(() => {
  dynamoDb.reset();
  dynamoDb.on(QueryCommand).resolves({ ...UNIT, Items: [] });
  dynamoDb
    .on(GetCommand)
    .callsFake(({ Key, ConsistentRead }: { Key: { job_arn: string }; ConsistentRead: boolean }) => ({
      ConsumedCapacity: { CapacityUnits: ConsistentRead ? 1 : 0.5 },
      Item: { ...Key, transitions: [{ to: 'InProgress' }], transitions_folded: 3 },
    }));
});

describe('getJob', () => {
  it('reads by ARN with one consistent read, and tells its cost', async () => {
    expect(await client().getJob(arnOf())).toMatchObject({ job: { job_arn: arnOf() }, readUnits: 1, requests: 1 });
    expect(dynamoDb.commandCalls(GetCommand)[0]?.args[0].input).toEqual({
      TableName: 'jobs',
      Key: { job_arn: arnOf() },
      ConsistentRead: true,
      ReturnConsumedCapacity: 'TOTAL',
    });
  });

  it('reads for half where it need not be consistent', async () => {
    expect(await client().getJob(arnOf(), { consistent: false })).toMatchObject({ readUnits: 0.5 });
  });

  it('finds a job by its name', async () => {
    jobsCalled('my-job', [arnOf()]);
    expect(await client().getJob('my-job')).toMatchObject({ job: { job_arn: arnOf() }, readUnits: 1.5, requests: 2 });
    expect(sent()).toEqual(['by-job-name', arnOf()]);
  });

  it('takes 12 characters for an id as well as for a name', async () => {
    jobsCalled(ID, [arnOf()]);
    expect((await client().getJob(ID)).job?.job_arn).toBe(arnOf());
    expect(sent()).toEqual(['by-job-id', 'by-job-name', arnOf()]);
  });

  it('finds the job of a short ARN by its id, and no other account’s', async () => {
    jobsCalled(ID, [arnOf()]);
    const short = (account: string) => `arn:aws:bedrock:us-east-1:${account}:model-customization-job/${ID}`;
    expect((await client().getJob(short('111111111111'))).job?.job_arn).toBe(arnOf());
    expect((await client().getJob(short('222222222222'))).job).toBeUndefined();
    expect(sent()).toEqual(['by-job-id', arnOf(), 'by-job-id']);
  });

  it('follows a lookup to its end', async () => {
    const key = { job_name: 'my-job', creation_time: 't', job_arn: 'a' };
    dynamoDb
      .on(QueryCommand)
      .resolvesOnce({ ...UNIT, Items: [], LastEvaluatedKey: key })
      .resolves({ ...UNIT, Items: [{ job_arn: arnOf() }] });
    expect(await client().getJob('my-job')).toMatchObject({ job: { job_arn: arnOf() }, requests: 3 });
    expect(dynamoDb.commandCalls(QueryCommand)[1]?.args[0].input.ExclusiveStartKey).toEqual(key);
  });

  it('answers no job where nothing is called so, or the index has an entry whose record is gone', async () => {
    expect(await client().getJob('nobody')).toEqual({ job: undefined, readUnits: 0.5, requests: 1 });
    jobsCalled('gone', [arnOf()]);
    dynamoDb.on(GetCommand).resolves({ ConsumedCapacity: { CapacityUnits: 1 } });
    expect(await client().getJob('gone')).toEqual({ job: undefined, readUnits: 1.5, requests: 2 });
  });

  it('lists the jobs of a name that several scopes know, and reads the one of an account or Region', async () => {
    const abroad = arnOf(ID, '222222222222', 'eu-west-1');
    jobsCalled('my-job', [arnOf(), abroad]);
    await expect(client().getJob('my-job')).rejects.toMatchObject({
      code: 'AMBIGUOUS_JOB',
      message: `2 jobs are called my-job. Give the account and region, or the ARN. They are ${abroad}, ${arnOf()}.`,
    });
    expect((await client().getJob('my-job', { account: '222222222222' })).job?.job_arn).toBe(abroad);
    expect((await client().getJob('my-job', { region: 'us-east-1' })).job?.job_arn).toBe(arnOf());
    expect((await client().getJob('my-job', { region: 'us-west-2' })).job).toBeUndefined();
  });

  it('lists ten of many', async () => {
    jobsCalled(
      'my-job',
      Array.from({ length: 12 }, (_, n) => arnOf(ID, String(111111111111 + n))),
    );
    const { message } = (await client()
      .getJob('my-job')
      .catch((error: unknown) => error)) as Error;
    expect(message.match(/arn:aws/g)).toHaveLength(10);
    expect(message).toMatch(/^12 jobs are called my-job. .* and 2 more\.$/);
  });

  it.each(['', 'x'.repeat(1012), MODEL_ARN, 'arn:aws:s3:::bucket', 7 as unknown as string])(
    'refuses %p, which can name no job',
    async (text) => {
      await expect(client().getJob(text)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      expect(sent()).toEqual([]);
    },
  );

  it('throws what DynamoDB throws', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    dynamoDb.on(GetCommand).rejects(denied);
    await expect(client().getJob(arnOf())).rejects.toBe(denied);
  });
});

describe('transitions and jobThatMade', () => {
  it('answer the history, or none', async () => {
    expect(await client().transitions(arnOf())).toEqual({
      transitions: [{ to: 'InProgress' }],
      folded: 3,
      readUnits: 1,
      requests: 1,
    });
    expect(await client().transitions('nobody')).toMatchObject({ transitions: undefined, folded: 0 });
  });

  it('answer the job of a model', async () => {
    jobsCalled(MODEL_ARN, [arnOf()]);
    expect(await client().jobThatMade(MODEL_ARN)).toMatchObject({ job: { job_arn: arnOf() }, readUnits: 1.5 });
    expect(sent()).toEqual(['by-output-model', arnOf()]);
    await expect(client().jobThatMade(arnOf())).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(client().jobThatMade('my-model')).rejects.toThrow('name a custom model by its ARN');
  });
});

const job = (n: number, scope = 0) => ({
  job_arn: arnOf(String(n).padStart(12, '0'), SCOPES[scope]?.accountId, SCOPES[scope]?.region),
  scope: `${SCOPES[scope]?.accountId ?? ''}#${SCOPES[scope]?.region ?? ''}`,
  creation_time: new Date(n * 1000).toISOString(),
  job_name: `job-${n}`,
});

describe('listJobs', () => {
  it('answers what every index has of a job, whichever it was', async () => {
    dynamoDb.on(QueryCommand).resolves({ ...UNIT, Items: [{ ...job(1), active_scope: 'x', more: 1 }] });
    const page = await client().listJobs({ active: true, account: '111111111111' });
    const { scope: _scope, ...summary } = job(1);
    expect(page).toEqual({ jobs: [summary], index: 'active', sortedBy: 'creation_time', readUnits: 0.5, requests: 1 });
  });

  it('spends no more than it may, and has a cursor where there may be more', async () => {
    const last = { scope: job(1).scope, creation_time: job(1).creation_time, job_arn: job(1).job_arn };
    dynamoDb.on(QueryCommand).resolves({ ConsumedCapacity: { CapacityUnits: 3 }, Items: [], LastEvaluatedKey: last });
    const request: ListJobsRequest = { account: '111111111111', nameContains: 'x', maxReadUnits: 7 };
    const page = await client().listJobs(request);
    expect(page).toMatchObject({ jobs: [], readUnits: 9, requests: 3, cursor: expect.any(String) });
    const limits = dynamoDb.commandCalls(QueryCommand).map(({ args }) => args[0].input.Limit);
    // Few at first; later what the units that are left can pay.
    expect(limits).toEqual([56, 32, 8]);
    dynamoDb.on(QueryCommand).resolves({ ...UNIT, Items: [job(0)] });
    const next = await client().listJobs({ ...request, maxReadUnits: 1, cursor: page.cursor ?? '' });
    expect(next).toMatchObject({ jobs: [{ job_name: 'job-0' }], requests: 1 });
    expect(dynamoDb.commandCalls(QueryCommand).at(-1)?.args[0].input.ExclusiveStartKey).toEqual(last);
  });

  it('reads of several partitions a bit more than their share, and of one what is asked for', async () => {
    await client().listJobs({ limit: 10 });
    await client().listJobs({ limit: 10, region: 'us-east-1' });
    expect(dynamoDb.commandCalls(QueryCommand).map(({ args }) => args[0].input.Limit)).toEqual([8, 8, 10]);
  });

  it('sends nothing for a request that is wrong, needs a scan, or has a cursor of another', async () => {
    await expect(client().listJobs({ limit: 0 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(client({ scopes: [] }).listJobs()).rejects.toMatchObject({ code: 'SCAN_NEEDED' });
    await expect(client().listJobs({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
    await expect(client().iterateJobs({ limit: 0 }).next()).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(client({ scopes: [] }).summarize()).rejects.toMatchObject({ code: 'SCAN_NEEDED' });
    expect(sent()).toEqual([]);
  });

  it('scans where that is allowed, and says so', async () => {
    dynamoDb.on(ScanCommand).resolves({ ConsumedCapacity: { CapacityUnits: 2 }, Items: [job(1)] });
    const page = await client({ scopes: [] }).listJobs({ allowScan: true });
    expect(page).toEqual({
      jobs: [expect.objectContaining({ job_name: 'job-1' })],
      index: 'table',
      readUnits: 2,
      requests: 1,
    });
  });
});

describe('iterateJobs', () => {
  it('gives all jobs of all partitions in order, reads none twice, and returns the cost', async () => {
    const pages: Record<string, { Items: object[]; LastEvaluatedKey?: object }[]> = {
      [job(0).scope]: [{ Items: [job(9), job(5)], LastEvaluatedKey: job(5) }, { Items: [job(4)] }],
      [job(0, 1).scope]: [{ Items: [job(8, 1), job(7, 1), job(6, 1)] }],
    };
    dynamoDb
      .on(QueryCommand)
      .callsFake(({ ExpressionAttributeValues }: { ExpressionAttributeValues: { ':v0': string } }) => ({
        ...UNIT,
        ...pages[ExpressionAttributeValues[':v0']]?.shift(),
      }));
    const jobs = client().iterateJobs();
    const names: (string | undefined)[] = [];
    let step = await jobs.next();
    for (; step.done !== true; step = await jobs.next()) names.push(step.value.job_name);
    expect(names).toEqual([9, 8, 7, 6, 5, 4].map((n) => `job-${n}`));
    expect(step.value).toEqual({ readUnits: 1.5, requests: 3 });
  });
});

describe('the table and scopes', () => {
  const variables = { JOBS_TABLE_NAME: 'mine', TRACKED_SCOPES: '111111111111#us-east-1, 222222222222#eu-west-1' };

  it('are those of the variables, unless options name others', () => {
    expect(readSource({}, variables)).toEqual({ tableName: 'mine', schema: JOBS_TABLE, scopes: SCOPES });
    expect(readSource({ tableName: 'other', scopes: [] }, variables)).toEqual({
      tableName: 'other',
      schema: JOBS_TABLE,
      scopes: [],
    });
    expect(readSource({}, { JOBS_TABLE_NAME: 'mine' })).toEqual({ tableName: 'mine', schema: JOBS_TABLE, scopes: [] });
  });

  it.each<[Record<string, string>, string]>([
    [{}, 'give the option tableName, or set the variable JOBS_TABLE_NAME'],
    [{ JOBS_TABLE_NAME: '' }, 'No jobs table is named'],
    [
      { ...variables, TRACKED_SCOPES: 'us-east-1' },
      'The variable TRACKED_SCOPES must name scopes as <account id of 12 digits>#<Region>',
    ],
  ])('are refused with what to do: %j', (env, message) => {
    expect(() => readSource({}, env)).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIGURATION', message: expect.stringContaining(message) }),
    );
  });

  describe('of the environment', () => {
    afterEach(() => {
      delete process.env['JOBS_TABLE_NAME'];
    });
    it('are enough for a client without arguments', () => {
      expect(() => createJobsClient()).toThrow('No jobs table is named');
      process.env['JOBS_TABLE_NAME'] = 'mine';
      expect(createJobsClient()).toBeDefined();
    });
  });
});
