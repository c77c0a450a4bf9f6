import { TrackerError } from '../../lib/domain/errors.ts';
import type { Scope } from '../../lib/domain/identity.ts';
import { modelSummaryOf, servedOf } from '../../lib/domain/model-normalize.ts';
import type { Serving } from '../../lib/domain/model-kind.ts';
import type { BedrockAnswer } from '../../lib/domain/normalize.ts';
import type { BedrockModels } from '../../lib/tracking/ports.ts';
import { SCOPE } from './fixtures.ts';

const BASE = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k';
const arn = (type: string, id: string, { accountId, region }: Scope) =>
  `arn:aws:bedrock:${region}:${accountId}:${type}/${id.padStart(12, '0')}`;

export const modelArn = (id: string, scope: Scope = SCOPE) => arn('custom-model/amazon.nova-lite-v1:0:300k', id, scope);
export const deploymentArn = (id: string, scope: Scope = SCOPE) => arn('custom-model-deployment', id, scope);
export const throughputArn = (id: string, scope: Scope = SCOPE) => arn('provisioned-model', id, scope);

/** A minute of 2026-01-01. */
export const minute = (of: number) => new Date(Date.UTC(2026, 0, 1, 0, of));

export const customModel = (id: string, change: Readonly<Record<string, unknown>> = {}): BedrockAnswer => ({
  modelArn: modelArn(id),
  modelName: `model-${id}`,
  jobArn: `arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/${id.padStart(12, '0')}`,
  jobName: `job-${id}`,
  baseModelArn: BASE,
  customizationType: 'FINE_TUNING',
  creationTime: minute(0),
  modelStatus: 'Active',
  hyperParameters: { epochCount: '2' },
  ...change,
});

/** As both its list and its Get show it. */
export const deployment = (
  id: string,
  model: string,
  change: Readonly<Record<string, unknown>> = {},
): BedrockAnswer => ({
  customModelDeploymentArn: deploymentArn(id),
  customModelDeploymentName: `deployment-${id}`,
  modelArn: model,
  createdAt: minute(1),
  lastUpdatedAt: minute(2),
  status: 'Active',
  ...change,
});

export const throughput = (
  id: string,
  model: string,
  change: Readonly<Record<string, unknown>> = {},
): BedrockAnswer => ({
  provisionedModelArn: throughputArn(id),
  provisionedModelName: `throughput-${id}`,
  modelArn: model,
  desiredModelArn: model,
  modelUnits: 1,
  desiredModelUnits: 1,
  creationTime: minute(1),
  lastModifiedTime: minute(2),
  status: 'InService',
  ...change,
});

const NAMES = {
  deployments: ['customModelDeploymentArn', 'customModelDeploymentName'],
  provisioned_throughputs: ['provisionedModelArn', 'provisionedModelName'],
} as const;

/** Custom models in memory: what Bedrock knows, what it was asked, and what its lists do not show yet. */
export const fakeModels = (...models: readonly BedrockAnswer[]) => {
  const world = {
    models: new Map(models.map((model) => [String(model['modelArn']), model])),
    deployments: new Map<string, BedrockAnswer>(),
    provisioned_throughputs: new Map<string, BedrockAnswer>(),
    tags: new Map<string, Record<string, string>>(),
    /** ARNs that lists leave out, and what they show of others. */
    lag: new Map<string, BedrockAnswer | undefined>(),
    calls: [] as string[],
    refusals: new Map<string, Error>(),
    serve: (list: keyof Serving, ...entries: readonly BedrockAnswer[]) => {
      for (const entry of entries) world[list].set(String(entry[NAMES[list][0]]), entry);
    },
  };
  const call = (name: string): void => {
    world.calls.push(name);
    const refusal = world.refusals.get(name);
    if (refusal) throw refusal;
  };
  const find = (all: Map<string, BedrockAnswer>, identifier: string, name: string): BedrockAnswer => {
    const found = all.get(identifier) ?? [...all.values()].find((one) => one[name] === identifier);
    if (found) return found;
    throw new TrackerError('MODEL_NOT_FOUND', `Bedrock has nothing "${identifier}".`);
  };
  const listed = (all: Map<string, BedrockAnswer>, scope: Scope): BedrockAnswer[] =>
    [...all].flatMap(([key, one]) => {
      if (!key.includes(`:${scope.region}:${scope.accountId}:`)) return [];
      const shown = world.lag.has(key) ? world.lag.get(key) : one;
      return shown === undefined ? [] : [shown];
    });
  const bedrockModelsOf = (scope: Scope): BedrockModels => ({
    getModel: async (identifier) => {
      call(`GetCustomModel ${identifier}`);
      return Promise.resolve(find(world.models, identifier, 'modelName'));
    },
    listTags: async (of) => {
      call(`ListTagsForResource ${of}`);
      return Promise.resolve(world.tags.get(of) ?? {});
    },
    getServing: async (list, identifier) => {
      call(`Get ${list} ${identifier}`);
      const served = servedOf(list, find(world[list], identifier, NAMES[list][1]));
      if (served === undefined) throw new Error('no ARN');
      return Promise.resolve(served);
    },
    async *listModels({ createdBefore }) {
      call('ListCustomModels');
      const all = listed(world.models, scope)
        .flatMap((one) => modelSummaryOf(one) ?? [])
        .filter((one) => createdBefore === undefined || (one.creation_time ?? '') < createdBefore);
      for (const one of all.sort((a, b) => (b.creation_time ?? '').localeCompare(a.creation_time ?? '')))
        yield await Promise.resolve(one);
    },
    async *listServing(list, model) {
      call(`List ${list} ${model ?? 'all'}`);
      for (const one of listed(world[list], scope)) {
        const served = servedOf(list, one);
        if (served && (model === undefined || served.modelArn === model)) yield await Promise.resolve(served);
      }
    },
  });
  return { ...world, bedrockModelsOf };
};
