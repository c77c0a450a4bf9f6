import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createModelsClient } from '../../../lib/client/models-client.ts';
import type { ListModelsRequest, ModelsClientOptions } from '../../../lib/client/requests.ts';
import { manyModel, pointersOf } from '../../support/models.ts';

const MODEL = manyModel(0);
const [POINTER] = pointersOf(MODEL);
const JOB = {
  job_arn: MODEL.job_arn,
  hyper_parameters: { epochCount: '3' },
  training_metrics: { training_loss: 'NaN' },
};
const SERVING = POINTER?.model_arn ?? '';

const dynamoDb = mockClient(DynamoDBDocumentClient);
const client = (options: ModelsClientOptions = {}) =>
  createModelsClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), {
    ...{ modelsTableName: 'models', jobsTableName: 'jobs', scopes: [] },
    ...options,
  });
const sent = () => dynamoDb.calls().map(({ args }) => args[0].constructor.name.replace('Command', ''));

beforeEach(() => {
  dynamoDb.reset();
  dynamoDb.on(QueryCommand).resolves({ Items: [] });
  dynamoDb.on(GetCommand).resolves({});
  dynamoDb.on(GetCommand, { TableName: 'models', Key: { model_arn: SERVING } }).resolves({ Item: { ...POINTER } });
  dynamoDb
    .on(GetCommand, { TableName: 'models', Key: { model_arn: MODEL.model_arn } })
    .resolves({ Item: { ...MODEL } });
  dynamoDb.on(GetCommand, { TableName: 'jobs', Key: { job_arn: JOB.job_arn } }).resolves({ Item: JOB });
});

describe('lineage by what serves', () => {
  it('reads the model and its job in one request, each from its table', async () => {
    const ConsumedCapacity = [{ CapacityUnits: 1 }, { CapacityUnits: 2 }];
    dynamoDb.on(BatchGetCommand).resolves({ ConsumedCapacity, Responses: { models: [{ ...MODEL }], jobs: [JOB] } });
    const { lineage, ...cost } = await client().lineage(SERVING, { consistent: false });
    expect(lineage).toMatchObject({ model: MODEL, job: JOB, training_metrics: { training_loss: 'NaN' } });
    expect(cost).toEqual({ requests: 2, readUnits: 3 });
    expect(dynamoDb.commandCalls(BatchGetCommand)[0]?.args[0].input.RequestItems).toEqual({
      models: { Keys: [{ model_arn: MODEL.model_arn }], ConsistentRead: false },
      jobs: { Keys: [{ job_arn: JOB.job_arn }], ConsistentRead: false },
    });
  });

  it.each([
    [
      'DynamoDB left one of them',
      { Responses: { jobs: [JOB], models: [] }, UnprocessedKeys: { models: { Keys: [{}] } } },
    ],
    ['DynamoDB names a table otherwise, as by its ARN', { Responses: { other: [] } }],
  ])('reads one by one where %s', async (_why, answer) => {
    dynamoDb.on(BatchGetCommand).resolves(answer);
    expect((await client().lineage(SERVING)).lineage).toMatchObject({ model: MODEL, job: JOB });
  });

  it('has the job alone, or the model alone, where a table has lost the other', async () => {
    const lost: readonly [Record<string, object[]>, string][] = [
      [{ models: [], jobs: [JOB] }, 'model'],
      [{ models: [{ ...MODEL }], jobs: [] }, 'job'],
    ];
    for (const [Responses, left] of lost) {
      dynamoDb.on(BatchGetCommand).resolves({ Responses });
      const { lineage } = await client().lineage(SERVING);
      expect(lineage).not.toHaveProperty(left);
      expect(lineage).toMatchObject({ model_arn: MODEL.model_arn, job_arn: JOB.job_arn });
    }
  });
});

describe('an error says what to do', () => {
  it.each<[string, string, string]>([
    [
      'arn:aws:bedrock:us-east-1:111122223333:custom-model/x/unknown00000',
      'MODEL_NOT_FOUND',
      'after the next sweep of models',
    ],
    [
      'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/unknown00000',
      'MODEL_NOT_FOUND',
      'Foundation models have none',
    ],
    ['nobody', 'MODEL_NOT_FOUND', 'whether its account and Region are tracked'],
    [
      'arn:aws:bedrock:us-east-1:1:model-customization-job/a.b/unknown00000',
      'JOB_NOT_FOUND',
      'No record leads from arn:',
    ],
    [
      'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
      'BAD_REQUEST',
      'is a foundation model, which no job made; listModels finds',
    ],
    ['arn:aws:bedrock:us-east-1:1:constructor/x', 'BAD_REQUEST', 'is not the ARN of a job'],
    ['arn:aws:s3:::acme', 'BAD_REQUEST', 'arn:aws:s3:::acme is not the ARN of a job, custom model, deployment'],
    ['', 'BAD_REQUEST', 'name a model, deployment, provisioned throughput or job'],
    ['x'.repeat(1012), 'BAD_REQUEST', 'by its ARN or name'],
    ['arn:\u001b[2J\u202e', 'BAD_REQUEST', 'is not the ARN'],
  ])('by %j: %s', async (text, code, message) => {
    const error: unknown = await client()
      .lineage(text)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect((error as Error).message).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });

  it.each([undefined, null, 5, {}, []])('for a name that is %j, before anything is read', async (text) => {
    await expect(client().lineage(text as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(client().getModel(text as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(sent()).toEqual([]);
  });

  it('where no table is named', async () => {
    const withoutModels = () => client({ modelsTableName: '' });
    expect(withoutModels).toThrow('give the option modelsTableName, or set the variable MODELS_TABLE_NAME');
    expect(withoutModels).toThrow('deployed with models: false');
    await expect(client({ jobsTableName: '' }).lineage(SERVING)).rejects.toThrow('No jobs table is named');
    expect(sent()).toEqual([]);
  });

  it.each<[ListModelsRequest, string, string]>([
    [{}, 'SCAN_NEEDED', 'name jobArn or baseModel'],
    [
      { jobArn: 'my-job', serving: 1 } as never,
      'BAD_REQUEST',
      'serving must be true or false; jobArn must be the ARN of a job',
    ],
    [{ active: true } as never, 'BAD_REQUEST', 'unknown members active; the members are status, account'],
    [{ cursor: 'x' }, 'SCAN_NEEDED', 'allowScan: true'],
  ])('for the list %j: %s', async (request, code, message) => {
    await expect(client().listModels(request)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(sent()).toEqual([]);
  });

  it("refuses a cursor of the jobs table's lists", async () => {
    const scopes = [{ accountId: '111122223333', region: 'us-east-1' }];
    await expect(client({ scopes }).listModels({ cursor: 'YmpfAQ' })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
  });
});

describe('the variables', () => {
  afterEach(() => {
    for (const name of ['MODELS_TABLE_NAME', 'JOBS_TABLE_NAME']) Reflect.deleteProperty(process.env, name);
  });

  it('are enough for a client without arguments', async () => {
    expect(() => createModelsClient()).toThrow('No models table is named');
    Object.assign(process.env, { MODELS_TABLE_NAME: 'models', JOBS_TABLE_NAME: 'jobs' });
    expect((await createModelsClient().getModel(SERVING)).model).toEqual(MODEL);
  });
});
