import { TagResourceCommand } from '@aws-sdk/client-bedrock';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { bedrock, eventually, stack } from '../support/aws.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { createJob, endJob } from '../support/jobs.ts';
import { recordOf, recordWith, sweep } from '../support/records.ts';

const SCOPE = `${stack.account}#${stack.region}`;

describe('sweeps by hand, while no event comes', () => {
  // The first sweep of a scope is a full one.
  beforeAll(() => sweep('active'));

  test('an active sweep finds a job that no event told of', async () => {
    const job = await createJob();
    await sweep('active');
    expect(await recordOf(job.arn)).toMatchObject({
      status: 'InProgress',
      observed_via: 'sweep',
      transitions: [{ from: null, to: 'InProgress', via: 'sweep' }],
    });
  });

  test('an active sweep corrects the record of a job that ended, and counts that', async () => {
    const job = await createJob();
    await sweep('active');
    await endJob(job.arn, 'Completed');
    const [result] = await sweep('active');
    expect(result).toMatchObject({ scope: SCOPE, finished: true, counts: { corrected: 1, missing: 0, failed: 0 } });
    const record = await recordWith(job.arn, 'Completed');
    expect(record.transitions.at(-1)).toMatchObject({ from: 'InProgress', to: 'Completed', via: 'sweep' });
  });

  test('a sweep that finds nothing new changes nothing', async () => {
    const [result] = await sweep('active');
    expect(result?.counts).toMatchObject({ drifted: 0, corrected: 0, missing: 0, failed: 0 });
  });

  test('a full sweep leaves tags to the trail, once that has told of a creation', async () => {
    const job = await createJob();
    await putEvents(sampleEvent('cloudtrail-create', job));
    await recordWith(job.arn, 'InProgress');
    await sweep('active');
    await endJob(job.arn, 'Completed');
    await sweep('full');
    await bedrock.send(new TagResourceCommand({ resourceARN: job.arn, tags: [{ key: 'env', value: 'prod' }] }));
    await sweep('full');
    expect(await recordOf(job.arn)).toMatchObject({ status: 'Completed', tags: {} });
    await putEvents(sampleEvent('cloudtrail-tag', job));
    await eventually('the new tag', async () => (await recordOf(job.arn))?.tags['env']);
  });
});
