import { describe, expect, test } from '@jest/globals';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { createJob, endJob, getJob } from '../support/jobs.ts';
import { allTracked } from '../support/queues.ts';
import { recordOf, recordWith } from '../support/records.ts';

/** The changes of the job's own status. */
const changesOf = (record: JobRecord | undefined): unknown[] =>
  (record?.transitions ?? []).filter(({ task }) => task === undefined).map(({ from, to }) => [from, to]);

describe('events of Bedrock', () => {
  test('a state change event becomes a record of what Bedrock answers, not of what the event says', async () => {
    const job = await createJob({ team: 'ml' });
    await putEvents(sampleEvent('state-change-completed', job));
    const record = await recordWith(job.arn, 'InProgress');
    const answer = await getJob(job.arn);
    expect(record).toMatchObject({
      job_arn: job.arn,
      job_name: job.name,
      output_model_name: answer.outputModelName,
      base_model_arn: answer.baseModelArn,
      creation_time: answer.creationTime?.toISOString(),
      last_modified_time: answer.lastModifiedTime?.toISOString(),
      hyper_parameters: { epochCount: '2' },
      tags: { team: 'ml' },
      observed_via: 'event',
    });
    expect(changesOf(record)).toEqual([[null, 'InProgress']]);
  });

  test.each([
    { status: 'Completed', fixture: 'state-change-completed' },
    { status: 'Stopped', fixture: 'state-change-stopped' },
    { status: 'Failed', fixture: 'state-change-failed-documented-shape', message: 'The training data has no records.' },
  ] as const)('the change to $status is one transition of the record', async ({ status, fixture, ...given }) => {
    const message = 'message' in given ? given.message : undefined;
    const job = await createJob();
    await putEvents(sampleEvent('state-change-in-progress', job));
    await recordWith(job.arn, 'InProgress');
    await endJob(job.arn, status, message);
    await putEvents(sampleEvent(fixture, job));
    const record = await recordWith(job.arn, status);
    expect(changesOf(record)).toEqual([
      [null, 'InProgress'],
      ['InProgress', status],
    ]);
    expect(record.failure_message).toBe(message);
    expect(record).not.toHaveProperty('active_scope');
  });

  test('an event that comes ten times changes the record once', async () => {
    const job = await createJob();
    await putEvents(...Array.from({ length: 10 }, () => sampleEvent('state-change-in-progress', job)));
    await recordWith(job.arn, 'InProgress');
    await allTracked();
    const record = await recordOf(job.arn);
    expect(record?.revision).toBe(1);
    expect(changesOf(record)).toEqual([[null, 'InProgress']]);
  });

  test('events in the wrong order end in the record of the newest state', async () => {
    const job = await createJob();
    await endJob(job.arn, 'Completed');
    await putEvents(sampleEvent('state-change-completed', job));
    await recordWith(job.arn, 'Completed');
    await putEvents(sampleEvent('state-change-in-progress', job), sampleEvent('cloudtrail-create', job));
    await allTracked();
    const record = await recordOf(job.arn);
    expect(record).toMatchObject({ status: 'Completed', revision: 1 });
    expect(changesOf(record)).toEqual([[null, 'Completed']]);
  });
});
