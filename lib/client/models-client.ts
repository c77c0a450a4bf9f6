import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readModelsSource } from './environment.ts';
import { findLineage, findModel } from './lineage.ts';
import { iterateAll, listPage, type Kind } from './list/pages.ts';
import { planModels } from './list/plan-models.ts';
import { toModelSummary } from './list/read.ts';
import { parseModelsRequest } from './list/validate.ts';
import type { CustomModelSummary, ListModelsRequest, ModelsClient, ModelsClientOptions } from './requests.ts';

const MODELS: Kind<ListModelsRequest, CustomModelSummary> = {
  parse: parseModelsRequest,
  plan: planModels,
  toItem: toModelSummary,
};

/**
 * Creates a reader of the models table. In a function with `grantReadModels` and `grantReadJobs` it needs no arguments.
 *
 * @param client the caller's document client, with its Region, endpoint and credentials; by default the SDK's settings
 * @throws TrackerError BAD_CONFIGURATION if no models table is named
 */
export const createModelsClient = (
  client: DynamoDBDocumentClient = DynamoDBDocumentClient.from(new DynamoDBClient({})),
  options: ModelsClientOptions = {},
): ModelsClient => {
  const { models, jobs } = readModelsSource(options);
  return {
    getModel: (text, how) => findModel(client, models, text, how),
    async listModels(request = {}) {
      const { items, ...page } = await listPage(client, models, MODELS, request);
      return { models: items, ...page };
    },
    iterateModels: (request = {}) => iterateAll(client, models, MODELS, request),
    lineage: async (text, how) => findLineage(client, models, jobs(), text, how),
  };
};
