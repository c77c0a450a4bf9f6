import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PARAMETER } from '../../../lib/contract.ts';
import { awsIn, clientsOf, eventually } from '../support/aws.ts';
import { commandsOf, runAsUser, USER } from '../support/deploy-page.ts';
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

describe.each([['CDK, from a clone', 'BedrockJobTracker']])('docs/deploy.md, %s', (heading, name) => {
  beforeAll(() => runAsUser(commandsOf(heading)), 10 * MINUTES);
  // Two trackers in one account would need a prefix each.
  afterAll(() => deleteStack(name, USER), MINUTES);

  test('its commands deploy a tracker that tracks', async () => {
    expect(await trackJob()).toMatchObject({ status: 'InProgress', observed_via: 'event' });
  });
});
