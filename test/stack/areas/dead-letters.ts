import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/aws.ts';
import { putEvents, sampleEvent, stateChange } from '../support/events.ts';
import { createJob, setFaults } from '../support/jobs.ts';
import {
  allTracked,
  attributesOf,
  deadLetters,
  depthOf,
  jobEvents,
  redrive,
  send,
  setPatience,
  take,
} from '../support/queues.ts';
import { recordOf, recordWith } from '../support/records.ts';

/** Five tries, each after the patience of the queue. */
const FIVE_TRIES_SECONDS = 45;

describe('dead letters', () => {
  let patience = 0;
  // As deployed a message waits six minutes for its next try: a check cannot wait for five of them.
  beforeAll(async () => {
    patience = Number((await attributesOf(jobEvents))['VisibilityTimeout']);
    await setPatience(1);
  });
  afterAll(() => setPatience(patience));

  test('messages that nobody understands end as dead letters, and hold up none of the others', async () => {
    const job = await createJob();
    await putEvents(
      stateChange({ jobStatus: 'Completed' }),
      sampleEvent('state-change-in-progress', job),
      stateChange({ jobArn: 'arn:aws:s3:::no-job', jobStatus: 'Completed' }),
    );
    await send('not JSON');
    await recordWith(job.arn, 'InProgress');
    const bodies = await take(deadLetters, 3, FIVE_TRIES_SECONDS);
    expect(bodies).toContain('not JSON');
    expect(bodies.filter((body) => body.includes('Model Customization Job State Change'))).toHaveLength(2);
    await allTracked();
  });

  test('an event that Bedrock denied becomes a record by redrive, once the reason is gone', async () => {
    const job = await createJob();
    await setFaults({ accessDenied: [`GetModelCustomizationJob:${job.name}`] });
    await putEvents(sampleEvent('state-change-in-progress', job));
    await eventually(
      'a dead letter',
      async () => ((await depthOf(deadLetters)) === 1 ? true : undefined),
      FIVE_TRIES_SECONDS,
    );
    expect(await recordOf(job.arn)).toBeUndefined();
    await setFaults({});
    await redrive();
    await recordWith(job.arn, 'InProgress');
    expect(await depthOf(deadLetters)).toBe(0);
  });
});
