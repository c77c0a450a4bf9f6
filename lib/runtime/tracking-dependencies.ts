import type { BedrockClient } from '@aws-sdk/client-bedrock';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Scope } from '../domain/identity.ts';
import type { TrackingDependencies } from '../tracking/track-job.ts';
import type { ModelDependencies } from '../tracking/track-model.ts';
import { clientsOfScopes } from './bedrock-calls.ts';
import type { Configuration } from './configuration.ts';
import { bedrockJobs } from './bedrock-jobs.ts';
import { bedrockModels } from './bedrock-models.ts';
import { dynamoDbJobStore, dynamoDbModelStore } from './dynamodb-stores.ts';

/** What jobs are tracked with on AWS, and models where they have a table. */
export const trackingDependencies = (
  { jobsTable, modelsTable }: Pick<Configuration, 'jobsTable' | 'modelsTable'>,
  createClient: (scope: Scope) => BedrockClient,
  dynamoDb: DynamoDBDocumentClient,
): TrackingDependencies & { readonly models?: Omit<ModelDependencies, 'clock'> } => {
  const clientOf = clientsOfScopes(createClient);
  return {
    bedrockOf: (scope) => bedrockJobs(clientOf(scope), scope),
    jobs: dynamoDbJobStore(dynamoDb, jobsTable),
    clock: () => new Date(),
    ...(modelsTable === undefined
      ? {}
      : {
          models: {
            bedrockModelsOf: (scope: Scope) => bedrockModels(clientOf(scope), scope),
            models: dynamoDbModelStore(dynamoDb, modelsTable),
          },
        }),
  };
};
