import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PARAMETER } from '../../../lib/contract.ts';
import { awsIn, clientsOf, eventually } from '../support/aws.ts';
import { follow, hasTerraform, USER, type Addition } from '../support/deploy-page.ts';
import { putEventsBy, sampleEvent } from '../support/events.ts';
import { createJob } from '../support/jobs.ts';
import { deleteStack } from '../support/template.ts';

const MINUTES = 60_000;

/** A job of the user's account, once the deployed tracker has a record of it. */
const trackJob = async (): Promise<Record<string, unknown>> => {
  const { bedrock, events, table } = clientsOf(USER);
  const name = ['--name', PARAMETER.jobsTableName];
  const { Parameter } = await awsIn<{ Parameter: { Value: string } }>(USER, 'ssm', 'get-parameter', ...name);
  const job = await createJob({}, bedrock);
  await putEventsBy(events, [sampleEvent('state-change-in-progress', job, USER)]);
  return eventually(`a record of ${job.arn}`, async () => {
    const key = { TableName: Parameter.Value, Key: { job_arn: job.arn }, ConsistentRead: true };
    return (await table.send(new GetCommand(key))).Item;
  });
};

interface Way {
  readonly heading: string;
  readonly stackName: string;
  readonly addition?: Addition;
}

const WAYS: readonly Way[] = [
  { heading: 'CDK, from a clone', stackName: 'BedrockJobTracker' },
  { heading: 'CDK, TypeScript', stackName: 'FineTuning' },
  { heading: 'CDK, Python', stackName: 'FineTuning' },
  { heading: 'AWS CLI alone', stackName: 'BedrockJobTracker' },
  {
    heading: 'Terraform',
    stackName: 'BedrockJobTracker',
    addition: {
      // Nothing is left to do.
      more: 'terraform plan -detailed-exitcode',
      // No name server knows the buckets of the emulator.
      override: { name: 'provider_override.tf', content: 'provider "aws" {\n  s3_use_path_style = true\n}\n' },
    },
  },
];

/** Why a way cannot be run here. */
const missing: Readonly<Record<string, string | undefined>> = {
  // It comes from nowhere that every machine reaches.
  Terraform: hasTerraform ? undefined : 'without terraform and TERRAFORM_PROVIDERS',
};

for (const { heading, stackName, addition } of WAYS) {
  const why = missing[heading];
  const name = ['docs/deploy.md', heading, ...(why === undefined ? [] : [why])].join(', ');
  (why === undefined ? describe : describe.skip)(name, () => {
    beforeAll(() => follow(heading, addition), 10 * MINUTES);
    // Two trackers in one account would need a prefix each.
    afterAll(() => deleteStack(stackName, USER), MINUTES);

    test('its commands deploy a tracker that tracks', async () => {
      expect(await trackJob()).toMatchObject({ status: 'InProgress', observed_via: 'event' });
    });
  });
}
