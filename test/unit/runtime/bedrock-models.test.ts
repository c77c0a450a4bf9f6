import { BedrockClient } from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { bedrockModels } from '../../../lib/runtime/bedrock-models.ts';
import { deployment, deploymentArn, modelArn, throughput } from '../../support/fake-models.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { answeredBy, type SdkAnswer } from '../../support/sdk-answers.ts';

const ARN = modelArn('1');

/** The adapter to which Bedrock answers by path, and the requests that it made. */
const answering = (answerTo: (path: string, query: Readonly<Record<string, string>>) => SdkAnswer) => {
  const asked: string[] = [];
  const client = new BedrockClient({
    ...answeredBy(({ path, query }) => {
      asked.push(`${path}?${new URLSearchParams(query).toString()}`);
      return answerTo(path, query);
    }),
    maxAttempts: 1,
  });
  return { bedrock: bedrockModels(client, SCOPE), asked };
};

describe('the lists of models and of what serves them', () => {
  it('are read to the end, 1,000 a page, of own models alone', async () => {
    const { bedrock, asked } = answering((_path, { nextToken }) => ({
      body:
        nextToken === undefined
          ? { modelSummaries: [{ modelArn: ARN, modelStatus: 'Active' }], nextToken: 'x' }
          : { modelSummaries: [] },
    }));
    expect(await Array.fromAsync(bedrock.listModels({}))).toEqual([{ model_arn: ARN, status: 'Active' }]);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatch(/^\/custom-models\?.*maxResults=1000.*isOwned=true/);
  });

  it('ask for one model by its ARN', async () => {
    const { bedrock, asked } = answering(() => ({ body: { modelDeploymentSummaries: [deployment('a', ARN)] } }));
    expect(await Array.fromAsync(bedrock.listServing('deployments', ARN))).toMatchObject([
      {
        list: 'deployments',
        modelArn: ARN,
        entry: { arn: deploymentArn('a'), name: 'deployment-a', status: 'Active' },
      },
    ]);
    expect(new URLSearchParams(asked[0]?.split('?')[1]).get('modelArnEquals')).toBe(ARN);
  });

  it.each([
    ['createdAt', 'deployments', 'modelDeploymentSummaries', deployment],
    ['commitmentExpirationTime', 'provisioned_throughputs', 'provisionedModelSummaries', throughput],
  ] as const)('say which %s cannot be read, and read the rest', async (time, list, member, entryOf) => {
    const { bedrock } = answering(() => ({
      body: { [member]: [entryOf('a', ARN, { [time]: 'soon' }), entryOf('b', ARN)] },
    }));
    const [first, second] = await Array.fromAsync(bedrock.listServing(list));
    expect(first?.problem).toContain(`${time} ("soon")`);
    expect(first?.entry).toHaveProperty('status');
    expect(second).not.toHaveProperty('problem');
  });

  it.each([
    ['is not a list', { modelSummaries: {} }],
    ['lacks an ARN', { modelSummaries: [{ modelName: 'x' }] }],
  ])('are refused where the answer %s', async (_what, body) => {
    const { bedrock } = answering(() => ({ body }));
    await expect(Array.fromAsync(bedrock.listModels({}))).rejects.toMatchObject({ code: 'INVALID_MODEL' });
  });
});

describe('errors of calls about models', () => {
  it.each([
    ['ResourceNotFoundException', 'MODEL_NOT_FOUND'],
    ['AccessDeniedException', 'ACCESS_DENIED'],
    ['ValidationException', 'INVALID_MODEL'],
  ])('%s becomes %s', async (error, code) => {
    const { bedrock } = answering(() => ({ status: 400, error, body: { message: 'no' } }));
    await expect(bedrock.getModel(ARN)).rejects.toMatchObject({ code });
    await expect(bedrock.getServing('deployments', deploymentArn('a'))).rejects.toMatchObject({ code });
  });

  it('refuse an empty answer, which is not a look', async () => {
    await expect(answering(() => ({})).bedrock.getModel(ARN)).rejects.toMatchObject({ code: 'INVALID_MODEL' });
  });
});
