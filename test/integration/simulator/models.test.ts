import { describe, expect, it } from '@jest/globals';
import {
  CreateCustomModelCommand,
  CreateCustomModelDeploymentCommand,
  CreateProvisionedModelThroughputCommand,
  DeleteCustomModelCommand,
  DeleteCustomModelDeploymentCommand,
  DeleteProvisionedModelThroughputCommand,
  GetCustomModelCommand,
  GetCustomModelDeploymentCommand,
  GetProvisionedModelThroughputCommand,
  ListCustomModelDeploymentsCommand,
  ListCustomModelsCommand,
  ListProvisionedModelThroughputsCommand,
  UpdateCustomModelDeploymentCommand,
  UpdateProvisionedModelThroughputCommand,
  type CreateProvisionedModelThroughputCommandInput,
  type ListCustomModelDeploymentsCommandInput,
  type ListCustomModelsCommandInput,
  type ListProvisionedModelThroughputsCommandInput,
} from '@aws-sdk/client-bedrock';
import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOf, errorOf, startStill } from '../../support/integration/simulator.ts';
import type { SimulatorOptions } from '../../../lib/simulator/index.ts';

const HOUR = 3_600_000;

/** A simulator with a completed job `first`, and the calls on models in short. */
const startWithModel = async (options: SimulatorOptions = {}) => {
  const started = await startStill(options);
  const { client, create, steer } = started;
  const makeModel = async (name: string, more = {}) => {
    const { jobArn } = await create(name, { customModelName: name, ...more });
    await steer(name, 'Completed');
    const { modelArn = '' } = await client.send(new GetCustomModelCommand({ modelIdentifier: name }));
    return { jobArn, modelArn };
  };
  const { url } = started.simulator;
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };
  const metrics = new CloudWatchClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 });
  const calls = {
    makeModel,
    cloudWatch: (input: GetMetricDataCommandInput) => metrics.send(new GetMetricDataCommand(input)),
    importModel: (modelName: string, more = {}) =>
      client.send(
        new CreateCustomModelCommand({
          modelName,
          modelSourceConfig: { s3DataSource: { s3Uri: 's3://acme-models/one/' } },
          ...more,
        }),
      ),
    getModel: (modelIdentifier: string) => client.send(new GetCustomModelCommand({ modelIdentifier })),
    deleteModel: (modelIdentifier: string) => client.send(new DeleteCustomModelCommand({ modelIdentifier })),
    listModels: async (input: ListCustomModelsCommandInput = {}) =>
      (await client.send(new ListCustomModelsCommand(input))).modelSummaries ?? [],
    deploy: async (modelDeploymentName: string, modelArn: string, more = {}) =>
      (await client.send(new CreateCustomModelDeploymentCommand({ modelDeploymentName, modelArn, ...more })))
        .customModelDeploymentArn ?? '',
    getDeployment: (customModelDeploymentIdentifier: string) =>
      client.send(new GetCustomModelDeploymentCommand({ customModelDeploymentIdentifier })),
    redeploy: (customModelDeploymentIdentifier: string, modelArn: string) =>
      client.send(new UpdateCustomModelDeploymentCommand({ customModelDeploymentIdentifier, modelArn })),
    undeploy: (customModelDeploymentIdentifier: string) =>
      client.send(new DeleteCustomModelDeploymentCommand({ customModelDeploymentIdentifier })),
    listDeployments: async (input: ListCustomModelDeploymentsCommandInput = {}) =>
      (await client.send(new ListCustomModelDeploymentsCommand(input))).modelDeploymentSummaries ?? [],
    provision: async (
      provisionedModelName: string,
      modelId: string,
      more: Partial<CreateProvisionedModelThroughputCommandInput> = {},
    ) =>
      (
        await client.send(
          new CreateProvisionedModelThroughputCommand({ provisionedModelName, modelId, modelUnits: 2, ...more }),
        )
      ).provisionedModelArn ?? '',
    getThroughput: (provisionedModelId: string) =>
      client.send(new GetProvisionedModelThroughputCommand({ provisionedModelId })),
    updateThroughput: (provisionedModelId: string, desired: object) =>
      client.send(new UpdateProvisionedModelThroughputCommand({ provisionedModelId, ...desired })),
    unprovision: (provisionedModelId: string) =>
      client.send(new DeleteProvisionedModelThroughputCommand({ provisionedModelId })),
    listThroughputs: async (input: ListProvisionedModelThroughputsCommandInput = {}) =>
      (await client.send(new ListProvisionedModelThroughputsCommand(input))).provisionedModelSummaries ?? [],
  };
  return { ...started, ...calls, first: await makeModel('first') };
};

describe('a custom model', () => {
  it('appears when its job completes, with what the job says, and not before', async () => {
    const { create, steer, getModel, listModels, makeModel, tagsOf, first } = await startWithModel();
    await create('second', { customModelName: 'second', customModelTags: [{ key: 'team', value: 'ml' }] });
    await expect(getModel('second')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await steer('second', 'Completed');
    const model = await getModel('second');
    expect(model).toMatchObject({
      modelName: 'second',
      jobName: 'second',
      modelStatus: 'Active',
      customizationType: 'FINE_TUNING',
      baseModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k',
      trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' },
      trainingMetrics: { trainingLoss: expect.any(Number) as unknown as number },
    });
    expect(await getModel(model.modelArn ?? '')).toMatchObject({ jobArn: model.jobArn });
    expect(await tagsOf(model.modelArn)).toEqual([{ key: 'team', value: 'ml' }]);
    const { modelArn } = await makeModel('third', { baseModelIdentifier: first.modelArn });
    expect(await listModels({ baseModelArnEquals: first.modelArn })).toMatchObject([{ modelArn }]);
    expect(await listModels({ foundationModelArnEquals: model.baseModelArn })).toHaveLength(3);
  });

  it('is imported without a job, and Creating until it is Active', async () => {
    const { importModel, getModel, listModels, time } = await startWithModel();
    const token = { clientRequestToken: 'import' };
    const { modelArn } = await importModel('imported', token);
    expect(await importModel('imported', token)).toMatchObject({ modelArn });
    await expect(importModel('other', { modelSourceConfig: undefined })).rejects.toThrow('must be set');
    await expect(importModel('first')).rejects.toMatchObject({ name: 'ValidationException' });
    expect(await getModel('imported')).toMatchObject({ modelStatus: 'Creating', customizationType: 'IMPORTED' });
    expect(await listModels({ modelStatus: 'Creating' })).toMatchObject([{ modelArn }]);
    await time.advance(HOUR);
    const model = await getModel('imported');
    expect([model.modelStatus, model.jobArn]).toEqual(['Active', undefined]);
    expect(await listModels({ modelStatus: 'Creating' })).toEqual([]);
  });

  it('is not deleted while anything serves it, then its name is free', async () => {
    const { deploy, undeploy, deleteModel, getModel, listModels, create, steer, first, time } = await startWithModel();
    const deployment = await deploy('live', first.modelArn);
    const refused = { name: 'ConflictException' };
    await expect(deleteModel('first')).rejects.toMatchObject(refused);
    await expect(undeploy(deployment)).rejects.toMatchObject(refused);
    await time.advance(HOUR);
    await undeploy('live');
    await deleteModel('first');
    expect(await listModels()).toEqual([]);
    await expect(deleteModel('first')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await create('again', { customModelName: 'first' });
    await steer('again', 'Completed');
    expect((await getModel('first')).modelArn).not.toBe(first.modelArn);
  });
});

describe('a deployment', () => {
  it('is Creating, then Active, and can be put before another model', async () => {
    const { deploy, redeploy, getDeployment, listDeployments, makeModel, deleteModel, first, time } =
      await startWithModel();
    const second = await makeModel('second');
    const arn = await deploy('live', first.modelArn, { description: 'For all.', tags: [{ key: 'a', value: 'b' }] });
    expect(await getDeployment('live')).toMatchObject({ status: 'Creating', description: 'For all.' });
    await expect(redeploy('live', second.modelArn)).rejects.toMatchObject({ name: 'ValidationException' });
    await time.advance(HOUR);
    await redeploy(arn, second.modelArn);
    const updateDetails = { modelArn: second.modelArn, updateStatus: 'Updating' };
    expect(await getDeployment(arn)).toMatchObject({ status: 'Active', modelArn: first.modelArn, updateDetails });
    await expect(deleteModel(second.modelArn)).rejects.toMatchObject({ name: 'ConflictException' });
    await time.advance(HOUR);
    expect(await getDeployment(arn)).toMatchObject({ modelArn: second.modelArn });
    expect(await listDeployments({ modelArnEquals: first.modelArn })).toEqual([]);
    const listed = await listDeployments({ modelArnEquals: second.modelArn, statusEquals: 'Active' });
    expect(listed).toMatchObject([{ customModelDeploymentArn: arn, customModelDeploymentName: 'live' }]);
    await deleteModel('first');
  });
});

describe('a provisioned throughput', () => {
  it('is Creating, then InService; an update gives it another name and another model', async () => {
    const { provision, getThroughput, updateThroughput, listThroughputs, makeModel, unprovision, first, time } =
      await startWithModel();
    const second = await makeModel('second');
    const arn = await provision('units', 'first');
    const foundationModelArn = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k';
    expect(await getThroughput('units')).toMatchObject({ status: 'Creating', modelUnits: 2, foundationModelArn });
    await time.advance(HOUR);
    await updateThroughput(arn, { desiredProvisionedModelName: 'renamed', desiredModelId: 'second' });
    await expect(getThroughput('units')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const changing = { modelArn: first.modelArn, desiredModelArn: second.modelArn };
    expect(await getThroughput('renamed')).toMatchObject({ status: 'Updating', ...changing });
    await time.advance(HOUR);
    expect(await listThroughputs({ modelArnEquals: second.modelArn })).toMatchObject([{ status: 'InService' }]);
    const other = await makeModel('other', { baseModelIdentifier: 'amazon.nova-micro-v1:0:128k' });
    await expect(updateThroughput(arn, { desiredModelId: other.modelArn })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await unprovision(arn);
    expect(await listThroughputs()).toEqual([]);
  });

  it('with a commitment is deleted after its end alone', async () => {
    const { provision, getThroughput, unprovision, time } = await startWithModel();
    const arn = await provision('units', 'first', { commitmentDuration: 'OneMonth' });
    await time.advance(HOUR);
    const end = (await getThroughput(arn)).commitmentExpirationTime?.getTime() ?? 0;
    expect(await errorOf(unprovision(arn))).toMatchObject({ name: 'ConflictException' });
    await time.advance(end - time.now());
    await unprovision(arn);
  });

  it('may be of a foundation model', async () => {
    const { provision, getThroughput } = await startWithModel();
    await provision('units', 'amazon.nova-pro-v1:0:24k');
    const modelArn = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0:24k';
    expect(await getThroughput('units')).toMatchObject({ modelArn, foundationModelArn: modelArn });
  });
});

describe('the use of what serves', () => {
  const metric = (id: string, MetricName: string, arn: string, Period = 3600) => ({
    Id: id,
    MetricStat: {
      Metric: { Namespace: 'AWS/Bedrock', MetricName, Dimensions: [{ Name: 'ModelId', Value: arn }] },
      Period,
      Stat: 'Sum' as const,
    },
  });

  it('is told by CloudWatch, by the hour or the day, for 455 days', async () => {
    const { simulator, cloudWatch, provision, time } = await startWithModel();
    const arn = await provision('units', 'first');
    const now = time.now();
    simulator.use(arn, { invocations: 1, inputTokens: 9 }, now - 454 * 24 * HOUR);
    simulator.use(arn, { invocations: 1 }, now - 456 * 24 * HOUR);
    for (const hours of [0, 0, 1, 30]) simulator.use(arn, { invocations: 2, inputTokens: 10 }, now - hours * HOUR);
    const used = { arn, invocations: 1, at: new Date(now - HOUR).toISOString() };
    const steered = await fetch(`${simulator.url}/_simulator/use`, { method: 'POST', body: JSON.stringify(used) });
    expect(steered.status).toBe(200);
    const unknown = { method: 'POST', body: JSON.stringify({ ...used, arn: `${arn}x` }) };
    expect((await fetch(`${simulator.url}/_simulator/use`, unknown)).status).toBe(404);
    const range = { StartTime: new Date(now - 500 * 24 * HOUR), EndTime: new Date(now + 1) };
    const queries = [
      metric('hours', 'Invocations', arn),
      metric('days', 'InputTokenCount', arn, 86_400),
      metric('none', 'OutputTokenCount', arn.replace(/.$/, '0')),
      metric('unknown', 'constructor', arn),
    ];
    const { MetricDataResults: results = [] } = await cloudWatch({ ...range, MetricDataQueries: queries });
    const valuesOf = (id: string) => results.find(({ Id }) => Id === id)?.Values;
    expect(valuesOf('hours')).toEqual([4, 3, 2, 1]);
    expect(valuesOf('days')?.reduce((sum, value) => sum + value, 0)).toBe(49);
    expect([valuesOf('none'), valuesOf('unknown')]).toEqual([[], []]);
    expect(results[0]?.Timestamps?.[0]).toEqual(new Date(Math.floor(now / HOUR) * HOUR));
    expect(simulator.counts().received.GetMetricData).toBe(1);
  });

  it('comes in pages, and minutes of old data are gone', async () => {
    const { simulator, cloudWatch, provision, time } = await startWithModel();
    const arn = await provision('units', 'first');
    for (const hours of [1, 2, 3, 24 * 70]) simulator.use(arn, { invocations: hours }, time.now() - hours * HOUR);
    const input = { StartTime: new Date(0), EndTime: new Date(time.now()), ScanBy: 'TimestampAscending' as const };
    const queries = [metric('a', 'Invocations', arn, 300), metric('b', 'Invocations', arn)];
    const pages: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const page = await cloudWatch({ ...input, MetricDataQueries: queries, MaxDatapoints: 2, NextToken });
      pages.push(page.MetricDataResults?.map(({ Values, StatusCode }) => [Values, StatusCode]));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(pages).toEqual([
      [
        [[3, 2], 'PartialData'],
        [[], 'PartialData'],
      ],
      [
        [[1], 'Complete'],
        [[24 * 70], 'PartialData'],
      ],
      [
        [[], 'Complete'],
        [[3, 2], 'PartialData'],
      ],
      [
        [[], 'Complete'],
        [[1], 'Complete'],
      ],
    ]);
  });

  it.each([
    ['ends before it starts', { EndTime: new Date(0), StartTime: new Date(1000) }],
    ['has an Id twice', { MetricDataQueries: [metric('a', 'Invocations', 'x'), metric('a', 'Invocations', 'x')] }],
    ['has a period of 90 seconds', { MetricDataQueries: [metric('a', 'Invocations', 'x', 90)] }],
    [
      'has more than 500 metrics',
      { MetricDataQueries: Array.from({ length: 501 }, (_, n) => metric(`a${n}`, 'I', 'x')) },
    ],
    ['has an unknown token', { NextToken: 'more' }],
  ])('is refused where the request %s', async (_, change) => {
    const { cloudWatch } = await startWithModel();
    const input = { StartTime: new Date(0), EndTime: new Date(), MetricDataQueries: [], ...change };
    expect(await errorOf(cloudWatch(input))).toMatchObject({ name: 'ValidationException' });
  });

  it.each([
    ['AccessDeniedException', { accessDenied: ['GetMetricData'] }],
    ['ThrottlingException', { throttle: { ratePerSecond: 0, burst: 0 } }],
    ['InternalServerException', { failProbability: 1 }],
  ])('meets faults: %s', async (name, faults) => {
    const { simulator, cloudWatch } = await startWithModel();
    simulator.faults = faults;
    const input = { StartTime: new Date(0), EndTime: new Date(), MetricDataQueries: [] };
    expect(await errorOf(cloudWatch(input))).toMatchObject({ name });
  });
});

describe('the state file', () => {
  it('keeps models, what serves them, their tokens and their use', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'models-'));
    const stateFile = join(folder, 'state.json');
    const before = await startWithModel({ stateFile });
    const deployment = await before.deploy('live', before.first.modelArn, { clientRequestToken: 'once' });
    const throughput = await before.provision('units', 'first', { tags: [{ key: 'team', value: 'ml' }] });
    before.simulator.use(throughput, { invocations: 3 });
    await before.simulator.close();
    const { simulator } = await startStill({ stateFile, clock: before.time });
    const client = clientOf(simulator, '123456789012');
    const again = { modelDeploymentName: 'live', modelArn: before.first.modelArn, clientRequestToken: 'once' };
    const repeated = await client.send(new CreateCustomModelDeploymentCommand(again));
    expect(repeated.customModelDeploymentArn).toBe(deployment);
    await before.time.advance(HOUR);
    const found = await client.send(new GetProvisionedModelThroughputCommand({ provisionedModelId: 'units' }));
    expect(found).toMatchObject({ status: 'InService', provisionedModelArn: throughput });
    const overview: unknown = await (await fetch(`${simulator.url}/_simulator`)).json();
    expect(overview).toMatchObject({ scopes: [{ models: 1, deployments: 1, provisionedThroughputs: 1 }] });
    await simulator.close();
    const state = JSON.parse(readFileSync(stateFile, 'utf8')) as object;
    expect(state).toMatchObject({ use: [[throughput, [[expect.any(Number), { invocations: 3 }]]]] });
    rmSync(folder, { recursive: true });
  });

  it('of the first version gives completed jobs their models', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'models-'));
    const stateFile = join(folder, 'state.json');
    const before = await startWithModel({ stateFile });
    await before.simulator.close();
    const { models: _, use: __, ...old } = JSON.parse(readFileSync(stateFile, 'utf8')) as Record<string, unknown>;
    writeFileSync(stateFile, JSON.stringify(old));
    const { simulator } = await startStill({ stateFile, clock: before.time });
    const client = clientOf(simulator, '123456789012');
    const { modelArn } = await client.send(new GetCustomModelCommand({ modelIdentifier: 'first' }));
    expect(modelArn).toBe(before.first.modelArn);
    await simulator.close();
    rmSync(folder, { recursive: true });
  });
});

describe('a denied call', () => {
  it('may be of one deployment alone, and tells CloudTrail', async () => {
    const { simulator, deploy, undeploy, first, time } = await startWithModel();
    const events: unknown[] = [];
    simulator.onEvent(({ detail }) =>
      events.push([detail['eventName'], detail['errorCode'], detail['responseElements']]),
    );
    const live = await deploy('live', first.modelArn);
    const other = await deploy('other', first.modelArn);
    await time.advance(HOUR);
    simulator.faults = { accessDenied: ['DeleteCustomModelDeployment:live'] };
    await expect(undeploy(live)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await undeploy('other');
    expect(events).toEqual([
      ['CreateCustomModelDeployment', undefined, { customModelDeploymentArn: live }],
      ['CreateCustomModelDeployment', undefined, { customModelDeploymentArn: other }],
      ['DeleteCustomModelDeployment', 'AccessDenied', null],
      ['DeleteCustomModelDeployment', undefined, null],
    ]);
  });
});
