import { beforeAll, describe, expect, test } from '@jest/globals';
import { aws, stack } from '../support/aws.ts';
import { createJob } from '../support/jobs.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { jobEvents, attributesOf } from '../support/queues.ts';
import { recordOf, recordWith } from '../support/records.ts';
import { deleteStack } from '../support/template.ts';

describe('the deletion of the stack', () => {
  let kept = '';

  beforeAll(async () => {
    const job = await createJob();
    await putEvents(sampleEvent('state-change-in-progress', job));
    await recordWith(job.arn, 'InProgress');
    kept = job.arn;
    await deleteStack(stack.name);
  }, 90_000);

  test('leaves the table with its records', async () => {
    expect(await recordOf(kept)).toMatchObject({ status: 'InProgress' });
  });

  test('takes functions, rules and queues away', async () => {
    const { Functions } = await aws<{ Functions: unknown[] }>('lambda', 'list-functions');
    const { Rules } = await aws<{ Rules: unknown[] }>('events', 'list-rules', '--name-prefix', stack.name);
    expect({ Functions, Rules }).toEqual({ Functions: [], Rules: [] });
    await expect(attributesOf(jobEvents)).rejects.toThrow();
  });
});
