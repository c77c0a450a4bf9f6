import { expect, it } from '@jest/globals';
import { GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { lambdaEventSources } from '../../../lambdas/reconcile-jobs/event-sources.ts';

it.each([
  ['Enabled', 'Updating', true],
  ['Enabled', 'Disabled', false],
  ['Disabling', 'Enabled', false],
])('takes streams in the states %s and %s for read together: %s', async (jobs, models, isRead) => {
  const lambda = mockClient(LambdaClient);
  lambda.on(GetEventSourceMappingCommand, { UUID: 'jobs' }).resolves({ State: jobs });
  lambda.on(GetEventSourceMappingCommand, { UUID: 'models' }).resolves({ State: models });
  const sources = lambdaEventSources(new LambdaClient({}), { transitions: ['jobs', 'models'] });
  expect(await sources.transitions?.()).toBe(isRead);
});
