import {
  StopModelCustomizationJobCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type BedrockClient,
} from '@aws-sdk/client-bedrock';
import type { JobActions } from './dependencies.ts';

/** Stops and tags jobs with the client of their Region: one call each. */
export const bedrockActions = (clientOf: (region: string) => BedrockClient): JobActions => ({
  stop: async ({ job_arn, region }) => {
    await clientOf(region).send(new StopModelCustomizationJobCommand({ jobIdentifier: job_arn }));
  },
  tag: async ({ job_arn, region }, tags) => {
    const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
    await clientOf(region).send(new TagResourceCommand({ resourceARN: job_arn, tags: list }));
  },
  untag: async ({ job_arn, region }, keys) => {
    await clientOf(region).send(new UntagResourceCommand({ resourceARN: job_arn, tagKeys: [...keys] }));
  },
});
