import {
  GetCustomModelCommand,
  GetCustomModelDeploymentCommand,
  GetProvisionedModelThroughputCommand,
  type BedrockClient,
} from '@aws-sdk/client-bedrock';
import type { Scope } from '../domain/identity.ts';
import type { Serving } from '../domain/model-kind.ts';
import { modelSummaryOf, servedOf, type Served } from '../domain/model-normalize.ts';
import type { BedrockModels } from '../tracking/ports.ts';
import { callsOf, PAGE_SIZE, type ErrorNames } from './bedrock-calls.ts';
import type { ListName } from './list-pages.ts';

const MODEL_ERRORS: ErrorNames = {
  notFound: 'MODEL_NOT_FOUND',
  invalid: 'INVALID_MODEL',
  nouns: {
    GetCustomModel: 'custom model',
    GetCustomModelDeployment: 'deployment',
    GetProvisionedModelThroughput: 'provisioned throughput',
  },
};

const NEWEST_FIRST = { maxResults: PAGE_SIZE, sortBy: 'CreationTime', sortOrder: 'Descending' } as const;

const SERVING_LISTS = {
  deployments: { name: 'ListCustomModelDeployments', what: 'deployments' },
  provisioned_throughputs: { name: 'ListProvisionedModelThroughputs', what: 'provisioned throughputs' },
} as const satisfies Record<keyof Serving, { name: ListName; what: string }>;

/** The custom models of one scope, and what serves them, by the SDK. */
export const bedrockModels = (client: BedrockClient, scope: Scope): BedrockModels => {
  const calls = callsOf(client, scope, MODEL_ERRORS);
  const getServing = (list: keyof Serving, identifier: string) =>
    list === 'deployments'
      ? calls.get('GetCustomModelDeployment', identifier, () =>
          client.send(new GetCustomModelDeploymentCommand({ customModelDeploymentIdentifier: identifier })),
        )
      : calls.get('GetProvisionedModelThroughput', identifier, () =>
          client.send(new GetProvisionedModelThroughputCommand({ provisionedModelId: identifier })),
        );
  const required = <T>(name: string, what: string, read: T | undefined): T => {
    if (read !== undefined) return read;
    throw calls.unreadable(name, what, 'it lacks an ARN');
  };
  return {
    getModel: (modelIdentifier) =>
      calls.get('GetCustomModel', modelIdentifier, () => client.send(new GetCustomModelCommand({ modelIdentifier }))),
    listTags: calls.listTags,
    getServing: async (list, identifier): Promise<Served> =>
      required('Get', `"${identifier}"`, servedOf(list, await getServing(list, identifier))),
    async *listModels({ createdBefore }) {
      const before = createdBefore === undefined ? {} : { creationTimeBefore: new Date(createdBefore) };
      // Models that other accounts share are those accounts' own.
      const input = { ...NEWEST_FIRST, isOwned: true, ...before };
      for await (const { summary, wrongTimes } of calls.list('ListCustomModels', input, 'models')) {
        yield required('ListCustomModels', 'all models', modelSummaryOf(summary, wrongTimes));
      }
    },
    async *listServing(list, modelArn) {
      const { name, what } = SERVING_LISTS[list];
      const input = { ...NEWEST_FIRST, ...(modelArn === undefined ? {} : { modelArnEquals: modelArn }) };
      for await (const { summary, wrongTimes } of calls.list(name, input, what)) {
        yield required(name, `all ${what}`, servedOf(list, summary, wrongTimes));
      }
    },
  };
};
