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
import { errorOf, startStill } from '../../support/integration/simulator.ts';
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
  const calls = {
    makeModel,
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
