import { describe, expect, it } from '@jest/globals';
import { nameOf, outcomeOf, stateOf, type FollowedJob } from '../../../../lib/cli/follow/wait.ts';

const JOB: FollowedJob = {
  job_arn: 'arn:job',
  job_name: 'triage-7',
  status: 'InProgress',
  creation_time: '2026-08-10T02:00:00.000Z',
};
const ENDED = { ...JOB, end_time: '2026-08-10T05:12:00.000Z' };
const RUNNING = { status: 'InProgress' };

describe('how a followed job stands', () => {
  it.each<[string, Partial<FollowedJob>, string]>([
    ['nothing begun', {}, 'InProgress'],
    ['a sub-task', { status_details: { training_details: RUNNING } }, 'InProgress (training)'],
    [
      'the latest of two',
      { status_details: { validation_details: RUNNING, data_processing_details: RUNNING } },
      'InProgress (data processing)',
    ],
    ['a sub-task that nobody ended', { status: 'Failed', status_details: { training_details: RUNNING } }, 'Failed'],
    ['a status that AWS added', { status: 'Queued' }, 'Queued'],
  ])('with %s', (_, change, state) => {
    expect(stateOf({ ...JOB, ...change })).toBe(state);
  });

  it('is told of its ARN where it has no name', () => {
    expect(nameOf({ job_arn: 'arn:job' })).toBe('arn:job');
  });
});

describe('how a followed job ended', () => {
  it.each<[FollowedJob, string]>([
    [
      { ...ENDED, status: 'Completed', output_model_arn: 'arn:model' },
      'triage-7 Completed after 3 h 12 min. Its model is arn:model.',
    ],
    [
      { ...ENDED, status: 'Failed', failure_message: 'No access to s3://a' },
      'triage-7 Failed after 3 h 12 min: No access to s3://a.',
    ],
    [{ ...ENDED, status: 'Stopped' }, 'triage-7 Stopped after 3 h 12 min.'],
    [{ ...JOB, status: 'Failed' }, 'triage-7 Failed.'],
    [JOB, 'triage-7 is InProgress.'],
    [
      { ...JOB, missing_since: '2026-08-10T04:00:00.000Z' },
      'triage-7 is gone: Bedrock does not know it any more since 2026-08-10T04:00:00Z. Its last status was InProgress.',
    ],
    [
      { ...JOB, untracked_since: '2026-08-10T04:00:00.000Z' },
      'triage-7 is not tracked any more since 2026-08-10T04:00:00Z. Its last status was InProgress.',
    ],
    [
      { ...ENDED, status: 'Completed', missing_since: '2026-08-11T00:00:00.000Z' },
      'triage-7 Completed after 3 h 12 min.',
    ],
  ])('%#', (job, sentence) => {
    expect(outcomeOf(job)).toBe(sentence);
  });

  it('is one line that changes nothing of a terminal, whatever Bedrock says', () => {
    const said = outcomeOf({
      ...ENDED,
      status: 'Failed',
      failure_message: 'a\u001b[2Jb\r\nc\u009b',
      job_name: 'x\u0007',
    });
    expect(said).toMatch(/^x\S* Failed after/);
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(said).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});
