import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PARAMETER } from '../../../lib/contract.ts';
import { parameterOf } from '../support/aws.ts';
import { follow, hasTerraform, USER, type Addition } from '../support/deploy-page.ts';
import { trackJob } from '../support/events.ts';
import { deleteStack } from '../support/template.ts';

const MINUTES = 60_000;

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
      const { record } = await trackJob(USER, await parameterOf(PARAMETER.jobsTableName, USER));
      expect(record).toMatchObject({ status: 'InProgress', observed_via: 'event' });
    });
  });
}
